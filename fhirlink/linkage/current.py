"""Resources as they are now, or were at a version, for who folds studies."""

from collections.abc import Collection, Mapping
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
_AT: Final = (
    "SELECT id, body FROM fhirlink_resourceversion WHERE id = ANY(%s::bigint[])"
)
