"""Random grants and revocations: the graph shows what plain sets say, by every way."""

import os
import random
from typing import Any, Final

import pytest

from core.access import Actor, Verb
from core.accounts.actors import actor_of_account
from core.graphql.nodes import make_id
from core.models import Account
from tests.graphql.graph import answer, ask
from tests.imaging.world import PATIENTS, PEOPLE, Person, Study, World

pytestmark = pytest.mark.usefixtures("committing")

WORLDS: Final = int(os.environ.get("PORTAL_WORLDS", "1"))
STEPS: Final = 40
QUERY: Final = """
fragment s on Study {
  uid: studyInstanceUid partition { name } patientId
  attributes(keywords: ["PatientID", "Modality"]) { keyword }
}
{
  studies(first: 50) { totalCount edges { node { ...s
    series { totalCount edges { node { study { ...s }
      instances { totalCount edges { node { study { ...s } series { study { ...s } }
        attributes(keywords: ["PatientID"]) { keyword } } } } } } } } } }
  series(first: 50) { totalCount edges { node { study { ...s } } } }
  instances(first: 100) { totalCount edges { node { study { ...s } dicomJson } } }
}
"""


@pytest.mark.parametrize("seed", range(WORLDS))
def test_every_way_shows_what_is_granted(seed: int, settings: Any) -> None:
    settings.GRAPHQL_COST = 10**6
    world = World(random.Random(seed))
    for number in range(STEPS):
        world.step()
        if number % 8 == 7:
            for name in PEOPLE:
                check(world, name)


def check(world: World, name: str) -> None:
    actor = actor_of_account(Account.objects.get(username=name))
    person = Person(world, name)
    seen = {study for study in world.patients if person.sees(study)}
    identified = {each for each in seen if person.sees(each, identified=True)}
    if not person.reads:
        assert not actor.may(Verb.READ)
        whole = answer(QUERY, actor=actor)
        assert whole["data"] is None
        assert {each["extensions"]["code"] for each in whole["errors"]} == {"FORBIDDEN"}
        return
    data = ask(QUERY, actor=actor)
    told = list(studies_in(data))
    assert {(each["partition"]["name"], each["uid"]) for each in told} == pairs(seen)
    for each in told:
        place = (each["partition"]["name"], each["uid"])
        tags = {attribute["keyword"] for attribute in each["attributes"]}
        if place not in pairs(identified):
            assert each["patientId"] is None
            assert "PatientID" not in tags
        else:
            assert "PatientID" in tags
    assert data["studies"]["totalCount"] == len(seen)
    for edge in data["instances"]["edges"]:
        study = edge["node"]["study"]
        place = (study["partition"]["name"], study["uid"])
        assert ("00100020" in edge["node"]["dicomJson"]) == (place in pairs(identified))
    check_ids(world, actor, seen)
    check_projects(world, actor, person)
    check_patients(actor, identified)


def pairs(studies: set[Study]) -> set[tuple[str, str]]:
    return {(study.partition, study.uid) for study in studies}


def studies_in(data: Any) -> Any:
    """Yield every study at any depth of an answer."""
    if isinstance(data, list):
        for each in data:
            yield from studies_in(each)
    elif isinstance(data, dict):
        if "patientId" in data:
            yield data
        for each in data.values():
            yield from studies_in(each)


def check_ids(world: World, actor: Actor, seen: set[Study]) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for study in world.patients:
        made = make_id("Study", f"{study.partition}/{study.uid}")
        found = ask(query, id=made, actor=actor)["node"]
        assert (found is not None) == (study in seen)


def check_projects(world: World, actor: Actor, person: Person) -> None:
    """Projects are seen with all that is in them, or not at all."""
    query = "{ projects(first: 50) { totalCount edges { node { name partition { name }"
    query += " studies(first: 50) { totalCount edges { node { partition { name }"
    query += " uid: studyInstanceUid } } } } } } }"
    found = ask(query, actor=actor)["projects"]
    told = {
        (each["node"]["partition"]["name"], "project", each["node"]["name"]): {
            (study["node"]["partition"]["name"], study["node"]["uid"])
            for study in each["node"]["studies"]["edges"]
        }
        for each in found["edges"]
    }
    assert found["totalCount"] == len(found["edges"]) == len(told)
    assert told == {
        thing: pairs({each for each in world.patients if thing in world.things(each)})
        for thing in world.projects
        if person.sees_project(thing)
    }


def check_patients(actor: Actor, identified: set[Study]) -> None:
    """Who may not see whose studies these are does not find them by it either."""
    query = "query ($f: StudyFilter) { studies(filter: $f, first: 50) { totalCount } }"
    given = {"patientId": {"anyOf": list(PATIENTS)}}
    whole = answer(query, f=given, actor=actor)
    if whole["data"] is None:
        assert whole["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert not identified
    else:
        assert whole["data"]["studies"]["totalCount"] <= len(identified)
