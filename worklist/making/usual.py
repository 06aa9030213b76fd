"""What a workitem says unless the rule's template says otherwise: pure.

Whose it is and what was ordered (DICOM PS3.3 C.30.1, C.30.4). Of resources,
``%patient`` is the Patient that they are about, ``%identity`` how images name that
patient, and ``%study`` the study that the order is to become
(`worklist.making.subjects`).
"""

from collections.abc import Mapping
from typing import Any, Final

STUDY: Final = "Study"
"""The source of rules on studies; others are types of FHIR."""

_READY: Final = {
    "InputReadinessState": {"Value": ["READY"]},
    "ScheduledProcedureStepPriority": {"Value": ["MEDIUM"]},
}
_OF_STUDY: Final[Mapping[str, Any]] = {
    **_READY,
    **{
        name: {"Value": [f"{{{name}}}"]}
        for name in (
            "PatientName",
            "PatientID",
            "IssuerOfPatientID",
            "PatientBirthDate",
            "PatientSex",
        )
    },
    "ReferencedRequestSequence": {
        "Value": [
            {
                "StudyInstanceUID": {"Value": ["{StudyInstanceUID}"]},
                "AccessionNumber": {"Value": ["{AccessionNumber}"]},
                "IssuerOfAccessionNumberSequence": {
                    "Value": ["{IssuerOfAccessionNumberSequence}"]
                },
                "RequestedProcedureDescription": {"Value": ["{StudyDescription}"]},
                "ReferringPhysicianName": {"Value": ["{ReferringPhysicianName}"]},
            }
        ]
    },
}
_STUDY_OF_ORDER: Final = "identifier.where(system = 'urn:dicom:uid').value.first()"


def usual_template(source: str) -> Mapping[str, Any]:
    """Return what is filled where a rule's template does not say otherwise."""
    return _OF_STUDY if source == STUDY else _of_resource(source)


def _of_resource(source: str) -> dict[str, Any]:
    order = "" if source == "ServiceRequest" else "basedOn.first().resolve()."

    def of_order(path: str) -> dict[str, Any]:
        return {"Value": [f"{{{order}{path}}}"]}

    def identifier(kind: str) -> dict[str, Any]:
        return of_order(f"identifier.where(type.coding.code = '{kind}').value.first()")

    asked = {
        "StudyInstanceUID": {"Value": [f"{{{order}{_STUDY_OF_ORDER} | %study}}"]},
        "AccessionNumber": identifier("ACSN"),
        "PlacerOrderNumberImagingServiceRequest": identifier("PLAC"),
        "FillerOrderNumberImagingServiceRequest": identifier("FILL"),
        "RequestedProcedureDescription": of_order("code"),
        "RequestedProcedureCodeSequence": of_order("code"),
        "ReasonForTheRequestedProcedure": of_order("reasonCode.first()"),
        "RequestingPhysician": of_order("requester.display"),
    }
    return {
        **_READY,
        "ScheduledProcedureStepPriority": {"Value": ["{priority | 'MEDIUM'}"]},
        "PatientName": {
            "Value": [
                "{%patient.name.where(use = 'official').first()"
                " | %patient.name.first()}"
            ]
        },
        "PatientID": {"Value": ["{%identity.patientId}"]},
        "IssuerOfPatientID": {"Value": ["{%identity.issuer}"]},
        "PatientBirthDate": {"Value": ["{%patient.birthDate}"]},
        "PatientSex": {"Value": ["{%patient.gender}"]},
        "ReferencedRequestSequence": {"Value": [asked]},
    }
