"""From a row of the audit log to a FHIR R4 AuditEvent: pure.

Codes are those of DICOM PS3.15 A.5, which FHIR's value sets take over. R4B is R4 for
this resource.

References
----------
FHIR R4 AuditEvent; DICOM PS3.15 A.5.
"""

import base64
import importlib
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from core.audit_events import EVENT_TYPES, EVENTS, Action
from core.audit_search import MASK, AuditEntry

if TYPE_CHECKING:
    from fhir.resources.R4B.auditevent import AuditEvent

DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OBJECT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
SOURCE_TYPE: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
DICOM_UID: Final = "urn:dicom:uid"
OURS: Final = "urn:imaging-research-portal"

_PERSON: Final = {"system": ENTITY_TYPE, "code": "1", "display": "Person"}
_SYSTEM_OBJECT: Final = {"system": ENTITY_TYPE, "code": "2", "display": "System Object"}
_PATIENT: Final = {"system": OBJECT_ROLE, "code": "1", "display": "Patient"}
_REPORT: Final = {"system": OBJECT_ROLE, "code": "3", "display": "Report"}
_QUERY: Final = {"system": OBJECT_ROLE, "code": "24", "display": "Query"}
_SERVER: Final = {"system": SOURCE_TYPE, "code": "4", "display": "Application Server"}
_IP_ADDRESS, _MACHINE_NAME = "2", "1"

DISPLAYS: Final = {
    "110100": "Application Activity",
    "110101": "Audit Log Used",
    "110103": "DICOM Instances Accessed",
    "110104": "DICOM Instances Transferred",
    "110105": "DICOM Study Deleted",
    "110106": "Export",
    "110107": "Import",
    "110112": "Query",
    "110113": "Security Alert",
    "110114": "User Authentication",
    "110122": "Login",
    "110123": "Logout",
    "110129": "Software Configuration",
    "110136": "Security Roles Changed",
}
"""Display names of CID 400 and CID 401 of DICOM PS3.16."""


def audit_event(entry: AuditEntry) -> "AuditEvent":
    """Return the AuditEvent of a row, validated.

    Its id is the number of the row. What the row hides stays hidden.
    """
    code, action = EVENTS[entry.action]
    event: dict[str, Any] = {
        "id": str(entry.id),
        "type": _dcm(code),
        "subtype": list(_subtypes(entry.action)),
        "action": action,
        "recorded": entry.at,
        "outcome": str(entry.outcome.value),
        "agent": list(_agents(entry)),
        "source": {
            "observer": {"identifier": _identifier("writer", entry.writer)},
            "type": [_SERVER],
        },
        "entity": list(_entities(entry)),
    }
    if entry.detail:
        event["outcomeDesc"] = entry.detail
    return _resource().model_validate({k: v for k, v in event.items() if v != []})


@cache
def _resource() -> "type[AuditEvent]":
    """Return the class of the resource.

    Loaded when the first one is made: it takes a tenth of the start of each of our
    processes, most of which never make one.
    """
    found: type[AuditEvent] = importlib.import_module(
        "fhir.resources.R4B.auditevent"
    ).AuditEvent
    return found


def _subtypes(action: Action) -> Iterator[dict[str, str]]:
    if action in EVENT_TYPES:
        yield _dcm(EVENT_TYPES[action])
    yield {"system": f"{OURS}:action", "code": action.value}


def _agents(entry: AuditEntry) -> Iterator[dict[str, Any]]:
    """Yield who acted, then the token, session or operation through which."""
    agent: dict[str, Any] = {"requestor": True, "who": {"display": entry.actor}}
    if entry.account_id is not None:
        agent["who"]["identifier"] = _identifier("account", entry.account_id)
    if entry.source:
        is_machine = "@" in entry.source  # of a command: who, on which machine
        kind = _MACHINE_NAME if is_machine else _IP_ADDRESS
        agent["network"] = {"address": entry.source, "type": kind}
    yield agent
    if entry.via:
        yield {"requestor": False, "who": {"display": entry.via}}


def _entities(entry: AuditEntry) -> Iterator[dict[str, Any]]:
    if entry.patient_id and entry.patient_id != MASK:
        # The partition is the tenant in which the ID means somebody.
        system = f"partition:{entry.partition_id}:patient-id"
        yield _entity(_PERSON, _PATIENT, _identifier(system, entry.patient_id))
    for patient in entry.patients:
        yield _entity(_PERSON, _PATIENT, _identifier("patient", patient))
    studies = [entry.study_instance_uid, *entry.studies]
    for uid in dict.fromkeys(filter(None, studies)):
        identifier = {"system": DICOM_UID, "value": f"urn:oid:{uid}"}
        yield _entity(_SYSTEM_OBJECT, _REPORT, identifier)
    yield from _requests(entry)


def _requests(entry: AuditEntry) -> Iterator[dict[str, Any]]:
    """Yield the request, its words, and the partition."""
    if entry.request_id or (entry.query and entry.query != MASK):
        asked: dict[str, Any] = {"type": _SYSTEM_OBJECT, "role": _QUERY}
        if entry.request_id:
            identifier = _identifier("request", entry.request_id)
            asked["what"] = {"identifier": identifier}
        if entry.query and entry.query != MASK:
            asked["query"] = base64.b64encode(entry.query.encode()).decode()
        yield asked
    if entry.partition_id is not None:
        identifier = _identifier("partition", entry.partition_id)
        yield {"type": _SYSTEM_OBJECT, "what": {"identifier": identifier}}


def _entity(
    kind: dict[str, str], role: dict[str, str], identifier: dict[str, str]
) -> dict[str, Any]:
    return {"type": kind, "role": role, "what": {"identifier": identifier}}


def _identifier(what: str, value: object) -> dict[str, str]:
    return {"system": f"{OURS}:{what}", "value": str(value)}


def _dcm(code: str) -> dict[str, str]:
    return {"system": DCM, "code": code, "display": DISPLAYS[code]}
