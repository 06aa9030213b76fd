"""Grants in the graph: given, taken back, seen and explained by each of the cast."""

from datetime import timedelta
from typing import Any, Final

import pytest
from django.utils import timezone

from core.accounts.grants import Level
from core.graphql.nodes import make_id
from core.models import AccountGrant, AuditRecord, Scope
from tests.graphql.cast import account, acts, code_of, let, project, traces
from tests.graphql.graph import ask, errors

pytestmark = pytest.mark.usefixtures("committing")

GRANT: Final = """mutation ($on: PlaceInput!, $l: GrantLevel! = SEE, $a: String,
  $g: String, $u: DateTime, $r: String! = "") {
  grant(on: $on, level: $l, account: $a, group: $g, expiresAt: $u, reason: $r) {
    ... on Granted { grant { id account group level kind partitionName grantedBy
      expiresAt reason object { ... on Study { studyInstanceUid }
        ... on Project { name } ... on Partition { partition: name } } } }
    ... on Fault { code path } } }"""
REVOKE: Final = """mutation ($id: ID!) { revoke(id: $id, reason: "over") {
  ... on Revoked { id } ... on Fault { code path } } }"""
GRANTS: Final = """query ($on: PlaceInput!) { grants(on: $on) { totalCount
  edges { node { id account group level } } } }"""
NODE: Final = "query ($id: ID!) { node(id: $id) { ... on Grant { account } } }"
EXPLAIN: Final = """query ($a: String!, $on: PlaceInput!) {
  explainAccess(account: $a, on: $on) { allowed reasons verbs { verb allowed } } }"""
SEEN: Final = "{ studies { totalCount } }"
PROJECT: Final = {"project": "sarcoma"}


def seen(name: str) -> int:
    number: int = ask(SEEN, actor=acts(name))["studies"]["totalCount"]
    return number


def id_of(name: str) -> str:
    held = AccountGrant.objects.get(user=account(name))
    return make_id("Grant", f"account/{held.pk}")


def test_an_owner_lets_others_see_a_project_and_takes_it_back() -> None:
    project()
    until = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    given = {"a": "outsider", "u": until.isoformat(), "r": "asked"}
    done = ask(GRANT, on=PROJECT, actor=acts("owner"), **given)["grant"]["grant"]
    assert done == {
        "id": id_of("outsider"),
        "account": "outsider",
        "group": None,
        "level": "SEE",
        "kind": "PROJECT",
        "partitionName": "default",
        "grantedBy": "owner",
        "expiresAt": until.isoformat(),
        "reason": "asked",
        "object": {"name": "sarcoma"},
    }
    assert seen("outsider") == 1
    done = ask(REVOKE, id=id_of("outsider"), actor=acts("owner"))
    assert list(done["revoke"]) == ["id"]
    assert seen("outsider") == 0
    rows = AuditRecord.objects.filter(action__in=["grant", "revoke"], actor="owner")
    granted, revoked = rows.order_by("pk")
    assert "asked" in granted.detail
    assert revoked.detail.endswith(": over")


def test_nobody_grants_more_than_they_may() -> None:
    project()
    before = traces()
    for name, on, more, code in (
        ("owner", PROJECT, {"l": "OWN"}, "FORBIDDEN"),
        ("owner", PROJECT, {"l": "IDENTIFY"}, "FORBIDDEN"),
        ("owner", {}, {}, "NOT_FOUND"),
        ("owner", {"studyInstanceUid": "1.1"}, {}, "NOT_FOUND"),
        ("owner", {"studyInstanceUid": "1.2"}, {}, "NOT_FOUND"),
        ("owner", {"patient": {"patientId": "P1"}}, {}, "NOT_FOUND"),
        ("member", PROJECT, {}, "FORBIDDEN"),
        ("outsider", PROJECT, {}, "NOT_FOUND"),
        ("outsider", {"studyInstanceUid": "1.1"}, {}, "NOT_FOUND"),
        ("auditor", PROJECT, {}, "NOT_FOUND"),
        ("auditor", {"studyInstanceUid": "1.1"}, {}, "NOT_FOUND"),
    ):
        for to in ("outsider", "nobody"):  # names are not told either
            assert code_of(GRANT, name, on=on, a=to, **more) == code, (name, on)
    assert traces() == before


def test_a_grant_must_make_sense() -> None:
    project()
    before = traces()
    past = (timezone.now() - timedelta(days=1)).isoformat()
    for more, code, path in (
        ({"a": "nobody"}, "NOT_FOUND", "account"),
        ({"g": "nobody"}, "NOT_FOUND", "group"),
        ({}, "INVALID", "account"),
        ({"a": "member", "g": "Researcher"}, "INVALID", "account"),
        ({"a": "member", "u": past}, "INVALID", "expiresAt"),
        ({"a": "member", "u": "2100-01-01T00:00:00"}, "INVALID", "expiresAt"),
        ({"a": "member", "r": "x" * 201}, "INVALID", "reason"),
        (
            {"a": "member", "on": {**PROJECT, "studyInstanceUid": "1.1"}},
            "INVALID",
            "on",
        ),
        ({"a": "member", "on": {"project": "other"}}, "NOT_FOUND", "project"),
        ({"a": "member", "on": {"partition": "other"}}, "NOT_FOUND", "partition"),
    ):
        given: dict[str, Any] = {"on": PROJECT, **more}
        done = ask(GRANT, actor=acts("administrator"), **given)["grant"]
        assert done == {"code": code, "path": path}
    assert traces() == before


def test_administrators_grant_on_anything_to_anybody() -> None:
    project()
    admin = acts("administrator")
    for on, kind, what, number in (
        ({"studyInstanceUid": "1.2"}, "STUDY", {"studyInstanceUid": "1.2"}, 1),
        (PROJECT, "PROJECT", {"name": "sarcoma"}, 2),
        ({"patient": {"patientId": "P1"}}, "PATIENT", None, 2),
        ({"partition": "default"}, "PARTITION", {"partition": "default"}, 2),
    ):
        done = ask(GRANT, on=on, g="Researcher", actor=admin)["grant"]["grant"]
        assert (done["kind"], done["object"]) == (kind, what)
        assert (done["account"], done["group"]) == (None, "Researcher")
        assert seen("outsider") == number
        listed = ask(GRANTS, on=on, actor=admin)["grants"]["edges"]
        assert done["id"] in [each["node"]["id"] for each in listed]


def test_who_may_see_grants_sees_them() -> None:
    project()
    expected = {
        "totalCount": 2,
        "edges": [
            {
                "node": {
                    "id": id_of(name),
                    "account": name,
                    "group": None,
                    "level": level,
                }
            }
            for name, level in (("owner", "OWN"), ("member", "SEE"))
        ],
    }
    before = traces()
    for name in ("administrator", "auditor", "owner"):
        assert ask(GRANTS, on=PROJECT, actor=acts(name)) == {"grants": expected}
        found = ask(NODE, id=id_of("member"), actor=acts(name))
        assert found == {"node": {"account": "member"}}
    for name, code in (("member", "FORBIDDEN"), ("outsider", "NOT_FOUND")):
        assert errors(GRANTS, on=PROJECT, actor=acts(name))[0]["code"] == code
        assert ask(NODE, id=id_of("owner"), actor=acts(name)) == {"node": None}
    mine = "{ me { grants { edges { node { id level object { id } } } } } }"
    (edge,) = ask(mine, actor=acts("member"))["me"]["grants"]["edges"]
    assert (edge["node"]["id"], edge["node"]["level"]) == (id_of("member"), "SEE")
    assert ask(mine, actor=acts("outsider"))["me"]["grants"] == {"edges": []}
    assert ask(NODE, id=id_of("member"), actor=acts("member"))["node"]
    assert traces() == before


def test_looking_leaves_nothing_behind() -> None:
    project()
    before = traces()
    on = {"studyInstanceUid": "1.1"}
    found = ask(GRANTS, on=on, actor=acts("auditor"))["grants"]
    assert found == {"totalCount": 0, "edges": []}
    ask(EXPLAIN, a="owner", on=on, actor=acts("owner"))
    assert traces() == before
    assert not Scope.objects.filter(kind="study").exists()


def test_nobody_revokes_what_they_did_not_own() -> None:
    project()
    key = id_of("member")
    before = traces()
    assert code_of(REVOKE, "member", id=key) == "FORBIDDEN"
    assert code_of(REVOKE, "outsider", id=key) == "NOT_FOUND"
    assert code_of(REVOKE, "auditor", id=key) == "NOT_FOUND"
    assert code_of(REVOKE, "owner", id=id_of("owner")) == "FORBIDDEN"
    for wrong in ("x", make_id("Grant", "account/0"), make_id("Grant", "x/1")):
        assert code_of(REVOKE, "administrator", id=wrong) == "NOT_FOUND"
    assert traces() == before
    assert seen("member") == 1
    assert code_of(REVOKE, "administrator", id=key) is None
    assert seen("member") == 0


def test_access_is_explained_to_who_may_ask() -> None:
    made = project()
    on = {"studyInstanceUid": "1.1"}
    for name in ("administrator", "auditor", "member"):
        found = ask(EXPLAIN, a="member", on=on, actor=acts(name))["explainAccess"]
        assert found["allowed"] == ["read_data"]
        told = {each["verb"] for each in found["verbs"] if each["allowed"]}
        assert told == {"read_data"}
        assert any("sees what is in it" in reason for reason in found["reasons"])
    found = ask(EXPLAIN, a="outsider", on=on, actor=acts("auditor"))["explainAccess"]
    assert found["allowed"] == []
    assert "Nothing is granted" in found["reasons"][-1]
    let(made, "member", Level.IDENTIFY)
    found = ask(EXPLAIN, a="member", on=PROJECT, actor=acts("auditor"))
    assert found["explainAccess"]["allowed"] == ["read_data", "view_phi"]


def test_access_of_others_is_not_explained() -> None:
    project()
    on = {"studyInstanceUid": "1.1"}
    for other in ("member", "nobody"):
        got = errors(EXPLAIN, a=other, on=on, actor=acts("owner"))
        assert got[0]["code"] == "FORBIDDEN"
    hidden = {"studyInstanceUid": "1.2"}
    for place in (hidden, {"studyInstanceUid": "9"}, {"project": "other"}):
        got = errors(EXPLAIN, a="member", on=place, actor=acts("member"))
        assert got[0]["code"] == "NOT_FOUND"
    got = errors(EXPLAIN, a="nobody", on=on, actor=acts("auditor"))
    assert got[0] == {"code": "NOT_FOUND", "path": "account"}
