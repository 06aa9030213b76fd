"""What words mean: own tables and what the installation calls things."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from cohorts.language import (
    condition_table,
    imaging_table,
    medication_table,
    observation_table,
    other_table,
    procedure_table,
    tag_table,
    words_table,
)
from cohorts.language.text import Token, keys_of

MOST_WORDS: Final = 12
"""Words of a name that is looked for as a whole."""

CONCEPTS: Final = (
    *("condition", "medication", "procedure", "observation", "encounter"),
    *("allergy", "immunization", "device", "specimen"),
)


class Entry(NamedTuple):
    """What a phrase may mean.

    Attributes
    ----------
    kind
        A type of event of which it is a concept; or ``modality``, ``exam`` (a modality
        of a part of the body), ``body``, ``maker``, ``place``, ``study``, ``events``
        (all events of a type), ``person``, ``age``, ``habit``, ``measure``, ``tag``.
    name
        What is asked for.
    more
        The modality of an exam, the category of events, the value of a habit, the ages
        of a group; the attribute that tells a maker.
    is_own
        Whether it is of our tables, not of the installation's data.
    """

    kind: str
    name: str
    more: str = ""
    is_own: bool = True


@dataclass(frozen=True)
class Vocabulary:
    """What an installation calls things, handed in as data.

    Attributes
    ----------
    displays
        The names of concepts by the type of their events.
    sites
        Where something was done; such a name has two words at least.
    makers, models
        Of scanners.
    creators
        The creators of private attributes, by number without the block: ``0019xx0C``.
    """

    displays: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sites: Sequence[str] = ()
    makers: Sequence[str] = ()
    models: Sequence[str] = ()
    creators: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Lexicon:
    """Finds the longest phrase that begins at a token.

    Attributes
    ----------
    creators
        As `Vocabulary` has them.
    saved
        The names of saved cohorts (``cohort``) and sets of concepts (``set``).
    """

    saved: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(
        self,
        entries: Iterable[tuple[tuple[str, ...], Entry]],
        creators: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.creators = creators or {}
        self._entries: dict[tuple[str, ...], tuple[Entry, ...]] = {}
        self._longest: dict[str, int] = defaultdict(int)
        self.words: set[str] = set()
        for keys, entry in entries:
            if not 0 < len(keys) <= MOST_WORDS:
                continue
            had = self._entries.get(keys, ())
            if all(each.kind != entry.kind for each in had):
                self._entries[keys] = (*had, entry)
            self._longest[keys[0]] = max(self._longest[keys[0]], len(keys))
            self.words.update(keys)

    def at(self, tokens: Sequence[Token], start: int) -> Iterator[tuple[int, Entry]]:
        """Yield how many tokens a phrase has and what it may mean, longest first."""
        keys = tuple(e.key for e in tokens[start : start + MOST_WORDS])
        if not keys:
            return
        for length in range(min(self._longest.get(keys[0], 0), len(keys)), 0, -1):
            for entry in self._entries.get(keys[:length], ()):
                yield length, entry

    def beside(self, saved: Mapping[str, Sequence[str]]) -> "Lexicon":
        """Return the same with other names of what was saved."""
        found = copy(self)
        found.saved = saved
        return found

    def named(self, phrase: str) -> tuple[Entry, ...]:
        """Return what a phrase may mean, as a whole."""
        return self._entries.get(keys_of(phrase), ())


def lexicon_of(vocabulary: Vocabulary) -> Lexicon:
    """Return our own lexicon with what the installation calls things; may be kept."""
    return Lexicon((*_own(), *_of_data(vocabulary)), vocabulary.creators)


@lru_cache(maxsize=1)
def own_lexicon() -> Lexicon:
    """Return the lexicon of an installation that holds nothing."""
    return Lexicon(_own())


def _lines(table: str) -> Iterator[tuple[str, list[str]]]:
    for line in table.strip().splitlines():
        name, *others = (each.strip() for each in line.split("|"))
        yield name, others


@lru_cache(maxsize=1)
def _own() -> tuple[tuple[tuple[str, ...], Entry], ...]:
    return (*_concepts(), *_imaging(), *_people(), *_tags())


def _concepts() -> Iterator[tuple[tuple[str, ...], Entry]]:
    tables = (
        ("condition", condition_table.CONDITIONS),
        ("medication", medication_table.MEDICATIONS),
        ("procedure", procedure_table.PROCEDURES),
        ("observation", observation_table.OBSERVATIONS),
        ("immunization", other_table.IMMUNIZATIONS),
        ("allergy", other_table.ALLERGIES),
        ("device", other_table.DEVICES),
        ("encounter", other_table.ENCOUNTERS),
        ("specimen", other_table.SPECIMENS),
    )
    for kind, table in tables:
        for name, others in _lines(table):
            for each in (name, *others):
                yield keys_of(each), Entry(kind, name)
    for name, others in _lines(other_table.KINDS):
        kind, _, category = name.partition(" ")
        for each in others:
            yield keys_of(each), Entry("events", kind, category)
    for name, others in _lines(observation_table.HABITS):
        yield keys_of(name), Entry("habit", "tobacco smoking status", others[0])
    for name, others in _lines(observation_table.MEASURES):
        yield keys_of(name), Entry("measure", others[0])


def _imaging() -> Iterator[tuple[tuple[str, ...], Entry]]:
    for name, others in _lines(imaging_table.MODALITIES):
        for each in others:
            yield keys_of(each), Entry("modality", name)
    for name, others in _lines(imaging_table.EXAMINATIONS):
        modality, body = _split_codes(name)
        for each in others:
            yield keys_of(each), Entry("exam", body, modality)
    for name, others in _lines(imaging_table.BODY_PARTS):
        for each in (name, *others):
            yield keys_of(each), Entry("body", name)
    for each in imaging_table.STUDY_NOUNS.split():
        yield keys_of(each.replace("_", " ")), Entry("study", each)
    for each in imaging_table.MAKERS.split():
        name = each.replace("_", " ")
        yield keys_of(name), Entry("maker", name)


def _split_codes(name: str) -> tuple[str, str]:
    words = name.split()
    codes = [each for each in words if each.isupper()]
    return " ".join(codes), " ".join(words[len(codes) :])


def _people() -> Iterator[tuple[tuple[str, ...], Entry]]:
    for name, others in _lines(words_table.PEOPLE):
        for each in others:
            yield keys_of(each), Entry("person", name)
    for name, (ages, *others) in _lines(words_table.AGE_GROUPS):
        for each in others:
            yield keys_of(each), Entry("age", name, ages)


def _tags() -> Iterator[tuple[tuple[str, ...], Entry]]:
    for name, others in _lines(tag_table.TAGS):
        for each in others:
            yield keys_of(each), Entry("tag", name.lstrip("+"))


def plain_name(display: str) -> str:
    """Return a display as people say it: without the kind that SNOMED CT has behind."""
    return " ".join(display.casefold().split()).partition(" (")[0]


def _of_data(vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, ...], Entry]]:
    for kind in CONCEPTS:
        for display in vocabulary.displays.get(kind, ()):
            name = " ".join(display.casefold().split())
            yield keys_of(name), Entry(kind, name, is_own=False)
            plain = plain_name(display)
            if plain != name:
                yield keys_of(plain), Entry(kind, plain, is_own=False)
    for attribute, names in (
        ("Manufacturer", vocabulary.makers),
        ("ManufacturerModelName", vocabulary.models),
    ):
        for each in names:
            name = each.casefold()
            yield keys_of(each), Entry("maker", name, attribute, is_own=False)
    for each in vocabulary.sites:
        # A single word may be any other, such as that of a department.
        if len(keys := keys_of(each)) > 1:
            yield keys, Entry("place", each.casefold(), is_own=False)
