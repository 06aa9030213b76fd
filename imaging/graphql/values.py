"""Fields whose values are attributes of what was found, as a search answers them."""

from collections.abc import Callable
from typing import Any, Final

import strawberry

from imaging.index import tag_of
from imaging.query import Row

_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**63 - 1


@strawberry.type(description="A person's name (DICOM VR PN), by component groups.")
class PersonName:
    """A name in up to three scripts."""

    alphabetic: str | None = strawberry.field(
        description="In letters, its components separated by '^'."
    )
    ideographic: str | None = strawberry.field(
        description="In ideographs, such as Chinese characters."
    )
    phonetic: str | None = strawberry.field(description="As it sounds.")


def values(row: Row, tag: str) -> list[Any]:
    """Return the values of an attribute."""
    found: list[Any] = row.attributes.get(tag, {}).get("Value") or []
    return found


def text(keyword: str, description: str) -> Any:
    """Return a field with an attribute's first value, as text."""
    return _field(keyword, description, str)


def number(keyword: str, description: str) -> Any:
    """Return a field with an attribute's first value, as a whole number."""
    return _field(keyword, description, _whole)


def name(keyword: str, description: str) -> Any:
    """Return a field with an attribute's first value, as a person's name."""
    return _field(keyword, description, _name)


def texts(keyword: str, description: str) -> Any:
    """Return a field with all values of an attribute, as text."""
    tag = tag_of(keyword)

    def resolve(root: Any) -> list[str]:
        return [str(value) for value in values(root.row, tag) if value is not None]

    return strawberry.field(resolver=resolve, description=description)


def _field(keyword: str, description: str, render: Callable[[Any], Any]) -> Any:
    tag = tag_of(keyword)

    def resolve(root: Any):  # type: ignore[no-untyped-def] # the class says its type
        found = values(root.row, tag)
        return render(found[0]) if found and found[0] is not None else None

    return strawberry.field(resolver=resolve, description=description)


def _whole(value: Any) -> int | None:
    try:
        found = int(value)
    except (TypeError, ValueError):
        return None
    return found if _SMALLEST <= found <= _LARGEST else None


def _name(value: Any) -> PersonName | None:
    if not isinstance(value, dict):
        return None
    return PersonName(
        alphabetic=value.get("Alphabetic"),
        ideographic=value.get("Ideographic"),
        phonetic=value.get("Phonetic"),
    )
