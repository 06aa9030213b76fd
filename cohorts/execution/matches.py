"""The events that satisfied each leaf of those who match."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cohorts.criteria.model import AllOf, AnyOf, AtLeast, OfEvent
from cohorts.execution.events import source_of
from cohorts.execution.groups import Compiler, last_of
from cohorts.execution.names import Group, Placed, children, flat, groups_of, name_of
from cohorts.execution.question import Asked, Names
from cohorts.execution.statement import Sql, all_of, fill, listed
from cohorts.execution.steps import prefixed


class _Place(NamedTuple):
    """What has to hold where a part of criteria stands, and what is joined there."""

    sources: tuple[Sql, ...]
    conditions: tuple[Sql, ...]
    names: Names


def match_statements(asked: Asked, patients: str, into: str) -> Iterator[Sql]:
    """Yield the statements that write the events of each leaf into a table.

    Only what made somebody match: a leaf in an ``any`` that somebody else of it has
    satisfied gives none, and an event that satisfies its own leaf, but no other one
    that is bound to it, is none.
    """
    compiler = Compiler()
    start = _Place((), (), {})
    for number, alias, place in _places(
        compiler, asked, Placed(asked.query.where, 0), start, is_outermost=True
    ):
        select = fill(
            "SELECT DISTINCT {number}, {alias}.patient, {alias}.id"
            " FROM {patients} found"
            " JOIN fhirlink_clinicalpatient p ON p.id = found.patient,"
            " {sources} WHERE {conditions}",
            number=number,
            alias=alias,
            patients=patients,
            sources=listed(place.sources),
            conditions=all_of(place.conditions),
        )
        yield fill(
            "INSERT INTO {into} (leaf, patient, event) {select}",
            into=into,
            select=prefixed(asked, select),
        )


def _places(
    compiler: Compiler,
    asked: Asked,
    part: Placed,
    place: _Place,
    *,
    is_outermost: bool = False,
) -> Iterator[tuple[int, str, _Place]]:
    """Yield the leaves that have events, with the aliases and places of these."""
    match part.node:
        case OfEvent(event=event):
            alias = compiler.aliases.new()
            source, condition = source_of(
                asked, event, alias, place.names, compiler.aliases
            )
            yield (
                part.number,
                alias,
                _Place(
                    (*place.sources, source),
                    (*place.conditions, condition),
                    place.names,
                ),
            )
        case AllOf():
            parts = list(flat(part.node, part.number))
            groups = groups_of(parts, last_of(place.names))
            for group in groups:
                # Of those who match it is known that the other groups hold.
                others = [] if is_outermost else [g for g in groups if g is not group]
                yield from _of_group(compiler, asked, group, others, place)
        case AnyOf() | AtLeast():
            for each in children(part.node, part.number):
                yield from _places(compiler, asked, each, place)
        case _:
            return


def _of_group(
    compiler: Compiler,
    asked: Asked,
    group: Group,
    others: Sequence[Group],
    place: _Place,
) -> Iterator[tuple[int, str, _Place]]:
    beside = tuple(compiler.group(asked, each, place.names) for each in others)
    for part in group.parts:
        sources, conditions, names = compiler.joined(
            asked, group, place.names, without=part.number
        )
        here = _Place(
            (*place.sources, *sources), (*place.conditions, *beside, *conditions), names
        )
        if part.number in group.binders:
            yield part.number, names[name_of(part.node)], here
        else:
            yield from _places(compiler, asked, part, here)
