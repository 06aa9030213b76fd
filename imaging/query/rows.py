"""What a search finds row by row, for edges that do not answer DICOM JSON as a whole.

The same search as `imaging.query.search`: what may be seen, and what is shown of it,
is decided there. Besides, rows are found by their keys, and pages of several parents at
once, so that a graph of studies, series and instances takes one statement a level.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from core.access import Actor, Verb, require
from imaging.query.answer import pieces_of, render_each
from imaging.query.attributes import Level
from imaging.query.parse import Query
from imaging.query.search import (
    Matched,
    audit_search,
    fetch,
    in_time,
    match,
    scene_of,
)
from imaging.query.sql import compile_total, compile_totals


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
    """Some rows in their order, and whether there are more."""

    rows: list[Row]
    has_more: bool


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
    rows = _find(actor, partition, query, base_url)
    return Page(rows[: query.limit], len(rows) > query.limit)


def find_pages(*, actor: Actor, query: Query, base_url: str) -> dict[int, Page]:
    """Return a page below each of ``query.below``, by the key of the study or series.

    Raises
    ------
    Forbidden, Invalid, TooLarge
        As `find_page`.
    """
    below: dict[int, list[Row]] = {key: [] for key in query.below or ()}
    for row in _find(actor, None, query, base_url):
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
    return {row.keys[-1]: row for row in _find(actor, None, query, base_url)}


def count(*, actor: Actor, partition: str | None, query: Query) -> int:
    """Return how many match, and the actor may see, altogether.

    Raises
    ------
    Forbidden, NotFound, TooLarge
        As `find_page`.
    """
    require(actor, Verb.READ)
    scene = scene_of(actor, partition, query, everywhere=True)
    with in_time():
        ((number,),) = fetch(*compile_total(query, area=scene.area))
    audit_search(actor, scene.partition_id, query, number)
    return int(number)


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
) -> list[Row]:
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
    return rows


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
