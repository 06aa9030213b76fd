"""Columns that come later, and what tables have of them."""

import zlib
from dataclasses import replace

import orjson
import pytest
from deltalake import DeltaTable
from django.conf import settings

from core import followers
from imaging.index import Model
from imaging.lake import LakeFollower, columns
from imaging.lake.columns import Type, attribute_column, column_name
from imaging.lake.tag_columns import tag_columns
from imaging.levels import Level
from imaging.models import QueryTag
from imaging.receive import Received
from tests.imaging.lake.lakes import catch_up, put, rows
from tests.imaging.stores import received, store


@pytest.fixture
def more(monkeypatch: pytest.MonkeyPatch) -> list[columns.ModelColumn]:
    """Return the list of further columns."""
    further: list[columns.ModelColumn] = []
    monkeypatch.setattr(columns, "_more", [lambda: further])
    return further


def names(table: str) -> list[str]:
    return [
        each.name for each in DeltaTable(f"{settings.LAKE}/{table}").schema().fields
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("lake")
def test_a_column_that_comes_later_is_added_to_the_tables_of_its_level(
    more: list[columns.ModelColumn],
) -> None:
    put("1", "10", "10.1")
    catch_up()
    more.append(attribute_column("00080016", "LaterOne", Type.TEXT, Level.SERIES))
    put("1", "10", "10.2")
    catch_up()
    assert "later_one" in names("instances")
    assert "later_one" in names("series")
    assert "later_one" not in names("studies")
    ct = "1.2.840.10008.5.1.4.1.1.2"
    assert rows("instances", "sop_instance_uid, later_one") == [
        ("10.1", None),
        ("10.2", ct),
    ]
    followers.rebuild(LakeFollower())
    assert rows("instances", "later_one") == [(ct,), (ct,)]


@pytest.mark.django_db
@pytest.mark.usefixtures("lake")
def test_a_column_that_nobody_names_any_more_stays_and_is_empty(
    more: list[columns.ModelColumn],
) -> None:
    more.append(attribute_column("00080016", "Former", Type.TEXT, Level.INSTANCE))
    put("1", "10", "10.1")
    catch_up()
    more.clear()
    put("1", "10", "10.1")  # replaces it
    put("1", "10", "10.2")
    catch_up()
    assert rows("instances", "former") == [(None,), (None,)]


def read(path: str, type_: Type, model: Model) -> columns.Value:
    return attribute_column(path, "", type_, Level.INSTANCE).read(model)


def test_values_of_all_items_are_found_in_their_order() -> None:
    items = [{"00400009": {"vr": "SH", "Value": [value]}} for value in ("a", "b ")]
    model: Model = {"00400275": {"vr": "SQ", "Value": [*items, {}, "no item"]}}
    assert read("00400275.00400009", Type.TEXTS, model) == ["a", "b"]
    assert read("00400275.00400009", Type.TEXT, model) == "a"
    assert read("00400275.00400009", Type.TEXTS, {}) == []


def test_a_value_of_another_kind_than_its_column_is_none() -> None:
    model: Model = {
        "00200013": {"vr": "IS", "Value": ["seven"]},
        "00280010": {"vr": "US", "Value": [2**70]},
        "00080060": {"vr": "CS", "Value": [7]},
        "00080061": {"vr": "CS", "Value": [None]},
    }
    assert read("00200013", Type.INTEGER, model) is None
    assert read("00280010", Type.INTEGER, model) is None
    assert read("00080060", Type.TEXT, model) is None
    assert read("00080061", Type.TEXT, model) is None


def test_a_name_has_its_groups_joined() -> None:
    name = {"Alphabetic": "Yamada^Tarou", "Phonetic": "やまだ^たろう"}
    model: Model = {"00100010": {"vr": "PN", "Value": [name]}}
    assert read("00100010", Type.TEXT, model) == "Yamada^Tarou==やまだ^たろう"


@pytest.mark.parametrize(
    ("keyword", "name"),
    [
        ("StudyInstanceUID", "study_instance_uid"),
        ("SOPClassesInStudy", "sop_classes_in_study"),
        ("IssuerOfPatientID", "issuer_of_patient_id"),
        ("00091001", "tag_00091001"),
        (
            "RequestAttributesSequence.ScheduledProcedureStepID",
            "request_attributes_sequence__scheduled_procedure_step_id",
        ),
    ],
)
def test_a_column_is_called_after_its_keyword(keyword: str, name: str) -> None:
    assert column_name(keyword) == name


def aged(sop: str, age: str, weight: str) -> Received:
    """Return an instance with attributes that only a query tag makes searchable."""
    one = received("1", "10", sop)
    model = orjson.loads(zlib.decompress(one.metadata))
    model["00101010"] = {"vr": "AS", "Value": [age]}
    model["00101030"] = {"vr": "DS", "Value": [weight, "heavy"]}
    model["00090011"] = {"vr": "LO", "Value": ["ACME"]}
    model["00091101"] = {"vr": "SH", "Value": ["x", "y"]}
    return replace(one, metadata=zlib.compress(orjson.dumps(model)))


@pytest.mark.django_db
@pytest.mark.usefixtures("lake")
def test_each_query_tag_is_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_more", [tag_columns])
    for path, vr, level, creator in (
        ("00101010", "AS", "study", ""),
        ("00101030", "DS", "series", ""),
        ("00091001", "SH", "instance", "ACME"),
    ):
        QueryTag.objects.create(
            path=path, identity=path, vr=vr, level=level, private_creator=creator
        )
    store(aged("10.1", "040Y", "70.5"))
    store(aged("10.2", "041Y", "71"))
    catch_up()
    assert rows("instances", "patient_age, patient_weight, tag_00091001_sh") == [
        (["040Y"], [70.5], ["x", "y"]),
        (["041Y"], [71.0], ["x", "y"]),
    ]
    assert rows("studies", "patient_age") == [(["041Y"],)]
    assert rows("series", "patient_weight") == [([71.0],)]
    QueryTag.objects.all().delete()
    put("1", "10", "10.3")
    catch_up()
    assert len(rows("instances", "patient_age")) == 3
