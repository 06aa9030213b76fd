"""Pieces of SQL with their values, put together in the order of their placeholders."""

from collections.abc import Iterable
from string import Formatter
from typing import Any, Final, NamedTuple


class Sql(NamedTuple):
    """A piece of SQL, and the values of its ``%s``."""

    text: str
    values: tuple[Any, ...] = ()


TRUE: Final = Sql("true")
FALSE: Final = Sql("false")


def sql(text: str, *values: Any) -> Sql:
    """Return a piece of SQL."""
    return Sql(text, values)


def fill(template: str, **parts: "Sql | str | int") -> Sql:
    """Return a template with pieces in the place of ``{name}``.

    The template itself has no placeholders for values. What is given as text or number
    is put in as it is: names of our own, never what somebody has asked.
    """
    text: list[str] = []
    values: list[Any] = []
    for literal, name, _, _ in Formatter().parse(template):
        text.append(literal)
        if name is not None:
            part = parts[name]
            if isinstance(part, Sql):
                text.append(part.text)
                values.extend(part.values)
            else:
                text.append(str(part))
    return Sql("".join(text), tuple(values))


def all_of(conditions: Iterable[Sql]) -> Sql:
    """Return what is true where all are."""
    return _joined(" AND ", conditions, TRUE)


def any_of(conditions: Iterable[Sql]) -> Sql:
    """Return what is true where one is."""
    return _joined(" OR ", conditions, FALSE)


def listed(parts: Iterable[Sql], between: str = ", ") -> Sql:
    """Return pieces one after the other."""
    given = list(parts)
    values = tuple(value for each in given for value in each.values)
    return Sql(between.join(each.text for each in given), values)


def _joined(operator: str, conditions: Iterable[Sql], nothing: Sql) -> Sql:
    given = list(conditions)
    if len(given) < 2:
        return given[0] if given else nothing
    joined = listed(given, operator)
    return Sql(f"({joined.text})", joined.values)
