"""How series were made, read of their newest instances."""

from typing import Any

import pytest

from core.partitions import get_partition
from imaging.index import tag_of
from imaging.receive import Received
from imaging.technique import MOST_SERIES, Technique, techniques_of
from tests.imaging.stores import ADMIN, received_model, store

pytestmark = pytest.mark.django_db


def found(*studies: str) -> dict[str, list[Technique]]:
    return techniques_of(get_partition(actor=ADMIN, name="default"), studies)


def series(uid: str, **values: str) -> Received:
    """Return an instance of a series of study 1, with some attributes."""
    named = {"StudyInstanceUID": "1", "SeriesInstanceUID": uid}
    model: dict[str, Any] = {
        tag_of(keyword): {"vr": "LO", "Value": [value]} if value else {"vr": "LO"}
        for keyword, value in {
            "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
            "SOPInstanceUID": f"{uid}.1",
            **named,
            **values,
        }.items()
    }
    return received_model(model)


def test_each_series_says_how_it_was_made() -> None:
    store(
        series("1.2", SeriesNumber="2", Modality="MR", EchoTime="12.5", KVP="x"),
        series(
            "1.1",
            SeriesNumber="1",
            Modality="CT",
            KVP="120",
            SliceThickness="",
            ManufacturerModelName=" Revolution ",
            BodyPartExamined="CHEST",
        ),
    )
    one, other = found("1", "9")["1"]
    assert (one.modality, one.kvp, one.slice_thickness_mm) == ("CT", 120, None)
    assert (one.model_name, one.body_part) == ("Revolution", "CHEST")
    assert one.number_of_instances == 1
    assert (other.modality, other.echo_time_ms, other.kvp) == ("MR", 12.5, None)


def test_studies_that_are_not_held_have_none() -> None:
    assert found() == {}
    assert found("9") == {}


def test_of_many_series_the_first_are_told() -> None:
    many = range(MOST_SERIES + 2)
    store(*(series(f"1.{n}", SeriesNumber=str(n)) for n in many))
    assert len(found("1")["1"]) == MOST_SERIES
