"""Who owns a Task is to perform its workitem, and the other way round."""

from typing import Any, Final

import orjson
import pytest

from core import changefeed, followers
from core.access import Actor
from fhirlink.read import current
from tests.imaging.stores import ADMIN
from tests.synthetic import new_uid
from tests.worklist.making.making import resource, rule, value, work
from tests.worklist.steps import code
from tests.worklist.test_access import of_worklist, somebody
from tests.worklist.test_graph_changes import do
from worklist.change_state import change_state
from worklist.data_set import unpacked
from worklist.making.follower import RuleFollower
from worklist.models import MadeWorkitem, Workitem, WorkitemVersion
from worklist.release import release_workitem
from worklist.rules import State
from worklist.update import update_workitem

pytestmark = pytest.mark.usefixtures("committing")

PERFORMERS: Final = "00404034"
ADA: Final = {"reference": "Practitioner/ada", "display": "Ada Byron"}
EVE: Final = {"reference": "Practitioner/eve", "display": "Eve Moneypenny"}
OF_ACCOUNTS: Final = "urn:portal:scheme:99PORTAL"


@pytest.fixture(autouse=True)
def _ruled(committing: None) -> None:
    rule(source="Task", conditions="status=requested", worklist_label="Neuro")


@pytest.fixture
def reader() -> Actor:
    return somebody("Radiologist", of_worklist("Neuro"))


def task(status: str = "requested", **more: Any) -> None:
    resource("Task", "t1", intent="order", status=status, **more)
    work()


def told() -> dict[str, Any]:
    """Return the Task as it is held."""
    work()
    held = current(Workitem.objects.latest("id").partition_id, "Task", "t1")
    assert held is not None
    found: dict[str, Any] = orjson.loads(held.json())
    return found


def performers() -> list[Any]:
    """Return codes and names of who is to perform the last workitem."""
    work()
    model = unpacked(bytes(Workitem.objects.latest("id").content))
    return [
        (
            value(value(each, "00404009"), "00080100"),
            value(value(each, "00404009"), "00080102"),
            value(each, "00404037")["Alphabetic"],
            value(each, "00404036"),
        )
        for each in model.get(PERFORMERS, {}).get("Value", [])
    ]


def uid() -> str:
    return Workitem.objects.latest("id").sop_instance_uid


def assign(name: str) -> None:
    """Schedule the workitem for a person, as a client of UPS-RS does."""
    person = {
        "00404009": {"vr": "SQ", "Value": [code(name, name)]},
        "00404036": {"vr": "LO", "Value": ["Radiology"]},
        "00404037": {"vr": "PN", "Value": [{"Alphabetic": name}]},
    }
    model = {PERFORMERS: {"vr": "SQ", "Value": [person]}}
    update_workitem(actor=ADMIN, partition="default", uid=uid(), model=model)


def test_the_owner_of_a_task_is_to_perform_its_workitem() -> None:
    task(owner=ADA)
    assert performers() == [("ada", "99FHIR", "Ada Byron", "default")]
    assert told()["owner"] == ADA
    assert told()["meta"]["versionId"] == "1"
    assert WorkitemVersion.objects.latest("id").happened == ["assigned"]


def test_another_owner_is_another_performer() -> None:
    task(owner=ADA)
    task(owner=EVE)
    assert [each[0] for each in performers()] == ["eve"]
    task()
    assert performers() == []
    happened = [each.happened for each in WorkitemVersion.objects.order_by("id")]
    assert happened == [["created"], *[["assigned"]] * 3]
    assert told()["meta"]["versionId"] == "3"


def test_what_the_record_knows_of_a_practitioner_is_told() -> None:
    resource(
        "Practitioner",
        "ada",
        name=[{"family": "Byron", "given": ["Ada"], "prefix": ["Dr."]}],
        identifier=[{"system": "urn:portal:scheme:99HOUSE", "value": "AB1"}],
    )
    resource(
        "PractitionerRole",
        "reader",
        practitioner={"reference": "Practitioner/ada"},
        organization={"display": "Radiology"},
    )
    task(owner={"reference": "Practitioner/ada"})
    assert performers() == [("AB1", "99HOUSE", "Byron^Ada^^Dr.", "default")]
    task(owner={"reference": "PractitionerRole/reader"})
    assert performers() == [("AB1", "99HOUSE", "Byron^Ada^^Dr.", "Radiology")]


def test_a_practitioner_that_is_an_account_has_it_on_the_page(reader: Actor) -> None:
    identifier = {"system": OF_ACCOUNTS, "value": reader.name}
    resource("Practitioner", "ada", identifier=[identifier])
    task(owner={"reference": "Practitioner/ada"})
    ((name, scheme, *_),) = performers()
    assert (name, scheme) == (reader.name, "99PORTAL")
    task(owner={"identifier": {**identifier, "value": "nobody"}})
    assert [each[:2] for each in performers()] == [("nobody", "99PORTAL")]


@pytest.mark.parametrize(
    "owner",
    [
        {"reference": "Organization/radiology", "display": "Radiology"},
        {"type": "CareTeam", "display": "Night shift"},
    ],
)
def test_what_is_no_person_owns_the_task_and_performs_nothing(
    owner: dict[str, Any],
) -> None:
    task(owner=owner)
    assert performers() == []
    assert told()["owner"] == owner


@pytest.mark.parametrize(
    ("owner", "wanted"),
    [
        (
            {"reference": "https://elsewhere/fhir/Practitioner/ada", "display": "X"},
            ("ada", "99FHIR", "X"),
        ),
        ({"reference": "Practitioner/ada/_history/3"}, ("ada", "99FHIR", "ada")),
        ({"display": "a^b\\c=d"}, ("a b c d", "99FHIR", "a b c d")),
    ],
)
def test_whoever_it_is_has_a_code_and_a_name(
    owner: dict[str, Any], wanted: tuple[str, ...]
) -> None:
    task(owner=owner)
    assert [each[:3] for each in performers()] == [wanted]


def test_who_is_named_by_the_workitem_owns_the_task() -> None:
    task(owner=ADA)
    assign("jdoe")
    found = told()["owner"]
    assert found["identifier"]["value"] == "jdoe"
    task(owner=EVE)
    assert [each[0] for each in performers()] == ["eve"]


def test_a_task_that_is_written_with_the_owner_it_had_gives_nobody_back() -> None:
    task(owner=ADA)
    assign("jdoe")
    task("accepted", owner=ADA)  # the client has not read what it is by now
    assert told()["owner"]["identifier"]["value"] == "jdoe"
    assert [each[0] for each in performers()] == ["jdoe"]
    task("received", owner=told()["owner"])
    assert [each[0] for each in performers()] == ["jdoe"]


def test_nothing_goes_round_in_circles() -> None:
    task(owner=ADA)
    assign("jdoe")
    work()
    task(owner=EVE)
    task("in-progress", owner=EVE)
    work()
    head = changefeed.head()
    work()
    followers.rebuild(RuleFollower())
    work()
    assert changefeed.head() == head
    assert [each[0] for each in performers()] == ["eve"]


def test_who_claims_by_their_task_is_scheduled_first() -> None:
    task()
    task("in-progress", owner=ADA)
    assert [each[0] for each in performers()] == ["ada"]
    assert Workitem.objects.get().state == "IN PROGRESS"
    task("in-progress", owner=EVE)  # the Task has the lock
    assert [each[0] for each in performers()] == ["eve"]


def test_what_another_performs_follows_when_it_is_given_up() -> None:
    task()
    lock = new_uid()
    change_state(
        actor=ADMIN,
        partition="default",
        uid=uid(),
        state=State.IN_PROGRESS,
        transaction_uid=lock,
    )
    work()
    task("in-progress", owner=ADA)
    assert performers() == []
    assert told()["owner"] == ADA
    assert MadeWorkitem.objects.get().refusal.startswith("C301")
    release_workitem(actor=ADMIN, partition="default", uid=uid(), transaction_uid=lock)
    assert [each[0] for each in performers()] == ["ada"]
    assert told()["status"] == "ready"
    assert told()["owner"] == ADA


def test_what_is_handed_over_is_owned_by_who_gets_it(reader: Actor) -> None:
    task(owner=ADA)
    other = somebody("Radiologist", of_worklist("Neuro"))
    do("claimWorkitem", actor=reader, uid=uid())
    do("handOverWorkitem", ", $to: String!", actor=reader, uid=uid(), to=other.name)
    owner = told()["owner"]
    assert owner["identifier"] == {"system": OF_ACCOUNTS, "value": other.name}
    assert [each[0] for each in performers()] == [other.name]
