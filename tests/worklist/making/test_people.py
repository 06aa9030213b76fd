"""A rule names an account, or a Practitioner of the record, as performer."""

from typing import Any, Final

import pytest

from core.access import Actor
from core.errors import Invalid
from core.models import Account
from tests.graphql.graph import ask
from tests.imaging.stores import ADMIN
from tests.worklist.making.making import (
    problems,
    resource,
    rule,
    study,
    value,
    work,
    workitems,
)
from tests.worklist.test_access import of_worklist, somebody
from worklist.making import overdue
from worklist.making.configuring import try_rule

pytestmark = pytest.mark.usefixtures("committing")

MINE: Final = """query ($f: WorkitemFilter) { workitems(filter: $f) {
  edges { node { uid } } } }"""


@pytest.fixture
def reader() -> Actor:
    actor = somebody("Radiologist", of_worklist("Neuro"))
    names = {"first_name": "Ada", "last_name": "Byron"}
    Account.objects.filter(username=actor.name).update(**names)
    return actor


def performer() -> tuple[str, ...]:
    """Return code, scheme, name and organization of the performer of one workitem."""
    (model,) = workitems()
    (person,) = model["00404034"]["Value"]
    code = value(person, "00404009")
    return (
        value(code, "00080100"),
        value(code, "00080102"),
        value(person, "00404037")["Alphabetic"],
        value(person, "00404036"),
    )


def mine(reader: Actor) -> list[Any]:
    """Return what the page lists as scheduled for somebody."""
    found = ask(MINE, actor=reader, f={"performer": reader.name})
    return [each["node"]["uid"] for each in found["workitems"]["edges"]]


def test_what_is_for_an_account_is_on_its_page(reader: Actor) -> None:
    rule(performer=reader.name, worklist_label="Neuro")
    study()
    work()
    assert performer() == (reader.name, "99PORTAL", "Byron^Ada", "default")
    assert mine(reader) == [value(workitems()[0], "00080018")]


def test_a_practitioner_may_be_an_account(reader: Actor) -> None:
    identifier = {"system": "urn:portal:scheme:99PORTAL", "value": reader.name}
    resource("Practitioner", "ada", identifier=[identifier])
    rule(performer="Practitioner/ada", worklist_label="Neuro")
    study()
    work()
    assert performer()[:3] == (reader.name, "99PORTAL", "Byron^Ada")
    assert len(mine(reader)) == 1


def test_a_practitioner_has_a_name_and_an_identifier() -> None:
    resource(
        "Practitioner",
        "eve",
        name=[{"family": "Moneypenny", "given": ["Eve"]}],
        identifier=[{"system": "http://hl7.org/fhir/sid/us-npi", "value": "123"}],
    )
    rule(performer="Practitioner/eve")
    study()
    work()
    assert performer() == ("123", "99FHIR", "Moneypenny^Eve", "default")


def test_an_account_of_another_tenant_is_nobody_here() -> None:
    study(partition="north")
    stranger = somebody("Radiologist", of_worklist("Neuro"))
    Account.objects.filter(username=stranger.name).update(last_name="Secret")
    with pytest.raises(Invalid):
        rule(performer=stranger.name, partition="north")
    identifier = {"system": "urn:portal:scheme:99PORTAL", "value": stranger.name}
    resource("Practitioner", "x", partition="north", identifier=[identifier])
    rule(performer="Practitioner/x", partition="north")
    study(partition="north")
    work()
    (model,) = workitems("north")
    assert "Secret" not in str(model)


def test_a_step_names_an_account(reader: Actor, late: Any) -> None:
    steps = [{"after": "1 h", "performer": reader.name}]
    rule(due="arrival", steps=steps, worklist_label="Neuro")
    study()
    work()
    late(hours=2)
    while overdue.escalate(time_limit_s=60):
        pass
    assert performer()[:2] == (reader.name, "99PORTAL")
    assert mine(reader)


def test_an_account_that_has_left_stops_no_rule(reader: Actor) -> None:
    held = rule(performer=reader.name)
    Account.objects.filter(username=reader.name).update(is_active=False)
    study()
    work()
    assert performer()[:2] == (reader.name, "99PORTAL")
    assert not problems()
    with pytest.raises(Invalid):
        try_rule(actor=ADMIN, rule=held, limit=1)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"performer": "nobody"}, "performer"),
        ({"performer": "Practitioner/none"}, "performer"),
        (
            {"due": "arrival", "steps": [{"performer": "nobody"}]},
            "steps[0].performer",
        ),
    ],
)
def test_who_is_not_there_is_refused(said: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        rule(**said)
    assert refused.value.path == path
