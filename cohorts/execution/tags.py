"""What criteria ask of the attributes of images, as conditions on series.

Where a query tag is ready it answers inside the statement. Else what is stored of the
series is read that all else in the event leaves over: first, and of a bounded number.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from pydicom.datadict import keyword_for_tag

from cohorts.criteria.check import leaves
from cohorts.criteria.model import Event, OfEvent, Series
from cohorts.criteria.values import Between, Last, Tag, TagValue
from cohorts.execution.leaves import event_condition
from cohorts.execution.question import Asked
from cohorts.execution.running import executed
from cohorts.execution.statement import Sql, fill, sql
from cohorts.execution.steps import prefixed
from cohorts.execution.tag_units_table import TAG_UNITS
from core.errors import Forbidden, Invalid
from fhirlink.search.units import SYSTEM, scale_of
from imaging.limited_view import SHOWN
from imaging.query import resolve
from imaging.series_tags import Sought, Test, element_of, read_series, series_by_tags

_OPERATORS: Final = ("eq", "gt", "gte", "lt", "lte", "contains")


def with_tags(asked: Asked) -> Asked:
    """Return a question whose tags can be asked for.

    Raises
    ------
    Invalid
        A tag is none, or its unit is not known.
    Forbidden
        The actor may count only, and the tag could tell who somebody is.
    TooLarge
        Too many images would have to be read.
    """
    held = dict(asked.held)
    for leaf in leaves(asked.query.where):
        if isinstance(leaf, OfEvent):
            _resolve(replace(asked, held=held), leaf.event, held)
    return replace(asked, held=held)


def _resolve(
    asked: Asked, event: Event, held: dict[tuple[str, object], object]
) -> None:
    tags = {tag: sought_of(tag) for tag in tags_of(event)}
    unread: dict[Tag, Sought] = {}
    for tag, sought in tags.items():
        if not asked.sees_names and (sought.creator or sought.element not in SHOWN):
            message = f"Your roles do not let you count by {tag.tag}."
            raise Forbidden(message, path="tag")
        indexed = series_by_tags(asked.partition_id, sought)
        if indexed is None:
            unread[tag] = sought
        else:
            held["tag", tag] = _among(sought, Sql(indexed[0], tuple(indexed[1])))
    if unread:
        uids = _candidates(asked, event)
        read = read_series(asked.partition_id, uids, list(unread.values()))
        for (tag, sought), series in zip(unread.items(), read, strict=True):
            # Another event may have the same tag of other series.
            before = held.get(("read", tag), frozenset())
            both = series | before  # type: ignore[operator]
            held["read", tag] = both
            select = sql("SELECT unnest(%s::text[])", sorted(both))
            held["tag", tag] = _among(sought, select)


def _among(sought: Sought, uids: Sql) -> Sql:
    template = "series.series_instance_uid {how} ({uids})"
    return fill(template, how="IN" if sought.is_there else "NOT IN", uids=uids)


def _candidates(asked: Asked, event: Event) -> list[str]:
    """Return the series of all studies that all else in an event leaves over.

    What it asks of other events is not looked at.
    """
    when = event.when if isinstance(event.when, Between | Last) else None
    series = event.series and Series.model_construct(
        **{**dict(event.series), "tags": None, "count": None}
    )
    rest = event.model_copy(
        update={"tags": None, "series": series, "when": when, "same": None}
    )
    statement = fill(
        "SELECT DISTINCT series.series_instance_uid FROM fhirlink_event e"
        " JOIN fhirlink_eventseries series ON series.event_id = e.id"
        " WHERE series.series_instance_uid <> '' AND {condition}",
        condition=event_condition(asked, rest, "e", {}),
    )
    return [uid for (uid,) in executed(prefixed(asked, statement))]


def tags_of(event: Event) -> Iterator[Tag]:
    """Yield the tags that an event asks for."""
    yield from event.tags or ()
    if event.series is not None:
        yield from event.series.tags or ()


def sought_of(tag: Tag) -> Sought:
    """Return what is sought of the images.

    Raises
    ------
    Invalid
        There is no such attribute, or its unit is not known.
    """
    creator = (tag.creator or "").strip()
    element = element_of(tag.tag, creator) or resolve(tag.tag)
    if element is None:
        message = f"There is no attribute {tag.tag}; a private block has a creator."
        raise Invalid(message, path="tag")
    tests: list[tuple[Test, ...]] = [
        (Test(name, _value(tag, element, value)),)
        for name in _OPERATORS
        if (value := getattr(tag, name)) is not None
    ]
    if tag.in_ is not None:
        tests.append(tuple(Test("eq", _value(tag, element, e)) for e in tag.in_))
    is_there = tag.exists is not False
    if tests and not is_there:
        message = f"{tag.tag} cannot be missing and have a value."
        raise Invalid(message, path="tag")
    return Sought(element, creator, tuple(tests), is_there)


def _value(tag: Tag, element: str, value: TagValue) -> Decimal | str:
    if isinstance(value, str):
        return value
    number = Decimal(repr(value))
    return number if tag.unit is None else _converted(tag, element, number)


def _converted(tag: Tag, element: str, number: Decimal) -> Decimal:
    """Return a number in the unit that the attribute has."""
    own = TAG_UNITS.get(keyword_for_tag(int(element, 16)), tag.unit)
    asked = scale_of(SYSTEM, tag.unit or "") or scale_of("", tag.unit or "")
    held = scale_of(SYSTEM, own or "")
    if own == tag.unit:
        return number
    if asked is None or held is None or asked.unit != held.unit:
        message = f"{tag.tag} is in {own}, which {tag.unit} is not converted to."
        raise Invalid(message, path="unit")
    return (number * asked.factor + asked.offset - held.offset) / held.factor
