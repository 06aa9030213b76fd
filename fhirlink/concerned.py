"""Which patients of the images resources are of, for the audit log.

A patient of the log is one that images are of, too; who is in the record alone is named
by what was asked for.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from core.database import raw_connection
from fhirlink.definitions.compartment import patient_compartment
from fhirlink.definitions.parameters import parameters_of
from fhirlink.document import unpacked
from fhirlink.search.values import Link, values_at


def patients_of(
    partition_id: int, resources: Iterable[tuple[str, str, bytes]]
) -> list[int]:
    """Return the keys of the patients in whose compartments resources lie.

    Parameters
    ----------
    resources
        Type, id and content as `fhirlink.document` keeps it.
    """
    ids = sorted({one for each in resources for one in _ids(*each)})
    if not ids:
        return []
    rows = raw_connection().execute(
        "SELECT DISTINCT patient_id FROM fhirlink_patientlink"
        " WHERE partition_id = %s AND fhir_id = ANY(%s::text[])",
        (partition_id, ids),
    )
    return [key for (key,) in rows]


def _ids(type_: str, fhir_id: str, body: bytes) -> Iterator[str]:
    if type_ == "Patient":
        yield fhir_id
    leading = patient_compartment(type_)
    if leading and body:
        resource: Mapping[str, Any] = orjson.loads(unpacked(body))
        for name in leading & parameters_of(type_).keys():
            for value in values_at(parameters_of(type_)[name], resource):
                if isinstance(value, Link) and value.type == "Patient":
                    yield value.fhir_id
