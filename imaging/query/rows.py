"""What a search finds row by row, for edges that do not answer DICOM JSON as a whole.

The same search as `imaging.query.search`: what may be seen, and what is shown of it,
is decided there. Besides, rows are found by their keys, and pages of several parents at
once, so that a graph of studies, series and instances takes one statement a level.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from core.access import Actor, Verb, require
from imaging.levels import Level
from imaging.query.answer import pieces_of, render_each
from imaging.query.area import is_shown
from imaging.query.backends import Answer, ask
from imaging.query.conditions import Condition
from imaging.query.facets import Count, Counts, Facet, told
from imaging.query.parse import Query
from imaging.query.postgresql import fetch
from imaging.query.search import (
    Matched,
    Scene,
    audit_search,
    count_all,
    in_time,
    match,
    scene_of,
)
from imaging.query.sql import compile_matching, compile_totals


@dataclass(frozen=True)
class Row:
    """A study, series or instance that was found.

    Attributes
    ----------
    keys
        Of its study, series and instance, down to its level; never shown.
    partition
        Name of the data partition.
    answer
        The DICOM JSON object that a search answers of it.
    cursor
        Of the page that begins after it.
    """

    level: Level
    keys: tuple[int, ...]
    partition: str
    answer: bytes
    cursor: str

    @cached_property
    def attributes(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the attributes by tag."""
        attributes: Mapping[str, Mapping[str, Any]] = orjson.loads(self.answer)
        return attributes


class Page(NamedTuple):
    """Some rows in their order, and whether there are more.

    Attributes
    ----------
    warnings
        What the client is to know about how they were found.
    """

    rows: list[Row]
    has_more: bool
    warnings: tuple[str, ...] = ()


def find_page(
    *, actor: Actor, partition: str | None, query: Query, base_url: str
) -> Page:
    """Return a page of what matches and the actor may see; one line in the audit log.

    Parameters
    ----------
    partition
        Name of the data partition that is searched; None for all.
    base_url
        What addresses begin with: up to ``/partitions``.

    Raises
    ------
    Forbidden, NotFound, Invalid, TooLarge
        As `imaging.query.search.search`.
    """
    rows, warnings = _find(actor, partition, query, base_url)
    return Page(rows[: query.limit], len(rows) > query.limit, warnings)


def find_pages(*, actor: Actor, query: Query, base_url: str) -> dict[int, Page]:
    """Return a page below each of ``query.below``, by the key of the study or series.

    Raises
    ------
    Forbidden, Invalid, TooLarge
        As `find_page`.
    """
    below: dict[int, list[Row]] = {key: [] for key in query.below or ()}
    for row in _find(actor, None, query, base_url).value:
        below[row.keys[-2]].append(row)
    return {
        key: Page(rows[: query.limit], len(rows) > query.limit)
        for key, rows in below.items()
    }


def find_rows(*, actor: Actor, query: Query, base_url: str) -> dict[int, Row]:
    """Return the rows of ``query.keys`` that the actor may see, by their keys.

    Raises
    ------
    Forbidden, TooLarge
        As `find_page`.
    """
    return {row.keys[-1]: row for row in _find(actor, None, query, base_url).value}


def count(*, actor: Actor, partition: str | None, query: Query) -> Answer[int]:
    """Return how many match, and the actor may see, altogether.

    Raises
    ------
    Forbidden, NotFound, TooLarge
        As `find_page`.
    """
    require(actor, Verb.READ)
    scene = scene_of(actor, partition, query, everywhere=True)
    with in_time():
        number = count_all(query, scene)
    audit_search(actor, scene.partition_id, query, number.value)
    return number


def count_values(
    *, actor: Actor, partition: str | None, query: Query, facets: Sequence[Facet]
) -> Answer[Counts]:
    """Return what the studies that match, and the actor may see, have how often.

    Raises
    ------
    Forbidden, NotFound, TooLarge
        As `find_page`; the values are as hidden as those that are searched by.
    """
    require(actor, Verb.READ)
    found: dict[Facet, list[Count]] = {}
    warnings: dict[str, None] = {}
    for scene, counted in _counted(actor, partition, query, facets):
        with in_time():
            counts, warned = _values(query, scene, counted)
        found.update(zip(counted, counts, strict=True))
        warnings |= dict.fromkeys(warned)
        audit_search(actor, scene.partition_id, query, sum(map(len, counts)))
    return Answer([told(facet, found[facet]) for facet in facets], tuple(warnings))


def _counted(
    actor: Actor, partition: str | None, query: Query, facets: Sequence[Facet]
) -> list[tuple[Scene, Sequence[Facet]]]:
    """Return what facets are counted where.

    What would tell who patients are is counted where the actor sees that, and the
    others in all that a list of studies shows.
    """

    def scene(counted: Sequence[Facet]) -> Scene:
        asked = _counting(query, counted)
        return scene_of(actor, partition, asked, everywhere=True)

    shown = [each for each in facets if is_shown(each.attribute)]
    everything = scene(facets)
    if not shown or len(shown) == len(facets) or scene(shown).area == everything.area:
        return [(everything, facets)]
    hidden = [each for each in facets if each not in shown]
    return [(scene(shown), shown), (everything, hidden)]


def _counting(query: Query, facets: Sequence[Facet]) -> Query:
    return replace(query, counted=tuple(each.attribute for each in facets))


def _values(query: Query, scene: Scene, facets: Sequence[Facet]) -> Answer[Counts]:
    asked = _counting(query, facets)
    return ask(asked, lambda index: index.facets(asked, scene.area, facets))


def matching_keys(*, actor: Actor, partition: str, query: Query) -> Condition:
    """Return the condition that is true of all instances in, or below, what matches.

    For a statement that has instances as ``i``, series as ``e`` and studies as ``s``;
    who runs it tells the audit log.

    Raises
    ------
    Forbidden, NotFound
        As `find_page`.
    """
    require(actor, Verb.READ)
    scene = scene_of(actor, partition, query, everywhere=False)
    return compile_matching(query, area=scene.area)


def count_below(*, actor: Actor, query: Query) -> dict[int, int]:
    """Return how many match below each of ``query.below``.

    Raises
    ------
    Forbidden, TooLarge
        As `find_page`.
    """
    require(actor, Verb.READ)
    scene = scene_of(actor, None, query, everywhere=True)
    with in_time():
        found = dict(fetch(*compile_totals(query, area=scene.area)))
    audit_search(actor, None, query, sum(found.values()))
    return {key: found.get(key, 0) for key in query.below or ()}


def _find(
    actor: Actor, partition: str | None, query: Query, base_url: str
) -> Answer[list[Row]]:
    """Return rows with the attributes of their own level."""
    require(actor, Verb.READ)
    scene = scene_of(actor, partition, query, everywhere=True)
    pieces = pieces_of(query, levels=[query.target.level])
    with in_time():
        matched = match(query, scene, pieces)
    rows = list(_rows(matched, base_url))
    number = min(len(rows), _most(query))
    # What tells of a next page is not given; below several it is of the same study.
    given = matched.rows[:number] if query.below is None else matched.rows
    audit_search(actor, scene.partition_id, query, number, given)
    return Answer(rows, matched.warnings)


def _most(query: Query) -> int:
    return query.limit * len(query.below or (0,))


def _rows(matched: Matched, base_url: str) -> Iterator[Row]:
    answers = render_each(matched.pieces, matched.rows, base_url=base_url)
    for row, answer in zip(matched.rows, answers, strict=True):
        address: str = row[1]  # after whether it is shown whose it is
        yield Row(
            matched.query.target.level,
            matched.keys_of(row),
            address.partition("/")[0],
            answer,
            matched.cursor_after(row),
        )
