"""The events of HL7's examples, and of some patients of Synthea, counted."""

from collections import Counter
from typing import Any

import pytest

from core.models import DeadLetter
from fhirlink.events.shapes import Kind
from tests.fhirlink.events.record import follow, put, rows
from tests.fhirlink.search.records import samples

pytestmark = pytest.mark.django_db

KINDS = {
    "Condition": Kind.CONDITION,
    "Procedure": Kind.PROCEDURE,
    "MedicationRequest": Kind.MEDICATION,
    "Immunization": Kind.IMMUNIZATION,
    "Observation": Kind.OBSERVATION,
    "DiagnosticReport": Kind.REPORT,
    "DocumentReference": Kind.DOCUMENT,
    "Encounter": Kind.ENCOUNTER,
    "ServiceRequest": Kind.ORDER,
    "ImagingStudy": Kind.IMAGING,
    "CarePlan": Kind.CARE_PLAN,
}


def expected(resources: list[dict[str, Any]]) -> Counter[Kind]:
    """Return how many events of each kind there must be."""
    found: Counter[Kind] = Counter()
    for each in resources:
        kind = KINDS.get(each["resourceType"])
        who = each.get("patient") or each.get("subject") or {}
        if kind and str(who.get("reference")).startswith("Patient/"):
            found[kind] += 1 + len(each.get("component", ()))
    return found


def test_the_samples_become_as_many_events_as_they_tell_of() -> None:
    found = {(each["resourceType"], each["id"]): each for each in samples()}
    if not found:
        pytest.skip("needs the sample folder ../shared/data/fhir")
    resources = list(found.values())
    for start in range(0, len(resources), 500):
        put(*resources[start : start + 500])
    follow()

    counted = dict(rows("SELECT kind, count(*) FROM fhirlink_event GROUP BY kind"))
    wanted = expected(resources)
    assert {kind: counted.get(kind, 0) for kind in wanted} == wanted
    assert not DeadLetter.objects.exists()
    named = "SELECT count(*) FROM fhirlink_event WHERE kind = 6 AND code IS NULL"
    assert rows(named) == [(0,)]
