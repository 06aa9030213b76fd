"""Values of tags follow what is held, however it came about."""

import random

import pytest

from imaging.delete import delete_instances
from imaging.models import Instance, Study, TagValue
from imaging.move import move_study
from imaging.query import Level
from tests.imaging.query_tags.tagging import (
    add,
    find,
    held,
    instance,
    ready,
    rebuilt,
    run,
)
from tests.imaging.stores import ADMIN, store

pytestmark = pytest.mark.django_db(transaction=True)


def test_old_instances_are_found_once_the_tag_is_ready() -> None:
    store(instance("1", "1.1", "1.1.1", PatientAge="053Y"))
    operation = add("PatientAge")
    store(instance("2", "2.1", "2.1.1", PatientAge="053Y"))
    assert run(operation).state == "succeeded"
    assert find("PatientAge=053Y") == ["2", "1"]
    assert find("PatientAge=054Y") == []


def test_the_newest_instance_that_is_no_result_says_what_a_study_has() -> None:
    ready("PatientComments")
    store(instance("1", "1.1", "1.1.1", PatientComments="old"))
    store(instance("1", "1.1", "1.1.2", PatientComments="new"))
    assert find("PatientComments=new") == ["1"]
    assert find("PatientComments=old") == []
    delete_instances(
        actor=ADMIN,
        partition="default",
        study_instance_uid="1",
        series_instance_uid="1.1",
        sop_instance_uid="1.1.2",
    )
    assert find("PatientComments=old") == ["1"]


def test_what_is_deleted_leaves_no_values() -> None:
    for level, tag in (("study", "PatientAge"), ("series", "ProtocolName")):
        ready(tag, level=level)
    ready("ImageComments", level="instance")
    values = {"PatientAge": "053Y", "ProtocolName": "x", "ImageComments": "y"}
    store(instance("1", "1.1", "1.1.1", **values))
    assert TagValue.objects.count() == 3
    delete_instances(actor=ADMIN, partition="default", study_instance_uid="1")
    assert TagValue.objects.count() == 0


def test_a_replaced_instance_has_its_new_values_only() -> None:
    ready("ImageComments", level="instance")
    store(instance("1", "1.1", "1.1.1", ImageComments="old"))
    store(instance("1", "1.1", "1.1.1", ImageComments="new"), replace=True)
    assert {row[4] for row in held()} == {"new"}


def test_values_move_with_their_study() -> None:
    ready("ProtocolName", level="series")
    ready("PatientAge")
    store(instance("1", "1.1", "1.1.1", ProtocolName="x", PatientAge="053Y"))
    store(instance("9", "9.1", "9.1.1"), partition="other")
    move_study(
        actor=ADMIN,
        partition="default",
        study_instance_uid="1",
        to="other",
        reason="test",
    )
    assert find("PatientAge=053Y") == []
    assert find("PatientAge=053Y", partition="other") == ["1"]
    assert find("ProtocolName=X", Level.SERIES) == []
    assert find("ProtocolName=X", Level.SERIES, partition=None) == ["1.1"]
    assert held() == rebuilt()


@pytest.mark.parametrize("seed", range(4))
def test_values_kept_bit_by_bit_equal_a_rebuild(seed: int) -> None:
    draw = random.Random(seed)
    ready("PatientAge")
    ready("ProtocolName", level="series")
    ready("Rows", level="instance")
    ready("RequestAttributesSequence.ReasonForTheRequestedProcedure", level="series")
    for _step in range(60):
        partition = draw.choice(["default", "other"])
        study = str(draw.randint(1, 4))
        series = f"{study}.{draw.randint(1, 2)}"
        if draw.random() < 0.7:
            values = {
                "PatientAge": draw.choice(["", "001Y", "002Y"]),
                "ProtocolName": [draw.choice("abc") for _ in range(draw.randint(1, 3))],
                "Rows": draw.randint(1, 3),
                "PatientID": draw.choice(["", "P1", "P2"]),
            }
            sop = f"{series}.{draw.randint(1, 5)}"
            store(
                instance(study, series, sop, **values),
                partition=partition,
                replace=True,
            )
            continue
        held_here = Study.objects.filter(partition__name=partition)
        one = held_here.first()
        if one is None:
            continue
        if draw.random() < 0.3:
            to = {"default": "other", "other": "default"}[partition]
            if not Study.objects.filter(
                partition__name=to, study_instance_uid=one.study_instance_uid
            ):
                move_study(
                    actor=ADMIN,
                    partition=partition,
                    to=to,
                    reason="x",
                    study_instance_uid=one.study_instance_uid,
                )
            continue
        some = Instance.objects.filter(study=one).first()
        assert some is not None
        delete_instances(
            actor=ADMIN,
            partition=partition,
            study_instance_uid=one.study_instance_uid,
            series_instance_uid=some.series.series_instance_uid,
            sop_instance_uid=some.sop_instance_uid,
        )
    kept = held()
    assert kept
    assert kept == rebuilt()
