"""What changes on a real server of somebody else (HAPI), here."""

from typing import Any
from unittest.mock import patch

import pytest

from core.changefeed import Filter, read
from fhirlink.models import InboundCursor, Resource
from fhirlink.remote import inbound
from fhirlink.remote.managing import resync, status_of
from fhirlink.write import write
from tests.fhirlink.hapi.server import shared_space
from tests.fhirlink.remote.peer import ACTOR, Pair

pytestmark = [pytest.mark.peer("hapi"), pytest.mark.usefixtures("committing", "hosts")]

TYPES = ("Patient", "ImagingStudy", "Condition")


@pytest.fixture
def hosts(settings: Any) -> None:
    settings.EXPORT_HOSTS = ["127.0.0.1"]


def held(pair: Pair, type_: str) -> list[dict[str, Any]]:
    """Return what the partition has of a type."""
    ids = Resource.objects.filter(
        partition__name=pair.here.name, type=type_, is_deleted=False
    ).values_list("fhir_id", flat=True)
    return [pair.here.get(f"{type_}/{each}").json() for each in sorted(ids)]


def condition(of: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": f"Patient/{of}"},
        "code": {"text": "osteosarcoma"},
        **more,
    }


def entries() -> int:
    return len(read(actor=ACTOR, after=0, limit=100, where=Filter(kind="resource")))


def test_what_changes_there_comes_here_once_with_its_references() -> None:
    pair = Pair(shared_space(), taken=("Condition", "Patient"))
    pair.put(pair.patient("ada"))
    pair.put(condition("ada"))

    pair.sync()

    (ada,) = held(pair, "Patient")
    (found,) = held(pair, "Condition")
    assert found["subject"]["reference"] == f"Patient/{ada['id']}"
    assert ada["meta"]["source"] == f"{pair.space}/Patient/ada"
    assert ada["name"] == [{"family": "Family ada"}]
    number = entries()
    pair.sync()
    resync(actor=ACTOR, name=pair.server.name)
    pair.sync()
    assert entries() == number
    pair.put(condition("ada", code={"text": "bone cancer"}))
    pair.sync()
    (found,) = held(pair, "Condition")
    assert (found["code"]["text"], found["meta"]["versionId"]) == ("bone cancer", "2")


def test_what_was_sent_does_not_come_back_and_what_came_is_not_sent_back() -> None:
    pair = Pair(shared_space(), out=TYPES[:2], taken=TYPES)
    pair.put(pair.patient("ada"))
    pair.own(pair.patient("bob"))
    for _ in range(3):
        pair.sync()
        resync(actor=ACTOR, name=pair.server.name)
    pair.sync()

    assert len(held(pair, "Patient")) == len(pair.found("Patient")) == 2
    assert {each["meta"]["versionId"] for each in held(pair, "Patient")} == {"1"}
    assert {each["meta"]["versionId"] for each in pair.found("Patient")} == {"1"}


def test_the_record_knows_a_patient_better_than_images_do() -> None:
    pair = Pair(shared_space(), out=TYPES[:2], taken=TYPES)
    tag = {"system": "urn:portal:origin", "code": "dicom"}
    pair.own(pair.patient("ours", name=[{"text": "LOVELACE^A"}], meta={"tag": [tag]}))
    pair.own(pair.patient("kept", active=True))
    pair.put({**pair.patient("ours"), "id": "ada", "gender": "female"})
    pair.put({**pair.patient("kept"), "id": "bob", "active": False})

    pair.sync()

    kept, ours = held(pair, "Patient")
    assert (ours["name"], ours["gender"]) == ([{"family": "Family ours"}], "female")
    assert (ours["id"], ours["meta"].get("tag")) == ("ours", None)
    assert (kept["id"], kept["active"]) == ("kept", True)
    assert {each["meta"]["versionId"] for each in pair.found("Patient")} == {"1"}


def test_of_two_with_one_identifier_the_record_s_own_is_meant() -> None:
    pair = Pair(shared_space(), taken=("Patient",))
    tag = {"system": "urn:portal:origin", "code": "dicom"}
    pair.own({**pair.patient("ada", meta={"tag": [tag]}), "id": "images"})
    pair.own({**pair.patient("ada"), "id": "record"})
    pair.put(pair.patient("ada", gender="female"))

    pair.sync()

    images, record = held(pair, "Patient")
    assert ("gender" in images, record["gender"]) == (False, "female")


def test_a_study_that_both_made_is_one_and_each_says_what_it_knows() -> None:
    pair = Pair(shared_space(), out=TYPES[:2], taken=TYPES)
    reason = [{"text": "chest pain"}]
    pair.put(pair.patient("ada"))
    bare_uid = pair.study("s1", of="ada")["identifier"][0]["value"]
    theirs = pair.study("e1", of="ada", reasonCode=reason, numberOfSeries=7)
    theirs["identifier"] = [{"system": "urn:dicom:uid", "value": bare_uid}]
    pair.put(theirs)
    pair.own(pair.patient("ada"))
    pair.own(pair.study("s1", of="ada", numberOfSeries=2))
    for _ in range(3):
        pair.sync()

    for found in (held(pair, "ImagingStudy"), pair.found("ImagingStudy")):
        (study,) = found
        assert (study["numberOfSeries"], study["reasonCode"]) == (2, reason)
    (study,) = pair.found("ImagingStudy")
    assert study["meta"]["versionId"] == "2"


def test_what_is_deleted_there_is_deleted_here_unless_it_is_ours() -> None:
    pair = Pair(shared_space(), out=("Patient",), taken=("Patient",))
    pair.own(pair.patient("ours"))
    pair.put(pair.patient("ada"))
    pair.sync()
    assert len(held(pair, "Patient")) == 2
    for each in pair.found("Patient"):
        pair.remove(f"Patient/{each['id']}")

    pair.sync()

    assert [each["id"] for each in held(pair, "Patient")] == ["ours"]


def test_pages_are_followed_and_go_on_where_a_turn_has_ended() -> None:
    pair = Pair(shared_space(), taken=("Patient",))
    for number in range(7):
        pair.put(pair.patient(f"p{number}"))
    writes: list[int] = []

    def dies(*given: Any) -> Any:
        writes.append(1)
        if len(writes) == 3:
            raise SystemExit
        return write(*given)

    with patch.object(inbound, "PAGE", 2), patch.object(inbound, "write", dies):
        with pytest.raises(SystemExit):
            pair.sync()
        assert len(held(pair, "Patient")) == 4
        assert InboundCursor.objects.get().next_url.startswith(pair.space[:20])
        pair.sync()

    assert len(held(pair, "Patient")) == 7
    (progress,) = status_of(actor=ACTOR, server=pair.server).inbound
    assert (progress.error, progress.lag_s is not None) == ("", True)
    assert {each["meta"]["versionId"] for each in held(pair, "Patient")} == {"1"}


def test_what_cannot_be_taken_is_told_and_the_rest_is() -> None:
    pair = Pair(shared_space(), taken=("Patient", "Condition"))
    pair.put(pair.patient("ada"))
    pair.put(condition("ada"))
    without = condition("ada", id="c2", code={"text": "nobody's"})
    del without["subject"]  # which FHIR demands, and HAPI does not
    pair.put(without)

    pair.sync()

    assert [each["code"]["text"] for each in held(pair, "Condition")] == [
        "osteosarcoma"
    ]
    progress = {
        each.type: each.error
        for each in status_of(actor=ACTOR, server=pair.server).inbound
    }
    assert progress["Patient"] == ""
    assert progress["Condition"].startswith("Condition/c2 was not taken: ")
