"""The events of the truth are those that the portal reads in the same resources."""

import pytest

from fhirlink.events.days import days_of
from fhirlink.events.extract import Known, events_of, needs, study_uid
from portal.demo.record.answer import OUT
from portal.demo.record.events import event_of
from tests.portal.demo.record.reading import charts, of_type, reference_to

SAME = {
    "report",
    "medication",
    "condition",
    "procedure",
    "imaging",
    "order",
    "document",
}
SAME |= {"observation", "encounter", "immunization", "specimen", "allergy"}
KNOWN = Known(medications={}, studies={})
# The criteria of cohorts leave these out as well; the answer asks for no such thing.
UNCERTAIN = {"refuted", "provisional"}


@pytest.mark.parametrize("index", range(0, 31, 6))
def test_day_and_state_of_each_event_are_the_same(index: int) -> None:
    compared = 0
    for resource in charts()[index]:
        told = event_of(resource)
        if told is None or told.kind not in SAME:
            continue
        read = events_of(resource, KNOWN)[0]
        assert read.start == days_of(told.date), told
        assert read.is_counted == (told.status not in OUT | UNCERTAIN), told
        compared += 1
    assert compared > 40


def test_reports_name_their_study_by_its_uid_alone() -> None:
    for chart in charts():
        for report in of_type(chart, "DiagnosticReport"):
            (event,) = events_of(report, KNOWN)
            named = report.get("imagingStudy", [])
            assert event.studies == tuple(study_uid(each) for each in named)
            assert all(event.studies), reference_to(report)
            assert not [name for name in needs(report) if "Imaging" in name]
