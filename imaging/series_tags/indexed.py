"""Series by the values of query tags: SQL of their UIDs (decision 0018)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from core.database import raw_connection
from imaging.fold import fold, fold_name, text_key
from imaging.levels import Kind
from imaging.models import TagLevel
from imaging.numbers import sortable
from imaging.query_tags.tag import KINDS
from imaging.series_tags.sought import Sought, Test, number_of, undashed

Condition = tuple[str, Sequence[Any]]
_OPERATORS: Final = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_WHOLE: Final = 0  # `imaging.query_tags.values.Part`
_GROUPS: Final = "v.part = ANY('{0,1,2}')"
_LONG: Final = "coalesce(nullif(v.long, ''), v.text)"
_COMPARED: Final = frozenset(
    {Kind.TEXT, Kind.CODE, Kind.UID, Kind.DATE, Kind.DECIMAL, Kind.NAME}
)


class Ready(NamedTuple):
    """A query tag that has all its values."""

    id: int
    vr: str
    level: str


def select_series(
    partition_id: int, tag: Ready, sought: Sought, keys: Sequence[int] | None = None
) -> Condition | None:
    """Return the statement of the UIDs of all series that have what is sought.

    Of what has to be missing, that of the series where it is not. None where the tag
    cannot tell.

    Parameters
    ----------
    keys
        Of the rows of the tag's level that are looked at; all, if nothing is said.
    """
    tests = [_any_of(KINDS[tag.vr], some) for some in sought.tests]
    if None in tests:
        return None
    known = [test for test in tests if test is not None]
    of_tag = ("v.tag_id = %s", "v.partition_id = %s")
    where = " AND ".join([*of_tag, *(text for text, _ in known)])
    values = [tag.id, partition_id, *(v for _, given in known for v in given)]
    if keys is not None:
        where += " AND v.row_id = ANY(%s::bigint[])"
        values.append(list(keys))
    return f"{_OF_LEVEL[tag.level]} WHERE {where}", values


def ready_tag(sought: Sought) -> Ready | None:
    """Return the query tag, ready and enabled, of what is sought; None without one."""
    element, creator = sought.element, sought.creator
    if not creator and int(element[3], 16) & 1:
        return None  # whose it is, is not said: that of every creator is meant
    # As `imaging.query_tags.definition.Definition.identity`.
    identity = f"{element[:-4]}xx{element[-2:]}|{creator}" if creator else element
    row = raw_connection().execute(_READY, (identity,)).fetchone()
    return Ready(*row) if row else None


def _any_of(kind: Kind, tests: Sequence[Test]) -> Condition | None:
    found = [_condition(kind, test) for test in tests]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    text = " OR ".join(f"({condition})" for condition, _ in known)
    return f"({text})", [value for _, values in known for value in values]


def _condition(kind: Kind, test: Test) -> Condition | None:
    """Return a test in SQL; None where the table cannot tell as the values can."""
    if kind not in _COMPARED:
        return None
    if kind is Kind.DECIMAL:
        return _number(test)
    if isinstance(test.value, Decimal):
        return None
    if test.operator == "contains":
        return _contains(kind, test.value)
    return _text(kind, test)


def _number(test: Test) -> Condition | None:
    number = number_of(test.value)
    if number is None or test.operator == "contains":
        return None
    try:
        return f"v.part = {_WHOLE} AND v.text {_OPERATORS[test.operator]} %s", [
            sortable(number)
        ]
    except ValueError:
        return None


def _contains(kind: Kind, value: str) -> Condition:
    if kind is Kind.NAME:
        return f"{_GROUPS} AND strpos({_LONG}, %s) > 0", [fold_name(value)]
    return f"strpos(lower({_LONG}), %s) > 0", [fold(undashed(value))]


def _text(kind: Kind, test: Test) -> Condition | None:
    value = str(test.value)
    if test.operator == "eq":
        if kind is Kind.NAME:
            return f"{_GROUPS} AND v.text = %s", [text_key(fold_name(value))]
        if kind is Kind.TEXT:
            return "v.text = %s", [text_key(fold(value))]
        return "lower(v.text) = %s", [fold(undashed(value))]
    if kind is Kind.DATE:
        return f"v.text {_OPERATORS[test.operator]} %s", [undashed(value)]
    return None


_READY: Final = (
    "SELECT id, vr, level FROM imaging_querytag WHERE identity = %s"
    " AND status = 'ready' AND is_enabled"
)
_OF_LEVEL: Final[Mapping[str, str]] = {
    TagLevel.STUDY: (
        "SELECT s.series_instance_uid FROM imaging_tagvalue v"
        " JOIN imaging_series s ON s.study_id = v.row_id"
    ),
    TagLevel.SERIES: (
        "SELECT s.series_instance_uid FROM imaging_tagvalue v"
        " JOIN imaging_series s ON s.id = v.row_id"
    ),
    TagLevel.INSTANCE: (
        "SELECT s.series_instance_uid FROM imaging_tagvalue v"
        " JOIN imaging_instance i ON i.id = v.row_id"
        " JOIN imaging_series s ON s.id = i.series_id"
    ),
}
