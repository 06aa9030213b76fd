"""In which order results come, and where a page begins.

A page begins after a row: after what that was sorted by, and its key. The cursor says
both, encrypted, since addresses stand in logs, where no value of a patient has any
business. So no row is repeated or left out, whatever is written in between: even the
row itself may change or go.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from core.errors import Gone, Invalid
from core.kept_secrets import hidden, shown
from fhirlink.definitions.parameters import Kind
from fhirlink.search import slots
from fhirlink.search.asked import CURSOR, Asked, SortKey
from fhirlink.search.compile import owner_of
from fhirlink.search.index import AS_WRITTEN
from fhirlink.search.ordered import Condition, all_of, any_of
from fhirlink.search.slots import Key, term

_OF: Final = "searches"
_LONGEST_TRAIL: Final = 50  # pages
_LARGEST_BYTES: Final = 3_000  # of a cursor, where a shorter trail makes it so
_COLUMNS: Final = {"_id": "r.fhir_id", "_lastUpdated": "r.updated_at"}


class Place(NamedTuple):
    """A row after which a page begins.

    Attributes
    ----------
    values
        What the row is sorted by.
    """

    key: int
    values: tuple[Any, ...]


class Cursor(NamedTuple):
    """After which row a page begins, and how many results there are, if that is known.

    Attributes
    ----------
    values
        What the row is sorted by.
    trail
        Where the pages before began, the last of them last; None: with the first row.
        Only as many are remembered as an address has room for.
    """

    key: int
    values: tuple[Any, ...]
    total: int | None
    trail: tuple[Place | None, ...] = ()

    @property
    def onward(self) -> tuple[Place | None, ...]:
        """Return the trail of the page that comes after this one."""
        return (*self.trail, Place(self.key, self.values))

    def back(self) -> "Cursor | None":
        """Return where the page before begins; None: with the first row.

        Raises
        ------
        IndexError
            That is not remembered.
        """
        place = self.trail[-1]
        if place is None:
            return None
        return Cursor(*place, self.total, self.trail[:-1])


def sort_column(partition_id: int, type_: str, sort: SortKey) -> Condition:
    """Return the expression that results are sorted by; NULL has no value."""
    parameter, is_descending = sort
    if parameter.name in _COLUMNS:
        return _COLUMNS[parameter.name], []
    pick = "max" if is_descending else "min"
    owners = owner_of(partition_id, type_, parameter.name)
    if parameter.kind is Kind.TOKEN:
        found = [term(each, slots.CODE) for each in owners]
        return (
            f"(SELECT {pick}(t.text) FROM fhirlink_termtext t"  # noqa: S608 own names
            " WHERE t.slot = ANY(%s::bigint[]) AND t.term = ANY(r.terms))",
            [found],
        )
    table, column, keys = _ROWS[parameter.kind]
    found = [term(owner, *key) for owner in owners for key in keys]
    return (
        f"(SELECT {pick}({column}) FROM fhirlink_{table} v"  # noqa: S608 own names
        f" WHERE v.resource_id = r.id AND v.slot = ANY(%s::bigint[]))",
        [found],
    )


# In the unit of the dimension only, so that they can be compared; of what is less than
# a number that.
_BOUND: Final = (
    "CASE WHEN v.low > '-Infinity' THEN v.low WHEN v.high < 'Infinity' THEN v.high END"
)
_NUMBER: Final = f"CASE WHEN v.unit <> {AS_WRITTEN} THEN {_BOUND} END"
_NUMBERS: Final[tuple[str, str, list[Key]]] = (
    "quantityvalue",
    _NUMBER,
    [
        (slots.POINT,),
        (slots.RANGE,),
        (slots.CONVERTED, slots.POINT),
        (slots.CONVERTED, slots.RANGE),
    ],
)
_ROWS: Final[Mapping[Kind, tuple[str, str, list[Key]]]] = {
    Kind.DATE: ("datevalue", "v.first", [(slots.MOMENT,), (slots.PERIOD,)]),
    Kind.STRING: ("stringvalue", "v.text", [(slots.TEXT,)]),
    Kind.QUANTITY: _NUMBERS,
    Kind.NUMBER: _NUMBERS,
}


def order_by(sort: Sequence[SortKey], names: Sequence[str]) -> str:
    """Return what to order by: at last the key, that is, as they were first written."""
    return ", ".join(
        [
            *(
                name
                + (" DESC" if key.is_descending else "")
                # What an index could answer is not told of NULL, which is not there.
                + ("" if is_never_missing(key) else " NULLS LAST")
                for key, name in zip(sort, names, strict=True)
            ),
            "id",
        ]
    )


def is_never_missing(key: SortKey) -> bool:
    """Return whether every resource has a value of it."""
    return key.parameter.name in _COLUMNS


def after(sort: Sequence[SortKey], names: Sequence[str], cursor: Cursor) -> Condition:
    """Return what is true of the rows after the one of a cursor."""
    condition: Condition = ("id > %s", [cursor.key])
    columns = list(zip(sort, names, cursor.values, strict=True))
    for key, name, value in reversed(columns):
        if value is None:  # such rows are the last ones
            condition = all_of([(f"{name} IS NULL", []), condition])
            continue
        same = all_of([(f"{name} = %s", [value]), condition])
        condition = any_of([_beyond(key, name, value), same])
        if is_never_missing(key):  # which follows from it, for an index
            sign = "<=" if key.is_descending else ">="
            condition = all_of([(f"{name} {sign} %s", [value]), condition])
    return condition


def _beyond(key: SortKey, name: str, value: Any) -> Condition:
    sign = "<" if key.is_descending else ">"
    if is_never_missing(key):
        return f"{name} {sign} %s", [value]
    return f"({name} {sign} %s OR {name} IS NULL)", [value]


def written(cursor: Cursor, asked: Asked) -> str:
    """Return a cursor as addresses have it."""
    place = [_search_of(asked), cursor.key, list(cursor.values), cursor.total]
    trail = [each and list(each) for each in cursor.trail[-_LONGEST_TRAIL:]]
    said = _json([*place, trail])
    while trail and len(said) > _LARGEST_BYTES:
        del trail[0]
        said = _json([*place, trail])
    return hidden(said.decode(), of=_OF).rstrip("=")


def _json(said: list[Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_UTC_Z)


def read(text: str, asked: Asked) -> Cursor:
    """Return what a cursor of this search says.

    Raises
    ------
    Invalid
        It is none of ours, or of another search.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        said = orjson.loads(shown(padded, of=_OF, otherwise=""))
        search, key, values, total, trail = said
    except (Gone, ValueError):
        raise _none() from None
    if search != _search_of(asked):
        raise _none()
    before = (each and _place(asked.sort, *each) for each in trail)
    return Cursor(*_place(asked.sort, key, values), total, tuple(before))


def _place(sort: Sequence[SortKey], key: int, values: Sequence[Any]) -> Place:
    typed = [_typed(*each) for each in zip(sort, values, strict=True)]
    return Place(key, tuple(typed))


def _typed(sort: SortKey, value: Any) -> Any:
    is_moment = sort.parameter.kind is Kind.DATE
    return datetime.fromisoformat(value) if is_moment and value is not None else value


def _search_of(asked: Asked) -> str:
    """Return what tells searches apart; how many are on a page does not matter."""
    said = [
        *asked.types,
        asked.compartment,
        *(pair for pair in asked.pairs if pair[0] != "_count"),
    ]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()[:16]


def _none() -> Invalid:
    message = "The cursor is none of this search: begin anew."
    return Invalid(message, path=CURSOR)
