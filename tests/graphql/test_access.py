"""Nothing outside of an actor's reach is seen by any way through the graph."""

from typing import Any

import pytest

from core.access import Actor, Verb
from core.graphql.nodes import make_id
from core.models import AuditRecord, Partition
from imaging.models import Study
from tests.actors import ALL_VERBS, READING, acting
from tests.graphql.graph import answer, ask, errors
from tests.imaging.dicomweb.service import Service
from tests.imaging.stores import ADMIN
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def seen() -> Service:
    made = Service()
    made.store(instance(StudyInstanceUID="1.1", SeriesInstanceUID="1.1.1"))
    return made


@pytest.fixture
def hidden() -> Service:
    made = Service()
    made.store(
        instance(
            StudyInstanceUID="2.1", SeriesInstanceUID="2.1.1", SOPInstanceUID="2.1.1.1"
        )
    )
    return made


def only(service: Service, *verbs: Verb) -> Actor:
    key = Partition.objects.get(name=service.name).pk
    return acting(None, "bound", verbs or READING, frozenset({key}))


def nodes(connection: dict[str, Any]) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def test_lists_hold_what_is_seen_only(seen: Service, hidden: Service) -> None:
    query = """{
      studies { totalCount edges { node { uid: studyInstanceUid } } }
      series { totalCount edges { node { uid: studyInstanceUid } } }
      instances { totalCount edges { node { uid: studyInstanceUid } } }
      changeFeed { totalCount edges { node { uid: studyInstanceUid } } }
    }"""
    everything = ask(query)
    bound = ask(query, actor=only(seen))
    for name in everything:
        assert everything[name]["totalCount"] == 2
        assert bound[name] == {"totalCount": 1, "edges": [{"node": {"uid": "1.1"}}]}
    partitions = "{ partitions { totalCount edges { node { name } } } }"
    assert ask(partitions, actor=only(seen))["partitions"] == {
        "totalCount": 1,
        "edges": [{"node": {"name": seen.name}}],
    }


def test_what_is_hidden_answers_like_what_is_not_there(
    seen: Service, hidden: Service
) -> None:
    bound = only(seen)
    query = "query ($p: String!, $u: UI!) { study(partition: $p, studyInstanceUid: $u)"
    query += " { studyInstanceUid } }"
    assert ask(query, p=hidden.name, u="2.1")["study"] is not None
    assert ask(query, p=hidden.name, u="2.1", actor=bound) == {"study": None}
    assert ask(query, p="no-such", u="2.1", actor=bound) == {"study": None}
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for kind, path in (
        ("Partition", ""),
        ("Study", "/2.1"),
        ("Series", "/2.1/2.1.1"),
        ("Instance", "/2.1/2.1.1/2.1.1.1"),
    ):
        made = make_id(kind, hidden.name + path)
        assert ask(node, id=made)["node"] == {"id": made}
        assert ask(node, id=made, actor=bound) == {"node": None}
    search = "query ($p: String) { studies(partition: $p) { totalCount } }"
    (told,) = answer(search, p=hidden.name, actor=bound)["errors"]
    (absent,) = answer(search, p="no-such", actor=bound)["errors"]
    assert told == absent
    feed = "query ($p: [String!]) { changeFeed(filter: {partitions: $p}) { totalCount"
    feed += " } }"
    assert errors(feed, p=[hidden.name], actor=bound)[0]["code"] == "NOT_FOUND"


def test_edges_do_not_lead_out(seen: Service, hidden: Service) -> None:
    query = "{ studies { edges { node { series { edges { node { study {"
    query += " studyInstanceUid } instances { edges { node { study {"
    query += " studyInstanceUid } } } } } } } } } } }"
    (study,) = nodes(ask(query, actor=only(seen))["studies"])
    (series,) = nodes(study["series"])
    (single,) = nodes(series["instances"])
    assert series["study"] == single["study"] == {"studyInstanceUid": "1.1"}
    by_key = '{ series(filter: {study: {studyInstanceUid: ["2.1"]}}) { totalCount } }'
    assert ask(by_key, actor=only(seen))["series"]["totalCount"] == 0


def test_a_disabled_partition_is_left_out(seen: Service, hidden: Service) -> None:
    mutation = "mutation ($n: String!) { disablePartition(name: $n) { __typename ... on"
    mutation += " ChangedPartition { partition { disabledAt } } } }"
    done = ask(mutation, n=hidden.name)["disablePartition"]
    assert done["partition"]["disabledAt"] is not None
    assert ask("{ studies { totalCount } }")["studies"]["totalCount"] == 1
    again = mutation.replace("disable", "enable").replace("enabledAt", "disabledAt")
    assert ask(again, n=hidden.name)["enablePartition"]["partition"] == {
        "disabledAt": None
    }


DELETE = """
mutation ($p: String!, $u: UI!, $r: String!) {
  deleteStudy(partition: $p, studyInstanceUid: $u, reason: $r) {
    ... on Deleted { numberOfInstances }
    ... on Fault { code message path retryAfter }
  }
}
"""


def test_who_may_not_delete_deletes_nothing(seen: Service, hidden: Service) -> None:
    reader, bound = only(seen), only(seen, *ALL_VERBS)
    for actor, service, uid, code in (
        (reader, seen, "1.1", "FORBIDDEN"),
        (bound, hidden, "2.1", "NOT_FOUND"),
        (bound, seen, "1.9", "NOT_FOUND"),
    ):
        done = ask(DELETE, p=service.name, u=uid, r="", actor=actor)["deleteStudy"]
        assert done["code"] == code
        assert done["retryAfter"] is None
        assert done["message"]
    assert Study.objects.count() == 2


def test_a_delete_has_its_reason_in_the_audit_log(seen: Service) -> None:
    done = ask(DELETE, p=seen.name, u="1.1", r="asked to", actor=only(seen, *ALL_VERBS))
    assert done == {"deleteStudy": {"numberOfInstances": 1}}
    assert not Study.objects.exists()
    (row,) = AuditRecord.objects.filter(action="delete")
    assert (row.actor, row.detail) == ("bound", "1 instances: asked to")
    done = ask(DELETE, p=seen.name, u="1.1", r="x" * 1001)
    assert (done["deleteStudy"]["code"], done["deleteStudy"]["path"]) == (
        "INVALID",
        "reason",
    )


MOVE = """
mutation ($p: String!, $u: UI!, $to: String!, $r: String!) {
  moveStudy(partition: $p, studyInstanceUid: $u, to: $to, reason: $r) {
    ... on Moved { numberOfInstances }
    ... on Fault { code message path retryAfter }
  }
}
"""


def test_a_study_is_moved_by_who_may_do_so(seen: Service, hidden: Service) -> None:
    def moved(actor: Actor = ADMIN, **more: str) -> tuple[Any, ...]:
        usual = {"p": seen.name, "u": "1.1", "to": hidden.name, "r": "wrong site"}
        done = ask(MOVE, actor=actor, **{**usual, **more})["moveStudy"]
        return tuple(done.get(name) for name in ("numberOfInstances", "code", "path"))

    assert moved(only(seen)) == (None, "FORBIDDEN", None)
    assert moved(only(seen, *ALL_VERBS)) == (None, "NOT_FOUND", "to")
    assert moved(to=seen.name) == (None, "INVALID", "to")
    assert moved(r="x" * 1001) == moved(r="") == (None, "INVALID", "reason")
    assert moved() == (1, None, None)
    assert moved() == (None, "NOT_FOUND", "study")
    query = (
        'query ($p: String!) { study(partition: $p, studyInstanceUid: "1.1") { id } }'
    )
    assert ask(query, p=seen.name) == {"study": None}
    assert ask(query, p=hidden.name)["study"] is not None
    (row,) = AuditRecord.objects.filter(action="delete", outcome=0)
    assert row.detail == f"1 instances moved to {hidden.name}: wrong site"


def test_series_and_instances_are_deleted(seen: Service) -> None:
    first = instance(StudyInstanceUID="3.1")
    second = instance(StudyInstanceUID="3.1")
    third = instance(
        StudyInstanceUID="3.1", SeriesInstanceUID=str(second.SeriesInstanceUID)
    )
    seen.store(first, second, third)
    one = "mutation ($p: String!, $a: UI!, $b: UI!, $c: UI!) { deleteInstance("
    one += "partition: $p, studyInstanceUid: $a, seriesInstanceUid: $b,"
    one += " sopInstanceUid: $c) { ... on Deleted { numberOfInstances } } }"
    given = {"a": "3.1", "b": third.SeriesInstanceUID, "c": third.SOPInstanceUID}
    assert ask(one, p=seen.name, **given)["deleteInstance"]["numberOfInstances"] == 1
    several = "mutation ($p: String!, $a: UI!, $b: UI!) { deleteSeries(partition: $p,"
    several += " studyInstanceUid: $a, seriesInstanceUid: $b) { ... on Deleted {"
    several += " numberOfInstances } } }"
    given = {"a": "3.1", "b": second.SeriesInstanceUID}
    assert ask(several, p=seen.name, **given)["deleteSeries"]["numberOfInstances"] == 1
    left = '{ study(partition: "%s", studyInstanceUid: "3.1") { n:'
    left += " numberOfStudyRelatedInstances } }"
    assert ask(left % seen.name) == {"study": {"n": 1}}


def test_me_tells_what_one_may_and_where(seen: Service, hidden: Service) -> None:
    query = "{ me { name roles until permissions { verb meaning everywhere partitions"
    query += " numberOfScopes } } }"
    assert ask(query, actor=only(seen, Verb.READ))["me"] == {
        "name": "bound",
        "roles": [],
        "until": None,
        "permissions": [
            {
                "verb": "read_data",
                "meaning": "see data",
                "everywhere": False,
                "partitions": [seen.name],
                "numberOfScopes": 0,
            }
        ],
    }
    permissions = ask(query)["me"]["permissions"]
    assert len(permissions) == len(Verb)
    assert all(each["everywhere"] for each in permissions)


def test_what_is_refused_is_in_the_audit_log(seen: Service, hidden: Service) -> None:
    reader = acting(None, "reader", {Verb.READ}, frozenset())
    writer = acting(None, "writer", {Verb.STORE})
    study = '{ mine: study(studyInstanceUid: "2.1") { studyInstanceUid } me { name } }'
    ask(study, actor=reader)
    answer(study, actor=writer)
    ask(DELETE, p=hidden.name, u="2.1", r="", actor=reader)
    answer("{ nothing }", actor=writer)  # not a word of data
    rows = AuditRecord.objects.filter(outcome__gt=0).order_by("pk")
    assert [(row.actor, row.action, row.query) for row in rows] == [
        ("reader", "view", "graphql"),
        ("writer", "view", "graphql"),
        ("reader", "update", "graphql"),
    ]
    assert [row.detail for row in rows] == [
        "NOT_FOUND study",
        "FORBIDDEN study",
        "FORBIDDEN deleteStudy",
    ]
