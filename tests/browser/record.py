"""The clinical record of a portal's patient, written as a hospital's server would."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.stack import Stack

Resource = dict[str, Any]
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def write_record(stack: Stack, resources: list[Resource]) -> None:
    """Have a portal hold resources, all of them or none."""
    entries = [
        {
            "resource": each,
            "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
        }
        for each in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = httpx.post(
        f"{stack.base_url}/fhir",
        json=bundle,
        headers={
            "Authorization": f"Bearer {stack.token}",
            "Content-Type": "application/fhir+json",
        },
        timeout=120,
    )
    assert answer.status_code == 200, answer.text


def record_of(
    patient: str, family: str, given: str, studies: Mapping[str, str]
) -> list[Resource]:
    """Return a patient with an illness, a drug, values, and studies by their days."""
    subject = {"reference": f"Patient/{patient}"}
    told: list[Resource] = [
        {
            "resourceType": "Patient",
            "name": [{"use": "official", "family": family, "given": [given]}],
            "identifier": [{"system": "urn:ward", "value": f"W-{patient}"}],
            "gender": "female",
            "birthDate": "1960-02",
        },
        {
            "resourceType": "Condition",
            "subject": subject,
            "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "active"}]},
            "code": {"text": "Osteosarcoma"},
            "onsetDateTime": "2020-03",
        },
        {
            "resourceType": "MedicationRequest",
            "status": "completed",
            "intent": "order",
            "subject": subject,
            "medicationCodeableConcept": {"text": "Doxorubicin"},
            "authoredOn": "2020-05-01",
            "dosageInstruction": [{"text": "75 mg/m2"}],
        },
    ]
    for day, value in (("2020-05-02", 3.1), ("2021-05-02", 4.2), ("2022-05-02", 6.0)):
        told.append(potassium(subject, day, value))
    for uid, day in studies.items():
        told += [
            {
                "resourceType": "ImagingStudy",
                "status": "available",
                "subject": subject,
                "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
                "started": day,
            },
            {
                "resourceType": "DiagnosticReport",
                "status": "final",
                "subject": subject,
                "code": {"text": "CT of the chest"},
                "effectiveDateTime": day,
                "conclusion": f"No metastasis on {day}.",
                "imagingStudy": [
                    {
                        "identifier": {
                            "system": "urn:dicom:uid",
                            "value": f"urn:oid:{uid}",
                        }
                    }
                ],
            },
        ]
    return [{"id": f"{patient}{n or ''}", **each} for n, each in enumerate(told)]


def potassium(subject: Mapping[str, str], day: str, value: float) -> Resource:
    """Return a measurement with what is usual."""
    unit = {"unit": "mmol/L"}
    usual = {"low": {"value": 3.5, **unit}, "high": {"value": 5.1, **unit}}
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": subject,
        "code": {"text": "Potassium"},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, **unit},
        "referenceRange": [usual],
    }
