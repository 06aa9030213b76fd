"""What the whole hospital shares: organizations, places, staff, devices, drugs."""

from collections.abc import Iterator
from typing import Final

from portal.demo.modules import MAKERS
from portal.demo.record.chart import Resource, business_identifier
from portal.demo.record.codes import Element, concept, hl7, sct
from portal.demo.record.drugs import DRUGS
from portal.demo.record.person import human_name
from portal.demo.stories import INSTITUTION, READERS, REFERRERS

_PLACES: Final = {
    "clinic": "Outpatient clinic",
    "ward": "Ward 3",
    "emergency": "Emergency department",
    "radiology": "Department of radiology",
}
_ORGANIZATIONS: Final = {
    "hospital": (INSTITUTION, "prov", "Healthcare Provider"),
    "laboratory": (f"{INSTITUTION}, laboratory", "dept", "Hospital Department"),
    "radiology": (f"{INSTITUTION}, radiology", "dept", "Hospital Department"),
    "pathology": (f"{INSTITUTION}, pathology", "dept", "Hospital Department"),
    "insurer": ("Demo Health Insurance", "pay", "Payer"),
}
_SURGEON: Final = "Farah^Samir^^Dr."
_PATHOLOGIST: Final = "Novak^Petra^^Dr."
_DOCTORS: Final = {
    **dict.fromkeys(REFERRERS, "Clinician"),
    **dict.fromkeys(READERS, "Radiologist"),
    _SURGEON: "Surgeon",
    _PATHOLOGIST: "Pathologist",
}
STOCKED: Final = ("doxorubicin", "cisplatin", "methotrexate")
HOSPITAL: Final = {"reference": "Organization/demo-organization-hospital"}


def staff_key(name: str) -> str:
    """Return the id of a doctor, by the family name that DICOM objects bear."""
    return f"demo-practitioner-{name.split('^')[0].lower()}"


def shared_resources() -> Iterator[Resource]:
    """Yield what every chart may refer to, in an order that references can trust."""
    for key, (name, code, display) in _ORGANIZATIONS.items():
        kind = [hl7("organization-type", code, display)]
        part = HOSPITAL if code == "dept" else None
        yield _shared(
            "Organization", key, active=True, name=name, type=kind, partOf=part
        )
    for key, name in _PLACES.items():
        yield _shared(
            "Location", key, status="active", name=name, managingOrganization=HOSPITAL
        )
    for name, profession in _DOCTORS.items():
        yield from _doctor(name, profession)
    for modality, (maker, model) in MAKERS.items():
        yield _scanner(modality, maker, model)
    ecg = concept("Electrocardiograph")
    yield _shared("Device", "ecg", status="active", manufacturer="Pulsar", type=ecg)
    for name in STOCKED:
        form = concept("Solution for infusion")
        what = DRUGS[name].concept()
        yield _shared("Medication", name, status="active", code=what, form=form)


def _scanner(modality: str, maker: str, model: str) -> Resource:
    return _shared(
        "Device",
        modality.lower(),
        status="active",
        manufacturer=maker,
        serialNumber=f"{modality}-0001",
        deviceName=[{"name": f"{maker} {model}", "type": "model-name"}],
        modelNumber=model,
        type=concept(f"{modality} equipment"),
        owner=HOSPITAL,
    )


def _doctor(name: str, profession: str) -> Iterator[Resource]:
    key = staff_key(name)
    short = key.removeprefix("demo-practitioner-")
    yield _shared("Practitioner", short, active=True, name=human_name(name))
    role = concept(profession)
    if profession == "Radiologist":
        role = concept(profession, sct("66862007", "Radiologist"))
    yield _shared(
        "PractitionerRole",
        short,
        active=True,
        practitioner={"reference": f"Practitioner/{key}"},
        organization=HOSPITAL,
        code=[role],
    )


def _shared(kind: str, key: str, /, **elements: object) -> Resource:
    number = f"demo-{kind.lower()}-{key}"
    resource: Element = {
        "resourceType": kind,
        "id": number,
        "identifier": [business_identifier(kind, number)],
    }
    return resource | {
        name: value for name, value in elements.items() if value is not None
    }
