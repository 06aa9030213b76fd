"""The statements that write resources: set-based, for any number of rows.

They run on the current thread's connection inside the caller's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.database import raw_connection
from fhirlink.search.index import TermText

Address = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A resource as it is held, its row locked.

    Attributes
    ----------
    version_id
        The key of the version that may be written next; the row has it already where
        it was inserted by this transaction.
    number
        Of the current version; 0 where the row was inserted by this transaction, which
        then says already what it will be.
    updated_at
        When the current version was written.
    moment
        When the next one is: to the millisecond, as FHIR writes it.
    """

    id: int
    type: str
    fhir_id: str
    version_id: int
    number: int
    updated_at: datetime
    moment: datetime
    is_deleted: bool
    body: bytes


_NOW: Final = "date_trunc('milliseconds', statement_timestamp())"
_INSERT: Final = (
    "INSERT INTO fhirlink_resource (partition_id, type, fhir_id, version_id, number,"  # noqa: S608 own names
    " updated_at, is_deleted, terms) SELECT %s, key.type, key.fhir_id,"
    f" nextval('fhirlink_resourceversion_id_seq'), 1, {_NOW}, false,"
    " key.terms::bigint[]"
    " FROM unnest(%s::text[], %s::text[], %s::text[]) AS key (type, fhir_id, terms)"
    " ON CONFLICT DO NOTHING RETURNING id, type, fhir_id, version_id, 0, updated_at,"
    " updated_at, false, ''::bytea"
)
_LOCK: Final = (
    "SELECT r.id, r.type, r.fhir_id, nextval('fhirlink_resourceversion_id_seq'),"  # noqa: S608 own names
    f" r.number, r.updated_at, greatest({_NOW}, r.updated_at), r.is_deleted, v.body"
    " FROM (SELECT r.* FROM unnest(%s::text[], %s::text[]) AS key (type, fhir_id)"
    " JOIN fhirlink_resource r ON r.partition_id = %s AND r.type = key.type"
    " AND r.fhir_id = key.fhir_id ORDER BY r.id FOR UPDATE OF r) r"
    " JOIN fhirlink_resourceversion v ON v.id = r.version_id"
)
_INSERT_VERSIONS: Final = (
    "INSERT INTO fhirlink_resourceversion (id, resource_id, number, at, method, body)"
    " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[],"
    " %s::text[], %s::bytea[])"
)
_UPDATE: Final = (
    "UPDATE fhirlink_resource r SET version_id = new.version_id, number = new.number,"
    " updated_at = new.at, is_deleted = new.is_deleted, terms = new.terms::bigint[]"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[],"
    " %s::boolean[], %s::text[])"
    " AS new (id, version_id, number, at, is_deleted, terms) WHERE r.id = new.id"
)
_UPDATE_TERMS: Final = (
    "UPDATE fhirlink_resource r SET terms = new.terms::bigint[]"
    " FROM unnest(%s::bigint[], %s::text[]) AS new (id, terms)"
    " WHERE r.id = new.id AND r.terms <> new.terms::bigint[]"
)
_TABLES: Final[Mapping[str, tuple[str, str]]] = {
    "stringvalue": ("resource_id, slot, text", "bigint[], bigint[], text[]"),
    "datevalue": (
        'resource_id, slot, first, "end"',
        "bigint[], bigint[], timestamptz[], timestamptz[]",
    ),
    "quantityvalue": (
        "resource_id, slot, low, high, unit",
        "bigint[], bigint[], double precision[], double precision[], bigint[]",
    ),
}


_INSERT_TEXTS: Final = (
    "INSERT INTO fhirlink_termtext (slot, text, term)"
    " SELECT new.* FROM unnest(%s::bigint[], %s::text[], %s::bigint[])"
    " AS new (slot, text, term) WHERE NOT EXISTS"
    " (SELECT FROM fhirlink_termtext held WHERE held.term = new.term)"
    " ORDER BY new.term ON CONFLICT DO NOTHING"
)


def insert_rows(
    partition_id: int, terms: Mapping[Address, Sequence[int]]
) -> dict[Address, Row]:
    """Insert first versions by their terms; return those of what was never there."""
    types, ids = _columns(list(terms))
    found_by = [_array(each) for each in terms.values()]
    rows = raw_connection().execute(_INSERT, (partition_id, types, ids, found_by))
    return {(row[1], row[2]): Row(*row) for row in rows}


def lock_rows(partition_id: int, addresses: Sequence[Address]) -> dict[Address, Row]:
    """Lock the rows of what is held, or was."""
    types, ids = _columns(addresses)
    rows = raw_connection().execute(_LOCK, (types, ids, partition_id))
    return {(row[1], row[2]): Row(*row) for row in rows}


def insert_versions(versions: Sequence[tuple[Row, str]]) -> None:
    """Write the new versions of rows, with the methods that made them."""
    raw_connection().execute(
        _INSERT_VERSIONS,
        (
            [row.version_id for row, _ in versions],
            [row.id for row, _ in versions],
            [row.number for row, _ in versions],
            [row.moment for row, _ in versions],
            [method for _, method in versions],
            [row.body for row, _ in versions],
        ),
    )


def update_rows(rows: Sequence[tuple[Row, Sequence[int]]]) -> None:
    """Have rows be what they say, found by the terms."""
    if not rows:
        return
    raw_connection().execute(
        _UPDATE,
        (
            [row.id for row, _ in rows],
            [row.version_id for row, _ in rows],
            [row.number for row, _ in rows],
            [row.moment for row, _ in rows],
            [row.is_deleted for row, _ in rows],
            [_array(terms) for _, terms in rows],
        ),
    )


def update_terms(rows: Sequence[tuple[int, Sequence[int]]]) -> None:
    """Have resources be found by other terms, where they are."""
    keys, terms = [key for key, _ in rows], [_array(each) for _, each in rows]
    raw_connection().execute(_UPDATE_TERMS, (keys, terms))


def delete_values(resource_ids: Sequence[int]) -> None:
    """Remove what resources were found by."""
    if not resource_ids:
        return
    for table in _TABLES:
        raw_connection().execute(
            f"DELETE FROM fhirlink_{table} WHERE resource_id = ANY(%s)",  # noqa: S608 own names
            (list(resource_ids),),
        )


def insert_values(table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write values that resources are found by."""
    if not rows:
        return
    columns, types = _TABLES[table]
    places = ", ".join(f"%s::{each}" for each in types.split(", "))
    raw_connection().execute(
        f"INSERT INTO fhirlink_{table} ({columns}) SELECT * FROM unnest({places})",  # noqa: S608 own names
        [list(column) for column in zip(*rows, strict=True)],
    )


def insert_texts(texts: Iterable[TermText]) -> None:
    """Write the texts of terms that have none yet.

    In one order for all: two writers of the same texts wait for each other once.
    """
    rows = {text.term: text for text in texts}.values()
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        raw_connection().execute(_INSERT_TEXTS, columns)


def _columns(addresses: Sequence[Address]) -> tuple[list[str], list[str]]:
    return [type_ for type_, _ in addresses], [fhir_id for _, fhir_id in addresses]


def _array(terms: Sequence[int]) -> str:
    """Return what PostgreSQL reads as an array: there are no arrays of ragged ones."""
    return "{" + ",".join(map(str, terms)) + "}"


def analyze() -> None:
    """Have PostgreSQL count anew what is where: else it plans for empty tables."""
    for table in ("resource", "resourceversion", *_TABLES):
        raw_connection().execute(f"ANALYZE fhirlink_{table}")
