"""What a record tells, as events: which kind, when, what, in which state.

An event's date is its start, as the criteria of cohorts read it: onset before
recording, the order of a drug, the beginning of a period.
"""

from typing import Any, Final, NamedTuple

from portal.demo.record.chart import Resource


class Event(NamedTuple):
    """One event of a patient; `resource` is the reference to it."""

    kind: str
    date: str
    what: str
    status: str
    resource: str


_KINDS: Final = {
    "AllergyIntolerance": ("allergy", ("recordedDate",)),
    "Appointment": ("appointment", ("start",)),
    "CarePlan": ("plan", ("period",)),
    "Communication": ("communication", ("sent",)),
    "Condition": ("condition", ("onsetDateTime", "recordedDate")),
    "Consent": ("consent", ("dateTime",)),
    "DiagnosticReport": ("report", ("effectiveDateTime",)),
    "DocumentReference": ("document", ("date",)),
    "Encounter": ("encounter", ("period",)),
    "ImagingStudy": ("imaging", ("started",)),
    "Immunization": ("immunization", ("occurrenceDateTime",)),
    "MedicationAdministration": ("medication", ("effectiveDateTime",)),
    "MedicationRequest": ("medication", ("authoredOn",)),
    "MedicationStatement": ("medication", ("effectivePeriod",)),
    "Observation": ("observation", ("effectiveDateTime",)),
    "Procedure": ("procedure", ("performedPeriod",)),
    "ServiceRequest": ("order", ("authoredOn",)),
    "Specimen": ("specimen", ("collection",)),
    "Task": ("task", ("authoredOn",)),
}
_NAMED_BY: Final = (
    "code",
    "vaccineCode",
    "medicationCodeableConcept",
    "type",
    "scope",
    "reasonCode",
    "title",
    "description",
)


def event_of(resource: Resource) -> Event | None:
    """Return the event that a resource tells, None where it is no event."""
    known = _KINDS.get(resource["resourceType"])
    if known is None:
        return None
    kind, elements = known
    date = next(filter(None, (_start(resource.get(name)) for name in elements)))
    return Event(
        kind,
        date,
        _what(resource),
        _status(resource),
        f"{resource['resourceType']}/{resource['id']}",
    )


def _start(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("start") or value.get("collectedDateTime") or "")
    return value or ""


def _what(resource: Resource) -> str:
    for name in _NAMED_BY:
        value = resource.get(name)
        if isinstance(value, list):
            value = value[0]
        if isinstance(value, dict):
            return str(value.get("text") or value["coding"][0]["display"])
        if value:
            return str(value)
    reference: str = resource.get("medicationReference", {}).get("reference", "")
    return reference.rpartition("-")[2]


def _status(resource: Resource) -> str:
    """Return the state that decides whether an event counts."""
    if resource.get("doNotPerform"):
        return "do-not-perform"
    verification = resource.get("verificationStatus")
    if verification:
        return str(verification["coding"][0]["code"])
    return str(resource.get("status", ""))
