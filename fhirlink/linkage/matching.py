"""Which Patient each key of images is: pure.

Keys are joined by whoever has several of them: studies with other identifiers, Patients
of the record with several identifiers or links, decisions of persons. A key is the
Patient that a person has said; else the one of the record that has it as an identifier;
else the one that it is joined with; of several nobody is chosen. Where the record knows
none, images make one: the one of the oldest study stands for all that are joined.

A merge has a direction: what is named first is what is named second. One that the
record does not know gives way to the one that it knows, whichever is named first.

Joins are found anew each time, so that every one of them can be taken back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from fhirlink.linkage.keys import DECISION, Key, Kind, Owner, patient_of

PATIENT: Final = "Patient"
MOST_STEPS: Final = 50
"""Merges in a row that are followed."""

BY_KEY: Final = "key"
BY_JOIN: Final = "join"
BY_PERSON: Final = "person"
MADE: Final = "made"


class Merge(NamedTuple):
    """What a person has said: the first is the second."""

    first: str
    second: str


class Oldest(NamedTuple):
    """The first study of a key that is held."""

    held_since: int
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """All that is joined with some keys.

    Attributes
    ----------
    owners
        Who has several keys, and Patients of the record with all of theirs.
    oldest
        The first held study of each key that has one.
    splits
        Keys that a person has taken out of what joins them.
    merges
        What persons have said to be one.
    """

    owners: Mapping[Owner, Sequence[Key]]
    oldest: Mapping[str, Oldest]
    splits: Collection[str] = ()
    merges: Sequence[Merge] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Who a key is.

    Attributes
    ----------
    record
        Id of the Patient of the record; empty where it knows none.
    stands
        The key whose made Patient stands for this one, where the record knows none;
        empty where no study of all that are joined is held.
    candidates
        Patients of the record between whom a person has to choose.
    others
        Further Patients of the record that other identifiers lead to; none where a
        person has said which one it is.
    joined
        All keys that are joined with it, itself included, in order.
    """

    record: str
    how: str
    stands: str = ""
    candidates: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    joined: tuple[str, ...] = field(default=())


def match(terms: Iterable[str], known: Known) -> dict[str, Match]:
    """Return who each of some keys is."""
    known = replace(known, merges=_straight(known.merges))
    sets = _joined(known)
    patients = _patients(known)
    return {
        each: _match(each, sets.get(each, frozenset({each})), known, patients)
        for each in terms
    }


def _straight(merges: Sequence[Merge]) -> list[Merge]:
    """Return the merges that do not lead back to where they begin."""
    after: dict[str, list[str]] = {}
    for each in merges:
        after.setdefault(each.first, []).append(each.second)

    def reached(start: str) -> set[str]:
        seen, waiting = {start}, [start]
        while waiting:
            found = set(after.get(waiting.pop(), ())) - seen
            seen |= found
            waiting += found
        return seen

    return [each for each in merges if each.first not in reached(each.second)]


def _match(
    term: str, joined: frozenset[str], known: Known, patients: Mapping[str, str]
) -> Match:
    ordered = tuple(sorted(joined))
    exact = _having(term, known, patients)
    every = sorted({p for each in joined for p in _of(each, known, patients)})
    chosen = _chosen(term, known, patients)
    if len(chosen) == 1:
        return Match(chosen[0], BY_PERSON, joined=ordered)
    if len(exact) == 1:
        others = tuple(each for each in every if each not in exact)
        return Match(exact[0], BY_KEY, others=others, joined=ordered)
    if not exact and len(every) == 1:
        how = BY_PERSON if _is_decided(joined, known) else BY_JOIN
        return Match(every[0], how, joined=ordered)
    stands, candidates = _stands(joined, known), tuple(exact or every)
    return Match("", MADE, stands, candidates, joined=ordered)


def _stands(joined: Iterable[str], known: Known) -> str:
    """Return the key of the oldest study of all that are joined."""
    held = [(known.oldest[e].held_since, e) for e in joined if e in known.oldest]
    return min(held, default=(0, ""))[1]


def _is_decided(joined: Collection[str], known: Known) -> bool:
    return any(
        owner.type == DECISION and any(key.term in joined for key in keys)
        for owner, keys in known.owners.items()
    )


def _chosen(term: str, known: Known, patients: Mapping[str, str]) -> list[str]:
    """Return the Patients that persons have said that a key is."""
    if not any(term in each for each in known.merges):
        return []
    found = _Said(known, patients).of(term)
    return [] if found == _having(term, known, patients) else found


class _Said:
    """The Patients that keys are, as merges lead from one to the next."""

    def __init__(self, known: Known, patients: Mapping[str, str]) -> None:
        self._known, self._patients = known, patients
        self._seen: dict[str, list[str]] = {}

    def of(self, term: str) -> list[str]:
        if term in self._seen or len(self._seen) > MOST_STEPS:
            return self._seen.get(term, [])
        self._seen[term] = []  # while it is looked for
        if named := self._patients.get(patient_of(term)):
            found = [named]
        else:
            merges = self._known.merges
            found = (
                self._all(each.second for each in merges if each.first == term)
                or _having(term, self._known, self._patients)
                or self._all(each.first for each in merges if each.second == term)
            )
        self._seen[term] = found
        return found

    def _all(self, terms: Iterable[str]) -> list[str]:
        return sorted({fhir_id for each in terms for fhir_id in self.of(each)})


def _having(term: str, known: Known, patients: Mapping[str, str]) -> list[str]:
    """Return the Patients of the record that have a key as identifier themselves."""
    if term in known.splits:
        return []
    found = {
        patients[owner.id]
        for owner, keys in known.owners.items()
        if owner.type == PATIENT
        and owner.id in patients
        and Key(Kind.PATIENT, term) in keys
    }
    return sorted(found)


def _of(term: str, known: Known, patients: Mapping[str, str]) -> list[str]:
    """Return the Patients that a key leads to: by identifier, or as what it names."""
    named = patients.get(patient_of(term), "")
    return [*_having(term, known, patients), *([named] if named else [])]


def _patients(known: Known) -> dict[str, str]:
    """Return who stands for each Patient of the record, itself or another one."""
    held = {owner.id: keys for owner, keys in known.owners.items() if _is_record(owner)}
    stands: dict[str, str] = {}
    for each in held:
        seen, now = {each}, each
        while after := _replacement(now, held, known):
            if after in seen:  # they replace each other: so nobody does
                now = each
                break
            seen.add(after)
            now = after
        stands[each] = now
    return stands


def _replacement(fhir_id: str, held: Mapping[str, Sequence[Key]], known: Known) -> str:
    """Return who replaces a Patient: whom a person has said, else the record."""
    said = {
        other
        for each in known.merges
        if patient_of(each.first) == fhir_id
        for other in _named(each.second, held, known)
        if other != fhir_id
    }
    if len(said) == 1:
        return said.pop()
    found = sorted(
        other
        for kind, text in held.get(fhir_id, ())
        if kind is Kind.REPLACED and (other := patient_of(text)) in held
    )
    return found[0] if found else ""


def _named(term: str, held: Mapping[str, Sequence[Key]], known: Known) -> list[str]:
    """Return the Patients that a key names: as itself, or by an identifier."""
    if patient_of(term) in held:
        return [patient_of(term)]
    key = Key(Kind.PATIENT, term)
    if term in known.splits:
        return []
    return [fhir_id for fhir_id, keys in held.items() if key in keys]


def _is_record(owner: Owner) -> bool:
    return owner.type == PATIENT


def _joined(known: Known) -> dict[str, frozenset[str]]:
    """Return all that is joined with each key (union and find)."""
    parents: dict[str, str] = {}

    def root(of: str) -> str:
        while (above := parents.setdefault(of, of)) != of:
            parents[of] = parents[above]
            of = above
        return of

    for owner, keys in known.owners.items():
        # A decision joins also what another one has split.
        terms = [
            key.term
            for key in keys
            if owner.type == DECISION or key.term not in known.splits
        ]
        for each in terms[1:]:
            parents[root(each)] = root(terms[0])
    sets: dict[str, set[str]] = {}
    for each in list(parents):
        sets.setdefault(root(each), set()).add(each)
    return {each: frozenset(found) for found in sets.values() for each in found}
