"""Which names of the data are meant most like some words, within a type of events."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from cohorts.language.lexicon import plain_name
from cohorts.suggestions.installed import encoder, model_name
from cohorts.suggestions.kept import vectors_of
from cohorts.suggestions.tensors import Array
from cohorts.vocabulary import Displays, Words

LIKE: Final = 0.75
"""Cosine below which a name is not offered: what is absent has neighbours as well."""

MOST: Final = 10_000  # names of a type that are looked at, those of most events
LONGEST: Final = 200  # characters of words that names are looked for


class Near(NamedTuple):
    """A name of the data, as it is written there, and how like some words it is."""

    display: str
    type: str
    likeness: float


class _Table(NamedTuple):
    displays: Sequence[str]
    vectors: Array


_kept: WeakKeyDictionary[Displays, dict[str, _Table]] = WeakKeyDictionary()
"""As long as the names are kept: new vectors are seen ten minutes later at most."""


def nearest(
    words: Words, wanted: Sequence[tuple[str, Sequence[Sequence[str]]]]
) -> list[list[Near]]:
    """Return for each text the names that are like it, the likest first.

    Parameters
    ----------
    wanted
        Texts, and the types of events whose names are looked at: groups, of which the
        first counts that has any.
    """
    if not wanted or not model_name():
        return [[] for _ in wanted]
    types = {type_ for _, groups in wanted for group in groups for type_ in group}
    tables = {type_: _table(words, type_) for type_ in sorted(types)}
    if not any(table.displays for table in tables.values()):
        return [[] for _ in wanted]
    texts = [text[:LONGEST].casefold() for text, _ in wanted]
    vectors = encoder().vectors(texts)
    return [
        next((found for each in groups if (found := _likest(vector, each, tables))), [])
        for vector, (_, groups) in zip(vectors, wanted, strict=True)
    ]


def _likest(
    vector: Array, types: Iterable[str], tables: Mapping[str, _Table]
) -> list[Near]:
    found: list[Near] = []
    for type_ in types:
        displays, vectors = tables[type_]
        if not displays:
            continue
        likeness = vectors @ vector
        places: list[int] = np.flatnonzero(likeness >= LIKE).tolist()
        found.extend(
            Near(displays[at], type_, round(float(likeness[at]), 2)) for at in places
        )
    return sorted(found, key=lambda each: (-each.likeness, each.display))


def _table(words: Words, type_: str) -> _Table:
    """Return the names of a type that have a vector; what differs by its kind, once."""
    tables = _kept.setdefault(words.displays, {})
    if type_ not in tables:
        once: dict[str, str] = {}
        for display in words.displays.by_type.get(type_, ()):
            once.setdefault(plain_name(display), display)
        names = list(once)[:MOST]
        places, vectors = vectors_of(names)
        tables[type_] = _Table([once[names[at]] for at in places], vectors)
    return tables[type_]
