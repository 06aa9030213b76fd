"""What the tables of the lake consist of, and how values come out of a DICOM model.

Values are as the files have them: dates and times as DICOM writes them (YYYYMMDD,
HHMMSS.FFFFFF), names with their component groups joined by '='. A row of ``instances``
says what its own file says; one of ``studies`` or ``series`` what the newest instance
of it says, as searches do.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any, Final

from imaging.fold import storable
from imaging.index import Model
from imaging.levels import Kind, Level
from imaging.query.attributes import ATTRIBUTES, Attribute

Value = str | int | list[str] | list[int] | list[float] | None
Row = tuple[Value, ...]

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_INT64: Final = range(-(2**63), 2**63)


class Type(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    MOMENT = "moment"  # microseconds since 1970, UTC
    TEXTS = "texts"
    INTEGERS = "integers"
    NUMBERS = "numbers"  # with fractions


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a row gives a value of its own to."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """A column whose values come out of the DICOM JSON model.

    Attributes
    ----------
    level
        The lowest level of which the attribute is one: it is a column of that level's
        table, and of ``instances``.
    read
        Returns the value that a model has.
    """

    name: str
    type: Type
    level: Level
    read: Callable[[Model], Value]


AnyColumn = Column | ModelColumn
MoreColumns = Callable[[], Iterable[ModelColumn]]

_more: list[MoreColumns] = []


def register_columns(more: MoreColumns) -> None:
    """Have tables get further columns, asked for anew before each batch is written.

    A column that a table does not have yet is added to it; rows that are there already
    have no value until the lake is rebuilt. One that is no longer named stays, empty.
    """
    _more.append(more)


def model_columns(level: Level) -> tuple[ModelColumn, ...]:
    """Return the columns that come out of models, of one table."""
    named = {column.name: column for more in _more for column in more()}
    named.update((column.name, column) for column in INDEXED)
    return tuple(
        column
        for column in named.values()
        if column.level == level or level is Level.INSTANCE
    )


def attribute_column(path: str, keyword: str, type_: Type, level: Level) -> ModelColumn:
    """Return a column with the values of an attribute.

    Parameters
    ----------
    path
        8 hexadecimal digits; inside of sequences all tags, joined by dots.
    keyword
        What it is called after, joined alike; the path where there is none.
    """
    tags = path.split(".")
    many = type_ in {Type.TEXTS, Type.INTEGERS}
    wanted = int if type_ in {Type.INTEGER, Type.INTEGERS} else str

    def read(model: Model) -> Value:
        found = _values(model, tags)
        if not many:
            return plain(found[0], wanted) if found else None
        return [v for v in (plain(each, wanted) for each in found) if v is not None]

    return ModelColumn(column_name(keyword or path), type_, level, read)


def column_name(keyword: str) -> str:
    """Return a keyword as tables spell it: ``StudyInstanceUID`` is study_instance_uid.

    Of one inside of sequences the parts are joined by two underscores; a tag without
    keyword becomes ``tag_00091001``.
    """
    parts = [
        f"tag_{part.lower()}"
        if re.fullmatch(r"[0-9A-Fa-f]{8}", part)
        else _WORDS.sub("_", part).lower()
        for part in keyword.split(".")
    ]
    return "__".join(parts)


def _values(model: Model, tags: Sequence[str]) -> list[Any]:
    """Return all values of an attribute, those of all items in their order."""
    element: Mapping[str, Any] = model.get(tags[0]) or {}
    values = element.get("Value") or []
    if len(tags) == 1:
        return list(values)
    return [
        each
        for item in values
        if isinstance(item, dict)
        for each in _values(item, tags[1:])
    ]


def plain(value: object, wanted: type) -> Any:
    """Return a value if it is of the wanted type, text without padding; else None."""
    if isinstance(value, dict):  # a person name
        value = "=".join(str(value.get(group, "")) for group in _GROUPS).rstrip("=")
    if wanted is int:
        return value if isinstance(value, int) and value in _INT64 else None
    if wanted is float:
        return _number(value)
    return (storable(value) or None) if isinstance(value, str) else None


def _number(value: object) -> float | None:
    """Return a number of any form; DS and IS may stand there as text."""
    if not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _indexed(attribute: Attribute) -> ModelColumn:
    type_ = Type.INTEGER if attribute.kind is Kind.NUMBER else Type.TEXT
    return attribute_column(
        attribute.tag,
        attribute.keyword,
        Type.TEXTS if attribute.in_item else type_,
        attribute.level,
    )


INDEXED: Final = tuple(_indexed(each) for each in ATTRIBUTES if not each.many)
"""Those that a search can match by; what is counted over a study has its own column."""
