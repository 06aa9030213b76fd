"""Which codes of the data a concept means: what a run keeps, and what a page shows."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from cohorts.answers.audited import record_asked
from cohorts.answers.small_cells import LEAST
from cohorts.criteria import dumped, parse_criteria
from cohorts.criteria.check import leaves
from cohorts.criteria.model import OfEvent
from cohorts.execution.asking import Asked, prepare
from cohorts.execution.leaves import event_condition
from cohorts.execution.running import executed, in_time
from cohorts.execution.statement import fill
from cohorts.execution.steps import prefixed
from core.access import Actor
from core.errors import Invalid
from fhirlink.happened import codes_of

MOST: Final = 1_000
"""Codes that are told of a concept, those that most have first."""

Json = Any


class Meaning(NamedTuple):
    """A code that a concept means, as the data have it.

    Attributes
    ----------
    system, code
        Of its first coding; empty of what has words alone.
    number
        How many patients have it, of those that are seen; None for whoever may count
        only.
    """

    system: str
    code: str
    display: str
    number: int | None


def codes_meant(asked: Asked) -> list[Json]:
    """Return for each concept and each name of criteria the codes that it has meant.

    As ``{concept, codes: [{system, code, display}], number}``; of more than `MOST` the
    first of them.
    """
    found = [
        (kind, part, keys)
        for (kind, part), keys in asked.held.items()
        if kind in {"concept", "words", "category", "analyte"}
    ]
    every = {key for _, _, keys in found for key in keys}
    codings = codes_of(every)
    told = []
    for kind, part, keys in found:
        codes = sorted({codings[key] for key in keys if key in codings})
        said = part if isinstance(part, str) else dumped(part)
        rows = [each._asdict() for each in codes[:MOST]]
        told.append({kind: said, "codes": rows, "number": len(codes)})
    return told


def meaning_of(
    *, actor: Actor, partition: str, concept: object, type_: str
) -> Sequence[Meaning]:
    """Return what a concept means among events of a type, those that most have first.

    Audited. Whoever may count only is told those that `LEAST` patients have, not how
    many, nor which more have.

    Raises
    ------
    Forbidden, NotFound, Invalid, TooLarge
        As `cohorts.execution.asking.prepare`.
    """
    where = {"event": {"type": type_, "code": concept}}
    query = parse_criteria({"v": 1, "where": where})
    asked = prepare(actor=actor, partition=partition, criteria=query)
    (leaf,) = leaves(asked.query.where)
    if not isinstance(leaf, OfEvent) or leaf.event.code is None:
        message = "It is no concept."
        raise Invalid(message, path="concept")
    condition = event_condition(asked, leaf.event, "e", {})
    fewest, order = (LEAST, "1") if asked.is_protected else (1, "2 DESC, 1")
    with in_time():
        rows = executed(
            prefixed(
                asked, fill(_COUNTS, condition=condition, fewest=fewest, order=order)
            )
        )
    record_asked(actor, asked, f"{len(rows)} codes of a concept")
    codes = codes_of(key for key, _ in rows)
    return [
        Meaning(*codes[key], None if asked.is_protected else number)
        for key, number in rows[:MOST]
        if key in codes
    ]


# Of those that have their first code in common, the key of one.
_COUNTS: Final = (
    "SELECT min(e.code), count(DISTINCT e.patient) FROM fhirlink_event e"
    " LEFT JOIN LATERAL (SELECT g.concept_id FROM fhirlink_coding g"
    " WHERE g.codeable_concept_id = e.code AND g.concept_id IS NOT NULL"
    " ORDER BY g.position LIMIT 1) k ON true WHERE {condition}"
    " GROUP BY coalesce('k ' || k.concept_id, 'c ' || e.code)"
    " HAVING count(DISTINCT e.patient) >= {fewest} ORDER BY {order}"
)
