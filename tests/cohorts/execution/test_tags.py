"""Attributes of images in criteria: by what is stored, and by query tags, the same."""

from typing import Any

import pytest

from cohorts.execution.asking import found
from core.errors import Invalid, TooLarge
from imaging.series_tags import read
from tests.cohorts.execution.asked import asked, event
from tests.fhirlink.events.record import follow, rows
from tests.imaging.query_tags.tagging import ready, whole
from tests.imaging.stores import received_model, store

pytestmark = pytest.mark.django_db(transaction=True)

PRIVATE = {
    "00190010": {"vr": "LO", "Value": ["ACME"]},
    "0019100C": {"vr": "DS", "Value": [1000]},
}
ELSEWHERE = {
    "00190010": {"vr": "LO", "Value": ["OTHER"]},
    "00190011": {"vr": "LO", "Value": ["ACME"]},
    "0019110C": {"vr": "DS", "Value": [1000]},
    "0019100C": {"vr": "DS", "Value": [5]},
}


def kept(study: str, series: str, sop: str, more: Any = None, **values: Any) -> None:
    model = whole(study, series, sop, StudyDate="20240101", **values)
    store(received_model({**model, **(more or {})}))


def held() -> None:
    kept("1", "1.1", "1.1.1", SliceThickness=1.25, Manufacturer="SIEMENS Healthineers")
    kept("1", "1.1", "1.1.2", SliceThickness=5, Manufacturer="SIEMENS Healthineers")
    kept("1", "1.2", "1.2.1", SliceThickness=3, Modality="MR")
    kept("2", "2.1", "2.1.1", PRIVATE, SliceThickness=2.5, Manufacturer="GE")
    kept("3", "3.1", "3.1.1", ELSEWHERE, Manufacturer="")
    follow()


def of_one_series(*tags: dict[str, Any], **members: Any) -> str:
    return studies(series={"tags": list(tags)}, **members)


def studies(**members: Any) -> str:
    """Return the studies that match, one after the other."""
    with found(asked(event("imaging", **members))) as relation:
        uids = rows(
            f"SELECT s.study_instance_uid FROM {relation.matches} m"
            " JOIN fhirlink_eventstudy s ON s.event_id = m.event ORDER BY 1"
        )
    return " ".join(uid for (uid,) in uids)


QUESTIONS: list[tuple[dict[str, Any], str]] = [
    ({"tag": "SliceThickness", "lt": 1.5, "unit": "mm"}, "1"),
    ({"tag": "SliceThickness", "lte": 0.25, "unit": "cm"}, "1 2"),
    ({"tag": "00180050", "gte": 2.5, "lt": 3}, "2"),
    ({"tag": "SliceThickness", "in": [5, 7]}, "1"),
    ({"tag": "SliceThickness", "eq": 2.5}, "2"),
    ({"tag": "SliceThickness", "exists": True}, "1 2"),
    ({"tag": "SliceThickness", "exists": False}, "3"),
    ({"tag": "Manufacturer", "contains": "siemens"}, "1"),
    ({"tag": "Manufacturer", "eq": "ge"}, "2"),
    # An empty attribute does not exist; of study 1 the MR series has none.
    ({"tag": "Manufacturer", "exists": False}, "1 3"),
    ({"tag": "StudyDate", "gte": "2024-01-01"}, "1 2 3"),
    ({"tag": "StudyDate", "lt": "2024-01-01"}, ""),
]


@pytest.mark.parametrize("is_indexed", [False, True])
def test_values_answer_alike_with_and_without_a_query_tag(is_indexed: bool) -> None:
    held()
    if is_indexed:
        ready("SliceThickness", level="instance")
        ready("Manufacturer", level="series")
    for tag, right in QUESTIONS:
        assert studies(tags=[tag]) == right, tag


@pytest.mark.parametrize("is_indexed", [False, True])
def test_private_tags_are_found_in_whatever_block_by_their_creator(
    is_indexed: bool,
) -> None:
    held()
    if is_indexed:
        ready("0019100C", level="instance", vr="DS", private_creator="ACME")

    assert studies(tags=[{"tag": "0019xx0C", "creator": "ACME", "eq": 1000}]) == "2 3"
    assert studies(tags=[{"tag": "0019100C", "creator": "ACME", "eq": 1000}]) == "2 3"
    # Without a creator it is that element, whosever it is.
    assert studies(tags=[{"tag": "0019100C", "eq": 1000}]) == "2"
    assert studies(tags=[{"tag": "0019100C", "exists": True}]) == "2 3"


def test_tags_of_a_study_may_be_of_two_series_and_those_of_a_series_may_not() -> None:
    held()
    thin = {"tag": "SliceThickness", "lt": 2}
    thick = {"tag": "SliceThickness", "eq": 3}

    assert studies(tags=[thin, thick]) == "1"
    assert of_one_series(thin, thick) == ""
    # Two images of one series may be meant.
    assert of_one_series(thin, {"tag": "SliceThickness", "eq": 5}) == "1"
    assert studies(series={"modality": ["MR"], "tags": [thin]}) == ""


def test_what_is_no_attribute_or_no_unit_of_it_is_refused() -> None:
    with pytest.raises(Invalid, match="no attribute"):
        asked(event("imaging", tags=[{"tag": "NoSuchThing", "eq": 1}]))
    with pytest.raises(Invalid, match="no attribute"):
        asked(event("imaging", tags=[{"tag": "0019xx0C", "eq": 1}]))
    with pytest.raises(Invalid, match="is in mm"):
        asked(event("imaging", tags=[{"tag": "SliceThickness", "eq": 1, "unit": "kg"}]))


def test_too_many_images_are_not_read_but_what_else_is_asked_narrows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held()
    monkeypatch.setattr(read, "MOST_INSTANCES", 2)
    tag = {"tag": "SliceThickness", "exists": True}

    with pytest.raises(TooLarge, match="querytags add"):
        studies(tags=[tag])
    assert studies(tags=[tag], when={"from": "2025", "to": None}) == ""
