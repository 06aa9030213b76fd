"""Which order a study answers: the one that has its accession number.

Of the same issuer, for the same patient; where there is none, or several, the study
names the accession number only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fhirlink.linkage import key_rows, keys
from fhirlink.linkage.facts import Facts
from fhirlink.linkage.imaging_study import order_reference
from fhirlink.linkage.keys import Key, Kind, Owner

ORDER = "ServiceRequest"


class Asked(NamedTuple):
    """A study and the Patient that it is of."""

    facts: Facts
    subject: str


class Orders:
    """The orders that studies may answer, found in two statements for all of them."""

    def __init__(self, partition_id: int, asked: Sequence[Asked]) -> None:
        terms = {
            keys.term(*each)
            for one in asked
            for each in one.facts.accessions
            if each.system
        }
        self._by_term: Mapping[str, set[str]] = {}
        self._keys: Mapping[Owner, set[Key]] = {}
        if terms:
            self._by_term = key_rows.owners_of(
                partition_id, ORDER, Kind.ACCESSION, terms
            )
            owners = {Owner(ORDER, e) for ids in self._by_term.values() for e in ids}
            self._keys = key_rows.keys_of(partition_id, owners)

    def of(self, asked: Asked) -> tuple[list[dict[str, Any]], set[Key]]:
        """Return references to the orders of a study, and the keys that this gives."""
        references: list[dict[str, Any]] = []
        found: set[Key] = set()
        for each in asked.facts.accessions:
            if not each.system:
                continue
            term = keys.term(*each)
            subject = Key(Kind.SUBJECT, keys.address("Patient", asked.subject))
            held = sorted(
                id_
                for id_ in self._by_term.get(term, ())
                if subject in self._keys[Owner(ORDER, id_)]
            )
            reference = order_reference(each)
            if len(held) == 1:
                reference = {"reference": f"{ORDER}/{held[0]}", **reference}
                found.add(Key(Kind.ORDER, keys.address(ORDER, held[0])))
            references.append(reference)
        return references, found
