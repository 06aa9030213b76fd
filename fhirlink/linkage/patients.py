"""The patients of keys: who stands for each, and the Patients that images make.

A Patient of the record is never written. Those that images have made follow: who
stands for others has their identifiers, the others say by whom they are replaced, and
one of whom nothing is held is no longer active.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from fhirlink.linkage import key_rows
from fhirlink.linkage.current import current
from fhirlink.linkage.identifiers import Identifier
from fhirlink.linkage.keys import Key, Kind, Owner, address, identifier_of
from fhirlink.linkage.matching import Known, Match, match
from fhirlink.linkage.patient import patient_of
from fhirlink.linkage.source import Source
from fhirlink.models import MadePatient
from fhirlink.write import Change

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A key as a study names it."""

    patient: Identifier
    is_placeholder: bool


@dataclass(slots=True)
class Patients:
    """Who the keys of some studies are, and all that is joined with them.

    Attributes
    ----------
    named
        Keys that studies name now, of which there may be no Patient yet.
    """

    partition_id: int
    source: Source
    named: Mapping[str, Named]
    joined: list[str]
    known: Known
    matches: dict[str, Match] = field(default_factory=dict)
    made: dict[str, MadePatient] = field(default_factory=dict)
    records: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        partition_id: int,
        source: Source,
        named: Mapping[str, Named],
        terms: Collection[str],
    ) -> "Patients":
        """Return who some keys are."""
        joined = key_rows.reached(partition_id, terms)
        known = key_rows.known_of(partition_id, joined)
        found = cls(partition_id, source, named, joined, known)
        rows = MadePatient.objects.filter(partition=partition_id, term__in=joined)
        found.made = {each.term: each for each in rows}
        wanted = {*known.oldest, *named, *found.made}
        found.matches = match(wanted, known)
        ids = {
            fhir_id
            for each in found.matches.values()
            for fhir_id in (each.record, *each.candidates, *each.others)
            if fhir_id
        }
        found.records = current(partition_id, "Patient", ids) if ids else {}
        return found

    def subject_of(self, term: str) -> str:
        """Return the id of the Patient that stands for a key."""
        found = self.matches[term]
        return found.record or self._id_of(found.stands or term)

    def told_of(self, term: str) -> Json:
        """Return name, gender and birth date of the Patient that stands for a key."""
        found = self.matches[term]
        if found.record:
            return self.records.get(found.record, {})
        oldest = self.known.oldest.get(found.stands)
        return oldest.told if oldest else {}

    def fingerprint(self, term: str) -> str:
        """Return a hash of all that the fold of a study takes from its match."""
        found = self.matches[term]
        # What the record says of a Patient marks its studies by itself.
        told = {} if found.record else self.told_of(term)
        parts = (
            self.subject_of(term),
            found.how,
            found.candidates,
            found.others,
            told,
        )
        text = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(text, digest_size=12).hexdigest()

    def changes(self) -> list[Change]:
        """Return what the Patients that images make are to be; keeps their rows."""
        for term, named in self.named.items():
            found = self.matches[term]
            if not found.record and term not in self.made:
                self.made[term] = self._new(term, named)
        own = self._taken_over()
        return [
            Change("Patient", row.fhir_id, "PUT", self._content(row))
            for term, row in sorted(self.made.items())
            if row.fhir_id not in own and self._keep(row, self._fate(term))
        ]

    def _new(self, term: str, named: Named) -> MadePatient:
        return MadePatient(
            partition_id=self.partition_id,
            term=term,
            fhir_id=self._id_of(term),
            system=named.patient.system,
            value=named.patient.value,
            is_placeholder=named.is_placeholder,
        )

    def _fate(self, term: str) -> str:
        """Return by whom a made Patient is replaced; empty: it stands itself."""
        found = self.matches[term]
        if found.record:
            return found.record
        if not found.stands:
            return "unused"
        return "" if found.stands == term else self._id_of(found.stands)

    def _keep(self, row: MadePatient, fate: str) -> bool:
        oldest = self.known.oldest.get(row.term)
        row.fate = fate
        row.told = dict(oldest.told) if oldest else row.told
        row.save()
        return True

    def _content(self, row: MadePatient) -> dict[str, Any]:
        own = Identifier(row.system, row.value)
        found = self.matches[row.term]
        identifiers = [own]
        if not row.fate:
            others = [identifier_of(each) for each in found.joined if each != row.term]
            identifiers += [each for each in others if each]
        return patient_of(
            identifiers,
            row.told,
            replaced_by="" if row.fate == "unused" else row.fate,
            is_active=not row.fate,
            is_placeholder=row.is_placeholder,
        )

    def _taken_over(self) -> set[str]:
        """Return the ids of made Patients that the record has written itself."""
        owners = [Owner("Patient", each.fhir_id) for each in self.made.values()]
        found = key_rows.keys_of(self.partition_id, owners)
        return {
            owner.id
            for owner, keys in found.items()
            if Key(Kind.SELF, address("Patient", owner.id)) in keys
        }

    def _id_of(self, term: str) -> str:
        return self.source.id_of("Patient", term)
