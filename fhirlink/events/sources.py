"""What the follower reads: resources as they are now, and what they depend on."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from core.changefeed import Entry
from core.database import as_rows, raw_connection
from fhirlink.document import unpacked
from fhirlink.events.codes import Codes
from fhirlink.events.extract import Known, medication_codes
from fhirlink.events.shapes import SHAPES
from fhirlink.json_text import Number

Json = Any
Named = tuple[int, str]
"""Key of a partition, and type and id of a resource in it."""

MEDICATION: Final = "Medication"
IMAGING_STUDY: Final = "ImagingStudy"
PATIENT: Final = "Patient"
MOST: Final = 1000  # resources that are in memory at once
LARGEST: Final = 16 * 1024**2  # bytes of their JSON, unless one alone has more
_READ: Final = frozenset({*SHAPES, MEDICATION, PATIENT})
_MEASURED: Final = "Observation"
# Of measurements people read the digits that were written; of others nobody does.
_MEASUREMENTS: Final = json.JSONDecoder(parse_float=Number)


class Held(NamedTuple):
    """A resource as it is now.

    Attributes
    ----------
    content
        Its JSON; None where it is deleted.
    """

    id: int
    partition_id: int
    type: str
    fhir_id: str
    content: Mapping[str, Json] | None

    @property
    def named(self) -> Named:
        """Return by what others refer to it."""
        return self.partition_id, f"{self.type}/{self.fhir_id}"


def changed_ids(entries: Iterable[Entry]) -> list[int]:
    """Return the keys of resources that entries tell of, as they are now.

    Of what has changed again a later entry tells.
    """
    asked = [
        {"version_id": each.version}
        for each in entries
        if each.version is not None and each.key[0] in _READ
    ]
    if not asked:
        return []
    return [row[0] for row in raw_connection().execute(_CURRENT, (as_rows(asked),))]


def in_chunks(ids: Sequence[int]) -> Iterator[list[Held]]:
    """Yield resources by their keys, as many at once as memory has room for."""
    waiting: list[Held] = []
    size = 0
    for block in _blocks(ids):
        for row in raw_connection().execute(_BY_ID, (block,)):
            held, length = _held(*row)
            waiting.append(held)
            size += length
            if size > LARGEST or len(waiting) >= MOST:
                yield waiting
                waiting, size = [], 0
    if waiting:
        yield waiting


def _blocks(ids: Sequence[int]) -> Iterator[list[int]]:
    """Yield keys of what is not too large while it is compressed."""
    block: list[int] = []
    size = 0
    for key, length in raw_connection().execute(_SIZES, (list(ids),)):
        block.append(key)
        size += length
        if size > LARGEST:
            yield block
            block, size = [], 0
    if block:
        yield block


def dependants(names: Iterable[Named]) -> list[tuple[int, Named]]:
    """Return the keys of resources that need one of some, each with what it needs."""
    asked = as_rows({"partition_id": part, "name": name} for part, name in names)
    rows = raw_connection().execute(_DEPENDANTS, (asked,))
    return [(row[0], (row[1], row[2])) for row in rows]


def known(names: Iterable[Named]) -> dict[int, Known]:
    """Return what is known of those that are needed, of each partition."""
    found: dict[int, tuple[dict[str, Codes], dict[str, str]]] = {}
    split = [(part, *name.split("/", 1)) for part, name in set(names)]
    asked = as_rows({"partition_id": p, "type": t, "fhir_id": i} for p, t, i in split)
    for row in raw_connection().execute(_BY_NAME, (asked,)):
        held, _ = _held(*row)
        if held.content is not None:
            medications = found.setdefault(held.partition_id, ({}, {}))[0]
            medications[held.named[1]] = medication_codes(held.content)
    for part, name, study in raw_connection().execute(_STUDIES_BY_NAME, (asked,)):
        found.setdefault(part, ({}, {}))[1][name] = study
    return {part: Known(*each) for part, each in found.items()}


def write_needs(needs: Mapping[int, Iterable[Named]]) -> None:
    """Write down what resources need, in place of what they needed before."""
    raw_connection().execute(_FORGET_NEEDS, (list(needs),))
    rows = [
        {"resource_id": key, "partition_id": part, "name": name}
        for key, names in needs.items()
        for part, name in names
    ]
    if rows:
        raw_connection().execute(_WRITE_NEEDS, (as_rows(rows),))


def needed_by(ids: Sequence[int]) -> list[Named]:
    """Return what resources have needed as yet."""
    rows = raw_connection().execute(_NEEDED, (list(ids),))
    return [(row[0], row[1]) for row in rows]


def _held(
    key: int, partition_id: int, type_: str, fhir_id: str, body: bytes | None
) -> tuple[Held, int]:
    """Return a resource, and how long its JSON is."""
    if not body:
        return Held(key, partition_id, type_, fhir_id, None), 0
    text = unpacked(body)
    is_measured = type_ == _MEASURED
    content = _MEASUREMENTS.decode(text.decode()) if is_measured else orjson.loads(text)
    named = {**content, "resourceType": type_, "id": fhir_id}
    return Held(key, partition_id, type_, fhir_id, named), len(text)


_ROW: Final = (
    "r.id, r.partition_id, r.type, r.fhir_id,"
    " CASE WHEN r.is_deleted THEN NULL ELSE v.body END"
)
_VERSION: Final = "JOIN fhirlink_resourceversion v ON v.id = r.version_id"
_CURRENT: Final = (
    "SELECT DISTINCT r.id FROM json_to_recordset(%s::json) AS asked (version_id bigint)"
    " JOIN fhirlink_resourceversion v ON v.id = asked.version_id"
    " JOIN fhirlink_resource r ON r.id = v.resource_id AND r.version_id = v.id"
    " ORDER BY 1"
)
_SIZES: Final = (
    f"SELECT r.id, octet_length(v.body) FROM fhirlink_resource r {_VERSION}"  # noqa: S608 own names
    " WHERE r.id = ANY(%s::bigint[]) ORDER BY r.id"
)
_BY_ID: Final = (
    f"SELECT {_ROW} FROM fhirlink_resource r {_VERSION}"  # noqa: S608 own names
    " WHERE r.id = ANY(%s::bigint[]) ORDER BY r.id"
)
_ASKED: Final = (
    "json_to_recordset(%s::json)"
    " AS asked (partition_id bigint, type text, fhir_id text)"
    " JOIN fhirlink_resource r USING (partition_id, type, fhir_id)"
)
_BY_NAME: Final = (
    f"SELECT {_ROW} FROM {_ASKED} {_VERSION} WHERE r.type = '{MEDICATION}'"  # noqa: S608 own names
)
_STUDIES_BY_NAME: Final = (
    "SELECT r.partition_id, r.type || '/' || r.fhir_id,"  # noqa: S608 own names
    f" substr(need.name, {len('study/') + 1}) FROM {_ASKED}"
    " JOIN fhirlink_eventneed need ON need.resource_id = r.id"
    f" AND need.name LIKE 'study/%%' WHERE r.type = '{IMAGING_STUDY}'"
)
_DEPENDANTS: Final = (
    "SELECT DISTINCT need.resource_id, need.partition_id, need.name"
    " FROM json_to_recordset(%s::json) AS asked (partition_id bigint, name text)"
    " JOIN fhirlink_eventneed need USING (partition_id, name) ORDER BY 1"
)
_NEEDED: Final = (
    "SELECT partition_id, name FROM fhirlink_eventneed"
    " WHERE resource_id = ANY(%s::bigint[])"
)
_FORGET_NEEDS: Final = (
    "DELETE FROM fhirlink_eventneed WHERE resource_id = ANY(%s::bigint[])"
)
_WRITE_NEEDS: Final = (
    "INSERT INTO fhirlink_eventneed (resource_id, partition_id, name)"
    " SELECT * FROM json_to_recordset(%s::json)"
    " AS new (resource_id bigint, partition_id bigint, name text)"
)
