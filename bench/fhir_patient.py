"""A patient to whom very much has happened, for `bench.fhir`: written through the API.

Twenty years of visits: values of a laboratory, drugs, reports, diagnoses; one resource
an event. Written a second time, it is as it was.
"""

import http.client
import json
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from bench.servers import Server

ID: Final = "bench-chronic"
EVENTS: Final = 5_000  # as many as one time line tells
LAB: Final = ("http://loinc.org", "2823-3", "Potassium")
_LABS: Final = (LAB, *(("urn:bench:lab", f"L{n}", f"Lab {n}") for n in range(1, 15)))
_VISIT: Final = 20  # events of a visit
_FIRST: Final = date(2004, 1, 5)
_BETWEEN: Final = timedelta(days=29)
_OF_BUNDLE: Final = 500
_PATIENCE_S: Final = 600.0
_COUNT: Final = f'{{patient(fhirId: "{ID}"){{timeline{{numberOfEvents}}}}}}'

Resource = dict[str, Any]


def write_patient(portal: Server) -> None:
    """Have a portal hold the patient, and wait until its time line has all events.

    Raises
    ------
    RuntimeError
        The portal refuses it, or its follower does not come this far.
    """
    resources = [{"resourceType": "Patient", "id": ID}, *events()]
    for begin in range(0, len(resources), _OF_BUNDLE):
        bundle = _transaction(resources[begin : begin + _OF_BUNDLE])
        _post(portal, "/fhir", bundle, "application/fhir+json")
    until = time.monotonic() + _PATIENCE_S
    while (number := _number_of_events(portal)) < EVENTS:
        if time.monotonic() > until:
            message = f"The time line has {number} of {EVENTS} events."
            raise RuntimeError(message)
        time.sleep(1)


def _number_of_events(portal: Server) -> int:
    answer = _post(portal, "/graphql", {"query": _COUNT}, "application/json")
    patient = answer["data"]["patient"]
    return int(patient["timeline"]["numberOfEvents"]) if patient else 0


def events() -> Iterator[Resource]:
    """Yield the resources that tell of the patient, an event each."""
    for number in range(EVENTS):
        visit, place = divmod(number, _VISIT)
        day = (_FIRST + visit * _BETWEEN).isoformat()
        shared = {"id": f"{ID}-{number}", "subject": {"reference": f"Patient/{ID}"}}
        yield shared | _event(place, visit, day)


def _event(place: int, visit: int, day: str) -> Resource:
    """Return what happened at a place of a visit; most of it is measured."""
    if place < len(_LABS):
        return _lab(place, visit, f"{day}T08:{place:02}:00Z")
    others: tuple[Resource, ...] = (
        {
            "resourceType": "MedicationRequest",
            "status": "completed",
            "intent": "order",
            "medicationCodeableConcept": {"text": f"Drug {visit % 9}"},
            "authoredOn": day,
        },
        {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "code": {"text": "Laboratory report"},
            "effectiveDateTime": day,
            "conclusion": f"As on visit {visit}.",
        },
        {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"code": "AMB", "display": "ambulatory"},
            "period": {"start": f"{day}T07:30:00Z", "end": f"{day}T09:00:00Z"},
        },
        {
            "resourceType": "Procedure",
            "status": "completed",
            "code": {"text": f"Procedure {visit % 4}"},
            "performedDateTime": day,
        },
        {
            "resourceType": "Condition",
            "code": {"text": f"Condition {visit % 30}"},
            "onsetDateTime": day[:7],
        },
    )
    return others[place - len(_LABS)]


def _lab(place: int, visit: int, moment: str) -> Resource:
    system, code, name = _LABS[place]
    unit = {"unit": "mmol/L"}
    usual = {"low": {"value": 3.5, **unit}, "high": {"value": 5.1, **unit}}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": system, "code": code, "display": name}]},
        "effectiveDateTime": moment,
        "valueQuantity": {"value": 3 + (visit * 7 + place) % 30 / 10, **unit},
        "referenceRange": [usual],
    }


def _transaction(resources: list[Resource]) -> Resource:
    entries = [
        {
            "resource": each,
            "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
        }
        for each in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _post(portal: Server, path: str, content: Resource, kind: str) -> Resource:
    address = portal.address
    connection = http.client.HTTPConnection(address.host, address.port, timeout=300)
    headers = {"Authorization": f"Bearer {address.token}", "Content-Type": kind}
    try:
        connection.request("POST", path, json.dumps(content), headers)
        answer = connection.getresponse()
        told = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        message = f"{path} answers {answer.status}: {told[:300]!r}"
        raise RuntimeError(message)
    found: Resource = json.loads(told)
    return found
