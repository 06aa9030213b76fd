"""The ImagingStudies of studies: ours, or those that the record has made of them."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from fhirlink.linkage import key_rows, keys
from fhirlink.linkage.current import at_versions, current
from fhirlink.linkage.keys import Kind, Owner
from fhirlink.linkage.source import Source

TYPE: Final = "ImagingStudy"
Json = Mapping[str, Any]


class Targets:
    """Where the folds of some studies are written.

    Attributes
    ----------
    ids
        The id of the ImagingStudy of each study.
    bases
        Those of the record as it has written them itself, by study.
    """

    def __init__(
        self, partition_id: int, source: Source, uids: Collection[str]
    ) -> None:
        self._partition_id = partition_id
        self._ours = {uid: source.id_of(TYPE, uid) for uid in uids}
        of_record = self._of_record(uids)
        self.ids = {**self._ours, **of_record}
        self.bases = self._read_bases(of_record)

    def is_ours(self, uid: str) -> bool:
        """Return whether the ImagingStudy of a study is the one that is made for it."""
        return self.ids[uid] == self._ours[uid]

    def last(self, uids: Collection[str]) -> dict[str, Json]:
        """Return what the ImagingStudies of studies are now, where there are any."""
        ids = [self.ids[uid] for uid in uids]
        found = current(self._partition_id, TYPE, ids) if ids else {}
        return {uid: found[self.ids[uid]] for uid in uids if self.ids[uid] in found}

    def _of_record(self, uids: Collection[str]) -> dict[str, str]:
        terms = {keys.of_uid(uid): uid for uid in uids}
        found = key_rows.owners_of(self._partition_id, TYPE, Kind.STUDY, list(terms))
        return {terms[each]: min(ids) for each, ids in found.items()}

    def _read_bases(self, of_record: Mapping[str, str]) -> dict[str, Json]:
        owners = {uid: Owner(TYPE, id_) for uid, id_ in of_record.items()}
        versions = key_rows.versions_of(self._partition_id, owners.values())
        held = at_versions(list(versions.values())) if versions else {}
        return {
            uid: held[versions[owner]]
            for uid, owner in owners.items()
            if versions.get(owner) in held
        }
