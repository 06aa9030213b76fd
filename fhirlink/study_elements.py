"""Who tells what of a study: images, or the record's own ImagingStudy of it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import orjson

from core import audit
from core.access import Actor
from core.database import raw_connection
from fhirlink.access import seen_in
from fhirlink.document import unpacked

_BOTH: Final = frozenset({"identifier"})
_OF_NOBODY: Final = frozenset({"resourceType", "id", "meta"})
_STUDIES: Final = (
    "SELECT l.study_instance_uid, l.of_record::text, v.body FROM fhirlink_linkedstudy l"
    " JOIN fhirlink_resource r ON r.partition_id = l.partition_id"
    " AND r.type = 'ImagingStudy' AND r.fhir_id = l.fhir_id AND NOT r.is_deleted"
    " JOIN fhirlink_resourceversion v ON v.id = r.version_id"
    " WHERE l.partition_id = %s AND l.study_instance_uid = ANY(%s::text[])"
)


class Teller(StrEnum):
    """Who tells an element."""

    IMAGES = "images"
    RECORD = "record"
    BOTH = "both"


def elements_of_studies(
    *, actor: Actor, partition: str, uids: Sequence[str]
) -> dict[str, Mapping[str, Teller]]:
    """Return who tells each element of the ImagingStudies of studies, by UID.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see who patients are here.
    """
    seen = seen_in(actor, partition)
    cursor = raw_connection().cursor(binary=True)
    values = [seen.partition_id, list(uids), *seen.values]
    rows = cursor.execute(f"{_STUDIES} AND {seen.condition}", values).fetchall()
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=seen.partition_id,
        detail=f"who tells what of {len(rows)} ImagingStudy",
    )
    audit.record_answer(event, patients=(), studies=[row[0] for row in rows])
    return {
        uid: _tellers(orjson.loads(of_record), orjson.loads(unpacked(body)))
        for uid, of_record, body in rows
        if body
    }


def _tellers(
    of_record: Sequence[str], study: Mapping[str, object]
) -> dict[str, Teller]:
    found = {}
    for name in study.keys() - _OF_NOBODY:
        told = name in of_record
        found[name] = Teller.RECORD if told else Teller.IMAGES
        if told and name in _BOTH:
            found[name] = Teller.BOTH
    return dict(sorted(found.items()))
