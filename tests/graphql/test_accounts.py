"""Accounts and roles in the graph, for administrators and auditors only."""

from typing import Any, Final

import pytest
from django.contrib.auth.models import Group

from core.access import Verb, limited
from core.accounts.actors import actor_of_account
from core.accounts.tokens import create_token
from core.accounts.tokens.bearers import actor_of_token
from core.graphql.nodes import make_id
from core.models import Account, AuditRecord, Partition, SignInFailures
from tests.actors import acting
from tests.graphql.cast import account, acts, code_of, project, traces
from tests.graphql.graph import answer, ask, errors
from tests.graphql.test_grants import GRANT

pytestmark = pytest.mark.usefixtures("committing")

ACCOUNTS: Final = """query ($first: Int! = 10, $a: String) {
  accounts(first: $first, after: $a) {
  totalCount pageInfo { hasNextPage endCursor } edges { node { id name isActive
    isSuperuser onlyGranted issuer createdAt lastSignInAt roles { name }
    grants { totalCount } } } } }"""
ROLES: Final = """{ roles(first: 50) { totalCount edges { node {
  id name verbs everywhere members { totalCount edges { node { name } } } } } } }"""
ONE: Final = "query ($n: String!) { account(name: $n) { name roles { name verbs } } }"
NODE: Final = "query ($id: ID!) { node(id: $id) { id } }"
ACTIVE: Final = """mutation ($n: String!) { %sAccount(name: $n) {
  ... on ChangedAccount { account { name isActive } } ... on Fault { code } } }"""
DISABLE, ENABLE = ACTIVE % "disable", ACTIVE % "enable"
SET: Final = """mutation ($n: String!, $r: [String!]!) { setRoles(name: $n, roles: $r) {
  ... on ChangedAccount { account { roles { name verbs } } }
  ... on Fault { code path } } }"""
UNLOCK: Final = """mutation ($n: String!) { unlock(name: $n) {
  ... on Unlocked { name } ... on Fault { code } } }"""


CREATE: Final = """mutation ($n: String!, $p: Password, $r: [String!], $o: Boolean!
  = false) { createAccount(name: $n, password: $p, roles: $r, onlyGranted: $o) {
  ... on CreatedAccount { password account { name isActive onlyGranted issuer
    roles { name } } } ... on Fault { code message path } } }"""
PASSWORD: Final = """mutation ($n: String!, $p: Password!) {
  setPassword(name: $n, password: $p) {
  ... on ChangedAccount { account { name } } ... on Fault { code message path } } }"""
BOUND: Final = """mutation ($n: String!, $o: Boolean!) {
  setOnlyGranted(name: $n, onlyGranted: $o) {
  ... on ChangedAccount { account { onlyGranted } } ... on Fault { code } } }"""
ROLE: Final = """... on ChangedRole { role { id name verbs everywhere
  members { totalCount } } } ... on Fault { code path }"""
CREATE_ROLE: Final = f"""mutation ($n: String!, $v: [String!]! = [], $e: Boolean!
  = false) {{ createRole(name: $n, verbs: $v, everywhere: $e) {{ {ROLE} }} }}"""
CHANGE_ROLE: Final = f"""mutation ($n: String!, $v: [String!], $e: Boolean) {{
  changeRole(name: $n, verbs: $v, everywhere: $e) {{ {ROLE} }} }}"""
DELETE_ROLE: Final = """mutation ($n: String!) { deleteRole(name: $n) {
  ... on DeletedRole { id } ... on Fault { code path } } }"""
SECRET: Final = "Blue-Heron-41-flies"


def nodes(connection: dict[str, Any]) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def test_administrators_and_auditors_see_accounts_and_roles() -> None:
    project()
    for name in ("administrator", "auditor"):
        page = ask(ACCOUNTS, first=3, actor=acts(name))["accounts"]
        assert page["totalCount"] == Account.objects.count() == 5
        assert [each["name"] for each in nodes(page)] == [
            "administrator", "auditor", "member",
        ]  # fmt: skip
        member = nodes(page)[2]
        assert member["roles"] == [{"name": "Researcher"}]
        assert (member["isActive"], member["isSuperuser"]) == (True, False)
        assert member["grants"] == {"totalCount": 1}
        assert page["pageInfo"]["hasNextPage"] is True
        cursor = page["pageInfo"]["endCursor"]
        rest = ask(ACCOUNTS, a=cursor, actor=acts(name))["accounts"]
        assert [each["name"] for each in nodes(rest)] == ["outsider", "owner"]
        roles = {
            each["name"]: each for each in nodes(ask(ROLES, actor=acts(name))["roles"])
        }
        assert roles["Researcher"]["verbs"] == ["read_data"]
        assert roles["Researcher"]["everywhere"] is False
        assert roles["Auditor"]["everywhere"] is True
        assert nodes(roles["Auditor"]["members"]) == [{"name": "auditor"}]
        assert roles["Researcher"]["members"]["totalCount"] == 3
        one = ask(ONE, n="auditor", actor=acts(name))["account"]
        assert one["roles"][0]["verbs"] == ["read_audit", "read_accounts"]
        assert ask(ONE, n="nobody", actor=acts(name)) == {"account": None}
        for key in (make_id("Account", "owner"), make_id("Role", "Auditor")):
            assert ask(NODE, id=key, actor=acts(name)) == {"node": {"id": key}}


@pytest.mark.parametrize("name", ["owner", "member", "outsider"])
def test_others_see_no_accounts(name: str) -> None:
    project()
    actor = acts(name)
    for query, given in ((ACCOUNTS, {}), (ROLES, {}), (ONE, {"n": name})):
        whole = answer(query, actor=actor, **given)
        assert whole["data"] in (None, {"account": None})
        assert whole["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for key in (make_id("Account", "owner"), make_id("Role", "Auditor")):
        got = errors(NODE, id=key, actor=actor)
        assert got[0]["code"] == "FORBIDDEN"
        got = errors(NODE, id=make_id("Account", "nobody"), actor=actor)
        assert got[0]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("name", ["owner", "member", "outsider", "auditor"])
def test_only_administrators_change_accounts(name: str) -> None:
    project()
    before = traces(), list(Account.objects.values("username", "is_active"))
    everything: list[tuple[str, dict[str, Any]]] = [
        (DISABLE, {}),
        (ENABLE, {}),
        (SET, {"r": ["Administrator"]}),
        (UNLOCK, {}),
        (CREATE, {}),
        (PASSWORD, {"p": SECRET}),
        (BOUND, {"o": True}),
        (CREATE_ROLE, {}),
        (CHANGE_ROLE, {}),
        (DELETE_ROLE, {}),
    ]
    for mutation, given in everything:
        for other in (name, "administrator", "nobody"):
            assert code_of(mutation, name, n=other, **given) == "FORBIDDEN"
    assert (traces(), list(Account.objects.values("username", "is_active"))) == before


def test_an_account_is_disabled_and_enabled() -> None:
    account("member")
    for mutation, is_active in ((DISABLE, False), (DISABLE, False), (ENABLE, True)):
        (done,) = ask(mutation, n="member", actor=acts("administrator")).values()
        assert done == {"account": {"name": "member", "isActive": is_active}}
        assert account("member").is_active is is_active
    told = AuditRecord.objects.filter(action="configure").order_by("pk")
    assert [each.detail for each in told] == [
        "account member disabled",
        "account member enabled",
    ]
    assert code_of(DISABLE, "administrator", n="nobody") == "NOT_FOUND"


def test_roles_are_set_and_hold_at_once() -> None:
    account("member")
    given = ["Auditor", "Researcher"]
    done = ask(SET, n="member", r=given, actor=acts("administrator"))["setRoles"]
    assert [each["name"] for each in done["account"]["roles"]] == given
    assert acts("member").may(Verb.READ_AUDIT)
    done = ask(SET, n="member", r=["Referrer"], actor=acts("administrator"))["setRoles"]
    (role,) = done["account"]["roles"]
    assert role == {"name": "Referrer", "verbs": ["read_data", "view_phi"]}
    assert not acts("member").may(Verb.READ_AUDIT)
    before = traces()
    done = ask(SET, n="member", r=["Auditor", "no"], actor=acts("administrator"))
    assert done["setRoles"] == {"code": "INVALID", "path": "role"}
    assert code_of(SET, "administrator", n="nobody", r=[]) == "NOT_FOUND"
    assert traces() == before
    told = AuditRecord.objects.filter(action="configure").order_by("pk")
    assert [each.detail for each in told] == [
        "role Auditor given to member",
        "role Referrer given to member",
        "role Auditor taken from member",
        "role Researcher taken from member",
    ]
    ask(SET, n="member", r=[], actor=acts("administrator"))
    assert actor_of_account(account("member")).reaches == {}


def test_who_manages_accounts_is_answered_though_they_may_not_list_them() -> None:
    account("member")
    manager = acting(None, "manager", {Verb.MANAGE_ACCOUNTS})
    done = ask(SET, n="member", r=["Auditor"], actor=manager)["setRoles"]
    assert done["account"]["roles"][0]["name"] == "Auditor"
    assert Group.objects.get(name="Auditor").user_set.count() == 1


def test_an_account_is_created_and_its_random_password_told_once() -> None:
    who = acts("administrator")
    done = ask(CREATE, n="eve", r=["Auditor"], o=True, actor=who)["createAccount"]
    held = Account.objects.get(username="eve")
    assert held.check_password(done.pop("password"))
    assert done == {
        "account": {
            "name": "eve",
            "isActive": True,
            "onlyGranted": True,
            "issuer": None,
            "roles": [{"name": "Auditor"}],
        }
    }
    done = ask(CREATE, n="bob", p=SECRET, actor=who)["createAccount"]
    assert done["password"] is None
    assert Account.objects.get(username="bob").check_password(SECRET)
    for given, code, path in (
        ({"n": "bob"}, "CONFLICT", "name"),
        ({"n": "a b"}, "INVALID", "name"),
        ({"n": "new", "p": "short"}, "INVALID", "password"),
        ({"n": "new", "r": ["no"]}, "INVALID", "role"),
    ):
        fault = ask(CREATE, actor=who, **given)["createAccount"]
        assert (fault["code"], fault["path"]) == (code, path)
    assert not Account.objects.filter(username="new").exists()


def test_a_password_is_set_and_ends_sessions() -> None:
    member, who = account("member"), acts("administrator")
    member.set_password("another-long-one")
    member.save()
    before = member.get_session_auth_hash()
    done = ask(PASSWORD, n="member", p=SECRET, actor=who)["setPassword"]
    assert done == {"account": {"name": "member"}}
    held = Account.objects.get(username="member")
    assert held.check_password(SECRET)
    assert held.get_session_auth_hash() != before
    assert code_of(PASSWORD, "administrator", n="nobody", p=SECRET) == "NOT_FOUND"
    Account.objects.filter(pk=held.pk).update(issuer="https://i.example", subject="1")
    assert code_of(PASSWORD, "administrator", n="member", p=SECRET) == "CONFLICT"


def test_sessions_end_and_tokens_work_on() -> None:
    member, who = account("member"), acts("administrator")
    before = member.get_session_auth_hash()
    token = create_token(account_name="member", role="Referrer")
    query = "mutation ($n: String!) { endSessions(name: $n) { ... on ChangedAccount"
    query += " { account { name } } ... on Fault { code } } }"
    done = ask(query, n="member", actor=who)["endSessions"]
    assert done == {"account": {"name": "member"}}
    assert Account.objects.get(username="member").get_session_auth_hash() != before
    assert actor_of_token(token).name == "member"
    assert AuditRecord.objects.filter(detail="sessions of member ended").exists()
    assert code_of(query, "administrator", n="nobody") == "NOT_FOUND"


@pytest.mark.parametrize(
    "password", ["member", "12345678", 123_456_789, "x" * 1025, ["Blue-Heron-41"], ""]
)
def test_a_password_is_quoted_nowhere(
    password: Any, caplog: pytest.LogCaptureFixture
) -> None:
    account("member")
    whole = answer(PASSWORD, n="member", p=password, actor=acts("administrator"))
    fault = whole["data"]["setPassword"]
    assert (fault["code"], fault["path"]) == ("INVALID", "password")
    literal = PASSWORD.replace("$p: Password!", "").replace("$p", "123456789")
    literal = literal.replace("String!, )", "String!)")
    inline = answer(literal, n="member", actor=acts("administrator"))
    rows = list(AuditRecord.objects.values_list("detail", "query"))
    assert ("INVALID setPassword", "graphql") in rows
    for text in (f"{password}"[:20], "123456789", "Blue-Heron"):
        if text and text != "member":
            assert text not in f"{whole}{inline}{rows}{caplog.text}"


def test_an_account_is_bound_to_what_is_granted() -> None:
    account("auditor")
    for only_granted in (True, False):
        done = ask(BOUND, n="auditor", o=only_granted, actor=acts("administrator"))
        assert done == {"setOnlyGranted": {"account": {"onlyGranted": only_granted}}}
        reach = acts("auditor").reach(Verb.READ_AUDIT)
        assert (reach.partitions is None) is not only_granted
    assert code_of(BOUND, "administrator", n="nobody", o=True) == "NOT_FOUND"


def test_nobody_locks_oneself_out() -> None:
    for mutation, given in (
        (SET, {"r": ["Auditor"]}),
        (BOUND, {"o": True}),
        (DISABLE, {}),
    ):
        code = code_of(mutation, "administrator", n="administrator", **given)
        assert code == "CONFLICT"
    code = code_of(CHANGE_ROLE, "administrator", n="Administrator", v=["read_data"])
    assert code == "CONFLICT"
    assert acts("administrator").reach(Verb.MANAGE_ACCOUNTS).partitions is None


def test_roles_are_created_changed_and_deleted() -> None:
    who = acts("administrator")
    verbs = ["read_data", "view_phi"]
    done = ask(CREATE_ROLE, n="Warden", v=verbs, actor=who)["createRole"]["role"]
    assert done == {
        "id": make_id("Role", "Warden"),
        "name": "Warden",
        "verbs": verbs,
        "everywhere": False,
        "members": {"totalCount": 0},
    }
    ask(SET, n=account("member").username, r=["Warden"], actor=who)
    done = ask(CHANGE_ROLE, n="Warden", e=True, actor=who)["changeRole"]["role"]
    assert (done["verbs"], done["everywhere"]) == (verbs, True)
    assert done["members"] == {"totalCount": 1}
    done = ask(CHANGE_ROLE, n="Warden", v=["store_data"], actor=who)["changeRole"]
    assert (done["role"]["verbs"], done["role"]["everywhere"]) == (["store_data"], True)
    assert ask(DELETE_ROLE, n="Warden", actor=who) == {
        "deleteRole": {"id": make_id("Role", "Warden")}
    }
    assert acts("member").reaches == {}
    for mutation, given, code in (
        (CREATE_ROLE, {"n": "Auditor"}, "CONFLICT"),
        (CREATE_ROLE, {"n": ""}, "INVALID"),
        (CREATE_ROLE, {"n": "x", "v": ["all"]}, "INVALID"),
        (CHANGE_ROLE, {"n": "Warden"}, "NOT_FOUND"),
        (DELETE_ROLE, {"n": "Warden"}, "NOT_FOUND"),
        (DELETE_ROLE, {"n": "Auditor"}, "CONFLICT"),
    ):
        assert code_of(mutation, "administrator", **given) == code


def test_what_was_locked_out_is_let_in_again() -> None:
    account("member")
    SignInFailures.objects.create(
        kind="account", digest=b"x", label="member", number=9, since="2026-01-01T00:00Z"
    )
    done = ask(UNLOCK, n="member", actor=acts("administrator"))
    assert done == {"unlock": {"name": "member"}}
    assert not SignInFailures.objects.exists()
    assert code_of(UNLOCK, "administrator", n="member") == "NOT_FOUND"


def test_a_token_for_a_partition_manages_no_accounts_and_grants_nothing_else() -> None:
    project()
    key = Partition.objects.get(name="default").pk
    bound = limited(acts("administrator"), partitions=[key + 1])
    before = traces()
    everything: list[tuple[str, dict[str, Any]]] = [
        (DISABLE, {}),
        (SET, {"r": []}),
        (UNLOCK, {}),
        (PASSWORD, {"p": SECRET}),
        (BOUND, {"o": True}),
        (CREATE_ROLE, {}),
    ]
    for mutation, more in everything:
        (done,) = ask(mutation, n="member", actor=bound, **more).values()
        assert done["code"] == "FORBIDDEN"
    given: dict[str, Any] = {"on": {"project": "sarcoma"}, "a": "outsider"}
    assert ask(GRANT, actor=bound, **given)["grant"]["code"] == "NOT_FOUND"
    assert traces() == before
    here = limited(acts("administrator"), partitions=[key])
    assert "grant" in ask(GRANT, actor=here, **given)["grant"]
