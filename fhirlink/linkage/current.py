"""Resources as they are now, or were at a version, for who folds studies."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from core.database import raw_connection
from fhirlink.document import unpacked

Json = Mapping[str, Any]


def current(partition_id: int, type_: str, ids: Collection[str]) -> dict[str, Json]:
    """Return the content of resources; those that are not, or no more, are left out."""
    cursor = raw_connection().cursor(binary=True)
    rows = cursor.execute(_CURRENT, (partition_id, type_, sorted(ids)))
    return {fhir_id: orjson.loads(unpacked(body)) for fhir_id, body in rows if body}


def changed_at(
    partition_id: int, type_: str, ids: Collection[str]
) -> dict[str, datetime]:
    """Return when resources were last written, or deleted, by their ids."""
    rows = raw_connection().execute(_CHANGED, (partition_id, type_, list(ids)))
    return dict(rows.fetchall())


def at_versions(version_ids: Collection[int]) -> dict[int, Json]:
    """Return the content of versions; those of a deletion are left out."""
    cursor = raw_connection().cursor(binary=True)
    rows = cursor.execute(_AT, (sorted(version_ids),))
    return {key: orjson.loads(unpacked(body)) for key, body in rows if body}


_CURRENT: Final = (
    "SELECT r.fhir_id, v.body FROM fhirlink_resource r"
    " JOIN fhirlink_resourceversion v ON v.id = r.version_id"
    " WHERE r.partition_id = %s AND r.type = %s AND r.fhir_id = ANY(%s::text[])"
)
_CHANGED: Final = (
    "SELECT fhir_id, updated_at FROM fhirlink_resource"
    " WHERE partition_id = %s AND type = %s AND fhir_id = ANY(%s::text[])"
)
_AT: Final = (
    "SELECT id, body FROM fhirlink_resourceversion WHERE id = ANY(%s::bigint[])"
)
