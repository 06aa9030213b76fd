"""The patient of the benchmark has as many events as it says."""

from bench.fhir_patient import EVENTS, ID, LAB, events
from fhirlink.events.extract import NOTHING_KNOWN, events_of


def test_each_resource_is_one_event_of_the_patient() -> None:
    resources = list(events())
    told = [event for each in resources for event in events_of(each, NOTHING_KNOWN)]

    assert len({each["id"] for each in resources}) == EVENTS
    assert len(told) == EVENTS
    assert {event.patient for event in told} == {f"Patient/{ID}"}
    assert all(event.start and event.is_counted for event in told)
    labs = [event for event in told if event.codes[0][:2] == LAB[:2]]
    assert len(labs) > 200  # a page of the curve is full
