"""What changes here, on a real server of somebody else (HAPI)."""

from typing import Any
from unittest.mock import patch

import pytest

from core.followers import rebuild
from fhirlink.models import OutboxItem, RemoteResource
from fhirlink.remote import sending
from fhirlink.remote.api import Remote
from fhirlink.remote.managing import resync
from fhirlink.remote.outbox import OutboxFollower
from tests.fhirlink.hapi.server import shared_space
from tests.fhirlink.remote.peer import ACTOR, Pair

pytestmark = [pytest.mark.peer("hapi"), pytest.mark.usefixtures("committing", "hosts")]

OUT = ("Patient", "ImagingStudy", "Observation")


@pytest.fixture
def hosts(settings: Any) -> None:
    settings.EXPORT_HOSTS = ["127.0.0.1"]


def versions(pair: Pair) -> dict[str, str]:
    """Return which version the other server has of everything."""
    return {
        f"{each['resourceType']}/{each['id']}": each["meta"]["versionId"]
        for type_ in OUT
        for each in pair.found(type_)
    }


def test_what_changes_here_is_there_with_its_references_and_never_twice() -> None:
    pair = Pair(shared_space(), out=OUT)
    pair.own(
        pair.study("s1", of="ada")
    )  # before its patient, which must be there first
    pair.own(pair.patient("ada"))
    weight = {
        "resourceType": "Observation",
        "id": "w",
        "status": "final",
        "code": {"text": "weight"},
        "subject": {"reference": "Patient/ada"},
    }
    pair.own(weight)

    pair.sync()

    assert set(pair.states().values()) == {"sent"}
    (ada,) = pair.found("Patient")
    (made,) = pair.found("ImagingStudy")
    assert made["subject"]["reference"] == f"Patient/{ada['id']}"
    (seen,) = pair.found("Observation")
    assert seen["identifier"][0]["value"].startswith("urn:uuid:")
    first = versions(pair)
    resync(actor=ACTOR, name=pair.server.name)
    pair.sync()
    rebuild(OutboxFollower())
    pair.sync()
    RemoteResource.objects.all().delete()  # as if nothing had been written down
    OutboxItem.objects.all().delete()
    resync(actor=ACTOR, name=pair.server.name)
    pair.sync()
    assert versions(pair) == first
    pair.own({**weight, "status": "amended"})
    pair.sync()
    (seen,) = pair.found("Observation")
    assert (seen["status"], seen["meta"]["versionId"]) == ("amended", "2")


def test_a_step_that_dies_between_sending_and_writing_down_is_done_again() -> None:
    pair = Pair(shared_space(), out=OUT)
    pair.own(pair.patient("ada"))
    with (
        patch.object(sending, "remember", side_effect=SystemExit),
        pytest.raises(SystemExit),
    ):
        pair.sync()
    assert len(pair.found("Patient")) == 1
    assert pair.states() == {"Patient/ada": "waiting"}
    pair.own(pair.patient("ada", gender="female"))

    pair.sync()

    (ada,) = pair.found("Patient")
    assert ada["gender"] == "female"  # it is known as ours
    assert pair.states() == {"Patient/ada": "sent"}


def test_a_patient_of_the_other_side_is_linked_and_not_overwritten() -> None:
    pair = Pair(shared_space(), out=OUT)
    pair.put(pair.patient("theirs", identifier=pair.patient("ada")["identifier"]))
    pair.own(pair.patient("ada", gender="female"))
    pair.own(pair.study("s1", of="ada"))

    pair.sync()

    (theirs,) = pair.found("Patient")
    assert (theirs["id"], theirs["meta"]["versionId"]) == ("theirs", "1")
    (made,) = pair.found("ImagingStudy")
    assert made["subject"]["reference"] == "Patient/theirs"


def test_a_patient_of_the_other_side_is_written_where_that_is_told() -> None:
    pair = Pair(shared_space(), out=OUT, values={"overwrites_patients": True})
    pair.put(pair.patient("theirs", identifier=pair.patient("ada")["identifier"]))
    pair.own(pair.patient("ada", gender="female"))

    pair.sync()

    (theirs,) = pair.found("Patient")
    assert (theirs["id"], theirs["gender"]) == ("theirs", "female")


def test_what_others_add_to_a_study_stays_and_what_images_tell_is_ours() -> None:
    pair = Pair(shared_space(), out=OUT)
    pair.own(pair.patient("ada"))
    pair.own(pair.study("s1", of="ada"))
    pair.sync()
    (made,) = pair.found("ImagingStudy")
    reason = [{"text": "chest pain"}]
    pair.put({**made, "reasonCode": reason, "numberOfSeries": 9})
    pair.own(pair.study("s1", of="ada", numberOfSeries=2))

    pair.sync()

    (made,) = pair.found("ImagingStudy")
    assert (made["reasonCode"], made["numberOfSeries"]) == (reason, 2)


def test_an_update_that_somebody_gets_before_is_read_and_merged_anew() -> None:
    pair = Pair(shared_space(), out=OUT)
    pair.own(pair.patient("ada"))
    pair.sync()
    pair.own(pair.patient("ada", gender="female"))
    update = Remote.update
    others: list[int] = []

    def late(remote: Any, held: Any, content: Any) -> Any:
        if not others:
            others.append(1)
            pair.put({**held.content, "maritalStatus": {"text": "married"}})
        return update(remote, held, content)

    with patch.object(Remote, "update", late):
        pair.sync()

    (ada,) = pair.found("Patient")
    assert (ada["gender"], ada["maritalStatus"]["text"]) == ("female", "married")
    assert others == [1]


def test_what_the_server_refuses_is_given_up_and_the_rest_goes_on() -> None:
    pair = Pair(shared_space(), out=OUT)
    nobody = {"reference": "Practitioner?identifier=urn:none%7C1"}
    pair.own(pair.patient("bad", generalPractitioner=[nobody]))
    pair.own(pair.patient("good"))

    pair.sync()

    assert pair.states() == {"Patient/bad": "dead", "Patient/good": "sent"}
    assert "does not create it: 4" in pair.error_of("Patient/bad")
    pair.own(pair.patient("bad", birthDate="1815-12-10"))
    pair.sync()
    assert pair.states()["Patient/bad"] == "sent"


def test_what_is_deleted_here_goes_there_if_it_was_made_here() -> None:
    pair = Pair(shared_space(), out=OUT)
    pair.put(pair.patient("theirs", identifier=pair.patient("ada")["identifier"]))
    for each in (pair.patient("ada"), pair.patient("bob")):
        pair.own(each)
    pair.sync()
    assert len(pair.found("Patient")) == 2

    for name in ("ada", "bob"):
        pair.here.ask("DELETE", f"Patient/{name}")
    pair.sync()

    assert [each["id"] for each in pair.found("Patient")] == ["theirs"]


def test_two_here_are_not_one_there() -> None:
    pair = Pair(shared_space(), out=("Patient",))
    pair.own(pair.patient("ada"))
    pair.sync()
    pair.own({**pair.patient("ada", active=False), "id": "again"})
    pair.sync()

    assert pair.states() == {"Patient/ada": "sent", "Patient/again": "dead"}
    assert "merge them" in pair.error_of("Patient/again")
    (ada,) = pair.found("Patient")
    assert "active" not in ada


def test_several_partitions_share_one_server_and_one_patient() -> None:
    space = shared_space()
    pairs = [Pair(space, out=OUT) for _ in range(2)]
    for number, pair in enumerate(pairs):
        pair.own(pair.patient("ada"))
        pair.own(pair.study(f"s{number}", of="ada"))
    for _ in range(2):
        for pair in pairs:
            pair.sync()

    (ada,) = pairs[0].found("Patient")
    made = pairs[0].found("ImagingStudy")
    assert len(made) == 2
    assert {each["subject"]["reference"] for each in made} == {f"Patient/{ada['id']}"}
    assert ada["meta"]["versionId"] == "1"


def test_a_server_that_is_away_is_left_alone_and_nothing_is_given_up() -> None:
    pair = Pair("http://127.0.0.1:9/fhir", out=OUT)
    pair.own(pair.patient("ada"))
    for number in range(1, 12):
        pair.sync()
        assert pair.server.failures == number
    assert pair.states() == {"Patient/ada": "waiting"}
    assert "cannot be reached" in pair.server.error
    assert pair.server.retry_at is not None
