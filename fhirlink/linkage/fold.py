"""One fold of some studies of a partition: from the index and the record to changes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from fhirlink.linkage import (
    conflicts,
    contents,
    dirty,
    documents,
    facts,
    key_rows,
    keys,
    reports,
)
from fhirlink.linkage.announced import announced
from fhirlink.linkage.current import current
from fhirlink.linkage.device import is_news
from fhirlink.linkage.held_rows import REPORTS, read_reports, read_studies
from fhirlink.linkage.imaging_study import cancelled
from fhirlink.linkage.keys import STUDY, Key, Kind, Owner
from fhirlink.linkage.known_documents import known_documents
from fhirlink.linkage.made_rows import MadeResources, link_patients
from fhirlink.linkage.measurements import observations_of
from fhirlink.linkage.orders import Asked, Orders
from fhirlink.linkage.patients import Named, Patients
from fhirlink.linkage.report_tree import About
from fhirlink.linkage.source import Source
from fhirlink.linkage.targets import TYPE, Targets
from fhirlink.models import LinkedStudy
from fhirlink.write import Change

_MOST_TOGETHER: Final = 200  # keys of which others are looked for in one statement


class Fold:
    """What is known of some studies while they are folded."""

    def __init__(self, partition_id: int, source: Source, uids: Sequence[str]) -> None:
        self._partition_id = partition_id
        self._source = source
        self._uids = sorted(set(uids))
        read = read_studies(partition_id, self._uids, source.most_instances)
        self._facts = {uid: facts.facts_of(e, source) for uid, e in read.items()}
        self._targets = Targets(partition_id, source, self._uids)
        gone = [uid for uid in self._uids if uid not in self._facts]
        self._announced = announced(partition_id, gone)
        self._gone = {
            **self._announced,
            **self._targets.last(gone),
        }
        self._before = {
            row.study_instance_uid: row
            for row in LinkedStudy.objects.filter(
                partition=partition_id, study_instance_uid__in=self._uids
            )
        }
        self._keys = self._keys_of_now()
        self._of_record: dict[str, list[str]] = {}
        self._made = MadeResources(partition_id, self._uids)
        made = {
            k: v for each in self._facts.values() for k, v in each.documents.items()
        }
        before = self._made.before(documents.TYPE)
        self._known = known_documents(partition_id, made, before)

    def run(self) -> list[Change]:
        """Keep the rows of the studies; return what is to be written of resources."""
        joining = self._replace_keys()
        rows = self._keep_rows()
        who = self._patients(joining)
        self._mark_others(who)
        asked = {
            uid: Asked(each, who.subject_of(each.term) if each.term else "")
            for uid, each in sorted(self._facts.items())
        }
        changes = [*self._shared(), *who.changes(), *self._studies(asked)]
        changes += self._provenance(asked)
        self._link(rows, who)
        made = self._made.of_type(documents.TYPE)
        reports.link_studies(self._partition_id, self._uids, made)
        found = {
            uid: conflicts.found_in(each.facts, who) for uid, each in asked.items()
        }
        conflicts.keep(self._partition_id, self._uids, found)
        return changes

    def _keys_of_now(self) -> dict[str, set[Key]]:
        found = {}
        for uid in self._uids:
            held, study_id = self._facts.get(uid), self._targets.ids[uid]
            if held is not None:
                found[uid] = facts.keys_of(held, study_id)
            else:
                is_known = uid in self._gone
                found[uid] = facts.study_keys(uid, study_id) if is_known else set()
        return found

    def _replace_keys(self) -> set[str]:
        """Keep the keys of now; return those that join patients, of before and now."""
        owners = {uid: Owner(STUDY, uid) for uid in self._uids}
        old = key_rows.keys_of(self._partition_id, list(owners.values()))
        new = {owners[uid]: found for uid, found in self._keys.items()}
        key_rows.replace_keys(self._partition_id, new)
        every = [key for found in (*old.values(), *new.values()) for key in found]
        return {key.term for key in every if key.kind in keys.JOINING}

    def _keep_rows(self) -> list[LinkedStudy]:
        """Keep what the studies say, which matching reads; return the rows."""
        rows = []
        for uid in self._uids:
            held = self._facts.get(uid)
            if held is None and uid not in self._gone:
                continue
            values = {
                "fhir_id": self._targets.ids[uid],
                "held_since": held.read.key if held else None,
                "patient_id": held.read.patient if held else None,
                "term": held.term if held else "",
                "told": dict(held.told) if held else {},
            }
            row, _ = LinkedStudy.objects.update_or_create(
                partition_id=self._partition_id,
                study_instance_uid=uid,
                defaults=values,
            )
            rows.append(row)
        return rows

    def _patients(self, joining: set[str]) -> Patients:
        named = {
            each.term: Named(each.patient, each.is_placeholder)
            for each in self._facts.values()
            if each.term
        }
        return Patients.of(
            self._partition_id, self._source, named, joining | set(named)
        )

    def _mark_others(self, who: Patients) -> None:
        """Have other studies folded whose patient is another one by this fold."""
        terms = sorted(who.known.oldest)
        for at in range(0, len(terms), _MOST_TOGETHER):
            changed = Q(pk__in=[])
            for term in terms[at : at + _MOST_TOGETHER]:
                changed |= Q(term=term) & ~Q(matched=who.fingerprint(term))
            others = LinkedStudy.objects.filter(
                changed, partition=self._partition_id, held_since__isnull=False
            ).exclude(study_instance_uid__in=self._uids)
            found = others.values_list("study_instance_uid", flat=True)
            dirty.mark((self._partition_id, uid) for uid in found)

    def _shared(self) -> list[Change]:
        """Return endpoints, and devices of which something newer is said."""
        shared = contents.shared_by(list(self._facts.values()), self._source)
        devices = [each["id"] for each in shared if each["resourceType"] == "Device"]
        held = current(self._partition_id, "Device", devices) if devices else {}
        return [
            Change(each["resourceType"], each["id"], "PUT", each)
            for each in shared
            if each["resourceType"] != "Device"
            or is_news(each, held.get(each["id"], {}))
        ]

    def _studies(self, asked: Mapping[str, Asked]) -> list[Change]:
        orders = Orders(self._partition_id, list(asked.values()))
        made = self._made
        for uid in (*asked, *self._gone):
            if self._targets.is_ours(uid):
                made.note(uid, TYPE, self._targets.ids[uid])
        changes = self._cancelled()
        linked: dict[Owner, set[Key]] = {}
        for uid, each in asked.items():
            based_on, found = orders.of(each)
            base = self._targets.bases.get(uid)
            made_of_images = contents.study_content(
                each.facts, each.subject, based_on, self._source
            )
            content, self._of_record[uid] = contents.with_record(made_of_images, base)
            changes.append(Change(TYPE, self._targets.ids[uid], "PUT", content))
            for told in self._told(each):
                type_, made_id = told["resourceType"], told["id"]
                made.note(uid, type_, made_id)
                changes.append(Change(type_, made_id, "PUT", told))
            if each.subject:
                found.add(Key(Kind.SUBJECT, keys.address("Patient", each.subject)))
            linked[Owner(STUDY, uid)] = self._keys[uid] | found
        key_rows.replace_keys(self._partition_id, linked)
        return [*changes, *made.taken_back(self._known.own)]

    def _told(self, asked: Asked) -> Iterator[Mapping[str, Any]]:
        """Yield what the reports of a study have measured, and the documents in it."""
        study_id = self._targets.ids[asked.facts.read.held.uid]
        subject = contents.subject_reference(asked.facts, asked.subject)
        for place, model in read_reports(asked.facts.read.reports):
            uid = place.sop_instance_uid
            about = About(uid, study_id, subject, self._source)
            if place.sop_class_uid in REPORTS:
                yield from observations_of(model, about)
            if place.sop_class_uid in documents.CLASSES and uid not in self._known.uids:
                yield documents.document_of(model, place, about)

    def _cancelled(self) -> list[Change]:
        """Return what becomes of studies that are gone, or are yet to come.

        One of the record is what the record says of it.
        """
        contents_ = {
            uid: self._targets.bases.get(uid)
            or self._announced.get(uid)
            or cancelled(last)
            for uid, last in self._gone.items()
        }
        return [
            Change(TYPE, self._targets.ids[uid], "PUT", each)
            for uid, each in contents_.items()
        ]

    def _provenance(self, asked: Mapping[str, Asked]) -> list[Change]:
        """Return what tells that studies are of another patient than before."""
        at = timezone.now()
        changes = []
        for uid, each in asked.items():
            row = self._before.get(uid)
            old = row.subject if row else ""
            if old and each.subject and old != each.subject:
                id_ = self._source.id_of("Provenance", uid, old, each.subject)
                content = contents.provenance_of(self._targets.ids[uid], old, at)
                changes.append(Change("Provenance", id_, "PUT", content))
        return changes

    def _link(self, rows: Sequence[LinkedStudy], who: Patients) -> None:
        """Keep what the studies are linked to."""
        for row in rows:
            held, term = self._facts.get(row.study_instance_uid), row.term
            row.subject = who.subject_of(term) if term else ""
            row.how = who.matches[term].how if term else ""
            row.matched = who.fingerprint(term) if term else ""
            row.notes = held.notes.as_json() if held else []
            row.of_record = self._of_record.get(row.study_instance_uid, [])
            row.folded_at = timezone.now()
        fields = ["subject", "how", "matched", "notes", "of_record", "folded_at"]
        LinkedStudy.objects.bulk_update(rows, fields)
        kept = {row.study_instance_uid for row in rows}
        lost = [row.pk for uid, row in self._before.items() if uid not in kept]
        LinkedStudy.objects.filter(pk__in=lost).delete()
        touched = {row.patient_id for row in (*self._before.values(), *rows)}
        link_patients({each for each in touched if each is not None})
