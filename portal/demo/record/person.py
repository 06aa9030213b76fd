"""Who a patient is: demographics, cover, consent, allergies.

References
----------
FHIR R4 Patient; ISO 21090 EN representations of names in several scripts.
"""

from datetime import timedelta
from typing import Final

from portal.demo.record.chart import Chart, Visit, stamp
from portal.demo.record.codes import (
    LANGUAGES,
    Element,
    concept,
    hl7,
    of,
    sct,
)
from portal.demo.stories import ISSUER
from portal.demo.tales import Trap

_REPRESENTATION: Final = (
    "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
)
_GENDERS: Final = {"F": "female", "M": "male"}
_OPT_IN: Final = hl7("v3-ActCode", "OPTIN", "opt-in")
_OPT_OUT: Final = hl7("v3-ActCode", "OPTOUT", "opt-out")
_INSURER: Final = {"reference": "Organization/demo-organization-insurer"}
_HOSPITAL: Final = {"reference": "Organization/demo-organization-hospital"}
_ACTIVE: Final = hl7("allergyintolerance-clinical", "active", "Active")
_CONFIRMED: Final = hl7("allergyintolerance-verification", "confirmed", "Confirmed")
_PENICILLIN: Final = concept("Penicillin", sct("373270004", "Penicillin antibiotic"))
_NO_ALLERGY: Final = of(sct("716186003", "No known allergy"))


def human_name(name: str) -> list[Element]:
    """Return a DICOM person's name as FHIR names, one for each component group.

    Groups besides the alphabetic one say what they are: ideographic, phonetic (in FHIR
    syllabic).
    """
    groups = name.split("=")
    names: list[Element] = []
    for group, representation in zip(groups, ("ABC", "IDE", "SYL"), strict=False):
        family, given, *_ = f"{group}^".split("^")
        element: Element = {"use": "official", "family": family, "given": [given]}
        if len(groups) > 1:
            extension = {"url": _REPRESENTATION, "valueCode": representation}
            element["extension"] = [extension]
        if group.endswith("^^Dr."):
            element["prefix"] = ["Dr."]
        names.append(element)
    return names


def patient(chart: Chart) -> None:
    """Write the patient down, and by whom he or she is insured."""
    life = chart.life
    medical_record = hl7("v2-0203", "MR", "Medical record number")
    language = {"coding": [{"system": LANGUAGES, "code": life.language}]}
    number = life.patient_id[-4:]
    chart.put(
        "Patient",
        life.key,
        {
            "identifier": [
                {
                    "use": "usual",
                    "type": medical_record,
                    "system": ISSUER,
                    "value": life.patient_id,
                }
            ],
            "active": True,
            "name": human_name(life.name),
            "telecom": [{"system": "phone", "value": f"555-01-{number}"}],
            "gender": _GENDERS[life.sex],
            "birthDate": life.birth_date.isoformat(),
            "address": [{"line": [f"{int(number)} Example Street"], "city": "Demo"}],
            "communication": [{"language": language, "preferred": True}],
            "managingOrganization": _HOSPITAL,
        }
        | (
            {"deceasedDateTime": life.death_date.isoformat()} if life.death_date else {}
        ),
    )
    chart.add(
        "Coverage",
        status="active",
        beneficiary=chart.patient,
        payor=[_INSURER],
        subscriberId=f"S{life.patient_id}",
        period={"start": life.begin.isoformat()},
    )


def consent(chart: Chart, visit: Visit) -> None:
    """Write down whether data may be used for research: three of four permit it."""
    permits = chart.luck.random() < 0.75
    chart.add(
        "Consent",
        status="active",
        scope=hl7("consentscope", "research", "Research"),
        category=[
            hl7("consentcategorycodes", "research", "Research Information Access")
        ],
        patient=chart.patient,
        dateTime=visit.moment(20),
        organization=[_HOSPITAL],
        policyRule=_OPT_IN if permits else _OPT_OUT,
    )


def allergies(chart: Chart, visit: Visit) -> None:
    """Write the allergies down that a first visit asks for, or that there are none."""
    if chart.life.allergy == "none":
        chart.add(
            "AllergyIntolerance",
            clinicalStatus=_ACTIVE,
            verificationStatus=_CONFIRMED,
            code=_NO_ALLERGY,
            patient=chart.patient,
            recordedDate=visit.moment(15),
        )
        return
    chart.add(
        "AllergyIntolerance",
        clinicalStatus=_ACTIVE,
        verificationStatus=_CONFIRMED,
        type="allergy",
        category=["medication"],
        criticality="high",
        code=_PENICILLIN,
        patient=chart.patient,
        encounter=visit.encounter,
        recordedDate=visit.moment(15),
        reaction=[
            {
                "manifestation": [concept("Hives", sct("247472004", "Hives"))],
                "severity": "moderate",
                "onset": stamp(visit.at - timedelta(days=100)),
            }
        ],
    )


def family_history(chart: Chart, visit: Visit) -> None:
    """Write a brother's disease down where the story says so: not the patient's own."""
    if chart.life.trap is not Trap.FAMILY:
        return
    chart.add(
        "Condition",
        clinicalStatus=hl7("condition-clinical", "active", "Active"),
        verificationStatus=hl7("condition-ver-status", "confirmed", "Confirmed"),
        category=[hl7("condition-category", "problem-list-item", "Problem List Item")],
        code=concept("Family history of malignant neoplasm of bone"),
        subject=chart.patient,
        encounter=visit.encounter,
        recordedDate=visit.moment(25),
        note=[{"text": "Brother died of osteosarcoma at the age of 17."}],
    )
