"""The search parameters of each resource type, and where their values stand.

Read once from the table that `fhirlink.definitions.generate` has written.

References
----------
FHIR R4 3.1.1 Search; the search parameters of each resource's page.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

TABLE: Final = Path(__file__).parent / "search_parameters.json"
ANY_TYPE: Final = "*"


class Kind(StrEnum):
    """How values are compared (FHIR R4 3.1.1.4)."""

    TOKEN = "token"  # noqa: S105 no secret, a kind of parameter
    STRING = "string"
    DATE = "date"
    REFERENCE = "reference"
    QUANTITY = "quantity"
    NUMBER = "number"
    URI = "uri"
    COMPOSITE = "composite"


class Values(NamedTuple):
    """Where values stand in the JSON of a resource.

    Attributes
    ----------
    path
        Names from the resource, or from where a composite's part begins.
    type
        Of what stands there: a type of FHIR; ``exists`` for whether there is anything.
    only
        Of references the type that counts, of contact points the system.
    """

    path: tuple[str, ...]
    type: str
    only: str = ""


class Part(NamedTuple):
    """A component of a composite."""

    kind: Kind
    values: tuple[Values, ...]


class Group(NamedTuple):
    """Where the parts of a composite stand together."""

    at: tuple[str, ...]
    parts: tuple[Part, ...]


class Parameter(NamedTuple):
    """A search parameter of one resource type.

    Attributes
    ----------
    values
        Where its values stand; empty for composites, which have `groups`.
    target
        Types that references lead to; `ANY_TYPE` for all.
    is_single
        Whether a resource has one date of it at most.
    """

    name: str
    kind: Kind
    values: tuple[Values, ...] = ()
    groups: tuple[Group, ...] = ()
    target: tuple[str, ...] = ()
    is_single: bool = False


@cache
def parameters_of(resource_type: str) -> Mapping[str, Parameter]:
    """Return the parameters of a type by name, those of all resources among them."""
    table = _table()
    return _read(table.get(resource_type, {})) | _read(table["Resource"])


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = orjson.loads(TABLE.read_bytes())
    return table


def _read(rows: Mapping[str, Any]) -> dict[str, Parameter]:
    return {
        name: Parameter(
            name,
            Kind(row["kind"]),
            _values(row.get("values", ())),
            tuple(
                Group(
                    _path(each["at"]),
                    tuple(
                        Part(Kind(part["kind"]), _values(part["values"]))
                        for part in each["parts"]
                    ),
                )
                for each in row.get("groups", ())
            ),
            tuple(row.get("target", ())),
            row.get("single", False),
        )
        for name, row in rows.items()
    }


def _values(rows: Any) -> tuple[Values, ...]:
    return tuple(
        Values(_path(row["path"]), row["type"], row.get("only", "")) for row in rows
    )


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split(".")) if text else ()
