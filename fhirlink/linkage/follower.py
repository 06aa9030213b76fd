"""The follower that tells which studies have to be linked anew.

It only says so (`fhirlink.linkage.dirty`): what is linked to what is found when a study
is folded, from what stands then. Of the record it keeps the keys by which it is joined.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from core.access import system
from core.changefeed import Entry
from core.followers import Follower
from fhirlink.linkage import dirty, key_rows, reports
from fhirlink.linkage.current import at_versions
from fhirlink.linkage.keys import DECISION, STUDY, Key, Kind, Owner, identifier_of
from fhirlink.linkage.orders import ORDER
from fhirlink.linkage.records import TYPES, keys_of
from fhirlink.models import (
    DirtyStudy,
    LinkedStudy,
    LinkKey,
    PatientLink,
    ReportLink,
)
from fhirlink.write import KIND as RESOURCE
from imaging.feed import KIND as INSTANCE

_STUDY: Final = "ImagingStudy"


class LinkFollower(Follower):
    """Marks the studies that entries touch, and keeps the keys of the record."""

    name = "linker"
    version = 2

    def apply(self, entries: Sequence[Entry]) -> None:
        """Take entries over; those that come twice change nothing."""
        dirty.mark(
            (entry.partition_id, entry.key[0])
            for entry in entries
            if entry.kind == INSTANCE and entry.partition_id is not None
        )
        by_partition: dict[int, dict[Owner, Entry]] = {}
        ours = system(self.name).name
        for entry in entries:
            if entry.kind == RESOURCE and entry.actor != ours:
                _collect(entry, by_partition)
        for partition_id, found in by_partition.items():
            _take_record(partition_id, found)

    def reset(self) -> None:
        """Forget what was derived; resources stay, and so does what persons said."""
        for model in (DirtyStudy, LinkedStudy, PatientLink, ReportLink):
            model.objects.all().delete()
        LinkKey.objects.exclude(owner_type=DECISION).delete()


def _collect(entry: Entry, to: dict[int, dict[Owner, Entry]]) -> None:
    type_, fhir_id = entry.key
    if entry.partition_id is not None and type_ in TYPES:
        to.setdefault(entry.partition_id, {})[Owner(type_, fhir_id)] = entry


def _take_record(partition_id: int, entries: Mapping[Owner, Entry]) -> None:
    """Keep the keys that resources have now, and mark the studies concerned."""
    versions = {owner: entry.version for owner, entry in entries.items()}
    content = at_versions([each for each in versions.values() if each is not None])
    new = {
        owner: keys_of(*owner, content[version]) if version in content else set()
        for owner, version in versions.items()
    }
    old = key_rows.keys_of(partition_id, list(entries))
    key_rows.replace_keys(partition_id, new, versions)
    touched = {owner: old[owner] | new[owner] for owner in entries}
    marked = {
        *_of_patients(partition_id, touched),
        *_of_orders(partition_id, touched),
        *_of_studies(partition_id, touched),
        *_of_documents(partition_id, touched),
        *_announced(touched),
    }
    dirty.mark((partition_id, uid) for uid in marked)
    reports.link_reports(partition_id, list(entries))


Touched = Mapping[Owner, Iterable[Key]]


def _of_patients(partition_id: int, touched: Touched) -> list[str]:
    """Return the studies of all whom Patients are joined with, or were."""
    terms = {
        key.term
        for owner, keys in touched.items()
        if owner.type == "Patient"
        for key in keys
        if key.kind is not Kind.LIKENESS
    }
    if not terms:
        return []
    joined = key_rows.reached(partition_id, terms)
    return key_rows.studies_of(partition_id, joined)


def _of_orders(partition_id: int, touched: Touched) -> set[str]:
    """Return the studies with the accession numbers of orders."""
    return _having(partition_id, touched, (ORDER,), Kind.ACCESSION)


def _of_studies(partition_id: int, touched: Touched) -> set[str]:
    """Return the studies that ImagingStudies of the record are."""
    return _having(partition_id, touched, (_STUDY,), Kind.STUDY)


def _of_documents(partition_id: int, touched: Touched) -> set[str]:
    """Return the studies with the documents that resources of the record are of."""
    return _having(partition_id, touched, reports.TYPES, Kind.DOCUMENT)


def _announced(touched: Touched) -> set[str]:
    """Return the studies that orders announce, or did."""
    named = (
        identifier_of(key.term)
        for owner, keys in touched.items()
        if owner.type == ORDER
        for key in keys
        if key.kind is Kind.STUDY
    )
    return {each.value for each in named if each is not None}


def _having(
    partition_id: int, touched: Touched, types: Collection[str], kind: Kind
) -> set[str]:
    terms = {
        key.term
        for owner, keys in touched.items()
        if owner.type in types
        for key in keys
        if key.kind is kind
    }
    found = key_rows.owners_of(partition_id, STUDY, kind, terms) if terms else {}
    return {uid for uids in found.values() for uid in uids}
