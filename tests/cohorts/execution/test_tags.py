"""Attributes of images in criteria: by what is stored, and by query tags, the same."""

from collections import Counter
from typing import Any, Final

import pytest

from cohorts.execution.asking import found
from core import followers
from core.errors import Invalid, TooLarge
from imaging.query.elastic.follower import SearchFollower
from imaging.series_tags import elastic, read
from tests.cohorts.execution.asked import answers, asked, event
from tests.fhirlink.events.record import follow, rows
from tests.imaging.query_tags.tagging import ready, settle, whole
from tests.imaging.stores import received_model, store

pytestmark = pytest.mark.django_db(transaction=True)

LONG_TEXT: Final = f"Dose at 50 % {'and more ' * 40}"[:300]
NOBODY: Final = "http://127.0.0.1:9"
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


# What documents of series hold of an attribute: the same values for all its images.
OF_SERIES: list[tuple[dict[str, Any], str]] = [
    ({"tag": "SliceThickness", "lt": 2, "unit": "mm"}, "1"),
    ({"tag": "SliceThickness", "gt": 1.25, "lt": 2.5}, ""),
    ({"tag": "SliceThickness", "gt": 1, "lt": 2.4, "in": [1.25, 3]}, "1"),
    ({"tag": "SliceThickness", "gte": -1}, "1 2"),
    ({"tag": "SliceThickness", "exists": False}, "3"),
    ({"tag": "Manufacturer", "contains": "s health"}, "1"),
    ({"tag": "Manufacturer", "contains": "S*?h"}, ""),
    ({"tag": "Manufacturer", "eq": "ge"}, "2"),
    ({"tag": "Manufacturer", "exists": False}, "1 3"),
    ({"tag": "OperatorsName", "contains": "müll"}, "2"),
    ({"tag": "OperatorsName", "eq": "muller^otto"}, "2"),
    ({"tag": "OperatorsName", "eq": "muller"}, ""),
    ({"tag": "AcquisitionComments", "contains": "50 %"}, "1"),
    ({"tag": "AcquisitionComments", "eq": LONG_TEXT}, "1"),
    ({"tag": "AcquisitionComments", "eq": LONG_TEXT[:-1]}, ""),
    ({"tag": "PatientAge", "eq": "045y"}, "3"),
    ({"tag": "AcquisitionDate", "gte": "2024-02-01", "lt": "2024-03-01"}, "2"),
    ({"tag": "AcquisitionDate", "eq": "2024-01-31"}, "1"),
]


def held_of_series() -> None:
    """Have what is the same for all images of a series, and query tags of it."""
    kept(
        *("1", "1.1", "1.1.1"),
        SliceThickness=1.25,
        Manufacturer="SIEMENS Healthineers",
        AcquisitionComments=LONG_TEXT,
        AcquisitionDate="20240131",
    )
    kept("1", "1.2", "1.2.1", SliceThickness=3, Modality="MR")
    kept(
        *("2", "2.1", "2.1.1"),
        SliceThickness=2.5,
        Manufacturer="GE",
        OperatorsName="Müller^Otto",
        AcquisitionDate="20240229",
    )
    kept("3", "3.1", "3.1.1", Manufacturer="", PatientAge="045Y")
    follow()
    for each in {tag["tag"] for tag, _ in OF_SERIES}:
        ready(each, level="study" if each == "PatientAge" else "series")


def test_the_database_answers_by_tags_of_series() -> None:
    held_of_series()
    for tag, right in OF_SERIES:
        assert studies(tags=[tag]) == right, tag


@pytest.mark.peer("elasticsearch")
def test_elasticsearch_answers_by_tags_of_series_alike(
    search_index: SearchFollower,
) -> None:
    held_of_series()
    settle(search_index)
    before = answers()
    for number, (tag, right) in enumerate(OF_SERIES, 1):
        assert studies(tags=[tag]) == right, tag
        assert answers() - before == Counter(answered=number), tag
    # Of what it has not been told yet, the database tells.
    kept("4", "4.1", "4.1.1", SliceThickness=1)
    follow()
    assert studies(tags=[OF_SERIES[0][0]]) == "1 4"
    assert answers() - before == Counter(answered=len(OF_SERIES) + 1)


@pytest.mark.peer("elasticsearch")
def test_what_the_index_cannot_tell_the_database_does(
    search_index: SearchFollower, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    held_of_series()
    tag, right = OF_SERIES[0]
    before = answers()
    # No document knows of tags that have become ready since it was written.
    followers.run_until_caught_up(search_index)
    ready("SliceLocation", level="series")
    assert studies(tags=[{"tag": "SliceLocation", "exists": True}]) == ""
    assert answers() - before == Counter(odd=1)
    settle(search_index)
    # More than it is worth to be told.
    monkeypatch.setattr(elastic, "MOST_KEYS", 0)
    assert studies(tags=[tag]) == right
    assert answers() - before == Counter(odd=1, many=1)
    # Nobody is there.
    there, settings.ELASTICSEARCH_URLS = settings.ELASTICSEARCH_URLS, [NOBODY]
    assert studies(tags=[tag]) == right
    settings.ELASTICSEARCH_URLS = there
    assert answers() - before == Counter(odd=1, many=1, away=1)


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
