"""Studies that orders announce: nothing of them is held, yet they are to come.

An order tells so by the StudyInstanceUID that its images are to have. What images are
made without one cannot be told before they come.

References
----------
FHIR R4 ImagingStudy.status; DICOM PS3.4 K.6.1.2.2 (Study Instance UID of a worklist).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhirlink.linkage import key_rows, keys
from fhirlink.linkage.current import current
from fhirlink.linkage.identifiers import TYPES, of_study
from fhirlink.linkage.keys import Kind
from fhirlink.linkage.orders import ORDER
from fhirlink.linkage.reading import clean, compact

_OPEN: Final = frozenset({"active", "on-hold"})
_SUBJECTS: Final = ("Patient", "Group", "Device")  # of an ImagingStudy
Json = Mapping[str, Any]


def announced(partition_id: int, uids: Sequence[str]) -> dict[str, Json]:
    """Return what is registered of studies, by UID; those not announced are left out.

    Of several open orders for one the first by id tells it.
    """
    terms = {keys.of_uid(uid): uid for uid in uids}
    if not terms:
        return {}
    owners = key_rows.owners_of(partition_id, ORDER, Kind.STUDY, list(terms))
    ids = {each for found in owners.values() for each in found}
    orders = current(partition_id, ORDER, ids) if ids else {}
    found: dict[str, Json] = {}
    for term, named in owners.items():
        held = [(id_, orders[id_]) for id_ in sorted(named) if id_ in orders]
        announcing = next((each for each in held if _is_open(each[1])), None)
        if announcing is not None:
            found[terms[term]] = registered(terms[term], *announcing)
    return found


def registered(uid: str, order_id: str, order: Json) -> dict[str, Any]:
    """Return the ImagingStudy of a study that an order announces: pure."""
    code = order.get("code")
    return compact(
        resourceType="ImagingStudy",
        identifier=[of_study(uid), *_accessions(order)],
        status="registered",
        subject=order["subject"],
        basedOn=[{"reference": f"{ORDER}/{order_id}", "type": ORDER}],
        numberOfSeries=0,
        numberOfInstances=0,
        procedureCode=[code] if code else [],
        reasonCode=order.get("reasonCode"),
    )


def _is_open(order: Json) -> bool:
    subject = order.get("subject")
    if clean(order.get("status")) not in _OPEN or not isinstance(subject, Mapping):
        return False
    named = clean(subject.get("reference")).partition("/")[0] or subject.get("type")
    return named in _SUBJECTS


def _accessions(order: Json) -> list[Json]:
    return [
        each
        for each in order.get("identifier") or ()
        if any(
            (coding.get("system"), coding.get("code")) == (TYPES, "ACSN")
            for coding in (each.get("type") or {}).get("coding") or ()
        )
    ]
