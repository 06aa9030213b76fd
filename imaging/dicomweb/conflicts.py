"""``GET /patientconflicts``: studies that contradict themselves about their patient.

An address of our own: the standard has none for it.
"""

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run_read
from core.media_types import JSON
from imaging.conflicts import PatientConflict, Variant, list_patient_conflicts
from imaging.dicomweb.request import actor_of, link_to_next, whole_number
from imaging.dicomweb.responses import text_response

MAXIMUM_LIMIT: Final = 200
LAST: Final = 2**63 - 1


async def patient_conflicts(request: Request) -> Response:
    """Answer a page of a partition, or of all where the address names none."""
    limit = whole_number(request, "limit", 100, minimum=1, maximum=MAXIMUM_LIMIT)
    found = await run_read(
        list_patient_conflicts,
        actor=actor_of(request),
        partition=request.path_params.get("partition"),
        after=whole_number(request, "after", 0, maximum=LAST),
        limit=limit,
    )
    headers = {}
    if len(found) == limit:
        headers["link"] = link_to_next(request, "after", found[-1].cursor)
    body = orjson.dumps([_row(conflict) for conflict in found])
    return text_response(request, body, media_type=JSON, headers=headers)


def _row(conflict: PatientConflict) -> dict[str, Any]:
    return {
        "partitionName": conflict.partition_name,
        "studyInstanceUid": conflict.study_instance_uid,
        "numberOfVariants": conflict.number_of_variants,
        "variants": [_variant(variant) for variant in conflict.variants],
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "issuerOfPatientId": variant.issuer_of_patient_id,
        "patientId": variant.patient_id,
        "patientName": variant.patient_name,
        "patientBirthDate": variant.patient_birth_date,
        "patientSex": variant.patient_sex,
        "numberOfInstances": variant.number_of_instances,
    }
