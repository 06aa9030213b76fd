"""That a patient has an event, so many of it, or the first or last one: SQL."""

from itertools import count as numbers

from cohorts.criteria.model import Event, OfEvent
from cohorts.execution.leaves import event_condition, number_of
from cohorts.execution.names import used_in
from cohorts.execution.plain import counts_none, ranged
from cohorts.execution.question import PERSON, Asked, Names
from cohorts.execution.statement import TRUE, Sql, all_of, fill

_ORDER = {
    "first": "{0}.start_first NULLS LAST, {0}.second NULLS LAST, {0}.id",
    "last": "{0}.start_first DESC NULLS LAST, {0}.second DESC NULLS LAST, {0}.id DESC",
}


class Aliases:
    """Names of events in a statement."""

    def __init__(self) -> None:
        self._numbers = numbers(1)

    def new(self) -> str:
        """Return one that was not used."""
        return f"e{next(self._numbers)}"


def has_event(asked: Asked, event: Event, names: Names, aliases: Aliases) -> Sql:
    """Return that the patient has an event, or as many as are asked for."""
    if event.count is not None:
        return _has_number(asked, event, names, aliases)
    alias = aliases.new()
    return fill(
        "EXISTS (SELECT FROM fhirlink_event {alias}"
        " WHERE {alias}.patient = {person}.id AND {condition})",
        alias=alias,
        person=PERSON,
        condition=event_condition(asked, event, alias, names, PERSON),
    )


def source_of(
    asked: Asked, event: Event, alias: str, names: Names, aliases: Aliases
) -> tuple[Sql, Sql]:
    """Return what to select an event from as an alias, and on what condition."""
    has_number = (
        [_has_number(asked, event, names, aliases)] if event.count is not None else []
    )
    own = Sql(f"{alias}.patient = {PERSON}.id")
    if event.pick not in _ORDER:
        condition = event_condition(asked, event, alias, names, PERSON)
        return Sql(f"fhirlink_event {alias}"), all_of([own, condition, *has_number])
    inner = aliases.new()
    # What is asked of it may depend on other events: it is picked for each of these.
    is_bound = bool(used_in(OfEvent(event=event), ""))
    of_person = Sql(f"{inner}.patient = {PERSON}.id") if is_bound else TRUE
    picked = fill(
        "{lateral}(SELECT DISTINCT ON ({inner}.patient) {inner}.*"
        " FROM fhirlink_event {inner} WHERE {of_person} AND {condition}"
        " ORDER BY {inner}.patient, {order}) {alias}",
        lateral="LATERAL " if is_bound else "",
        inner=inner,
        of_person=of_person,
        condition=event_condition(asked, event, inner, names),
        order=_ORDER[event.pick].format(inner),
        alias=alias,
    )
    return picked, all_of([own, *has_number])


def _has_number(asked: Asked, event: Event, names: Names, aliases: Aliases) -> Sql:
    """Return that the number of events of the patient is in the range asked for.

    Where none will do, those are left out who have another number of them.
    """
    count = event.count
    if count is None:
        message = "No number is asked for."
        raise ValueError(message)
    if count.lt is not None or count.lte is not None or count.eq is not None:
        # At most so many: those that could be so count.
        asked = asked.sure(is_sure=False)
    alias = aliases.new()
    condition = event_condition(asked, event, alias, names)
    number = number_of(event, alias)
    in_range = ranged(number, count)
    if used_in(OfEvent(event=event), ""):
        counted = fill(
            "SELECT FROM fhirlink_event {alias} WHERE {alias}.patient = {person}.id"
            " AND {condition} HAVING {in_range}",
            alias=alias,
            person=PERSON,
            condition=condition,
            in_range=in_range,
        )
        return fill("EXISTS ({counted})", counted=counted)
    none = counts_none(count)
    return fill(
        "{does} (SELECT FROM (SELECT {alias}.patient FROM fhirlink_event {alias}"
        " WHERE {condition} GROUP BY {alias}.patient HAVING {has} {in_range}) many"
        " WHERE many.patient = {person}.id)",
        does="NOT EXISTS" if none else "EXISTS",
        alias=alias,
        condition=condition,
        has="NOT" if none else "",
        in_range=fill("({it})", it=in_range),
        person=PERSON,
    )
