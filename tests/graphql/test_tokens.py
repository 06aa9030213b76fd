"""One's own tokens in the graph: made, shown once, rotated, revoked."""

from datetime import timedelta
from typing import Any, Final

import pytest
from django.utils import timezone

from core.access import Actor, Verb, limited
from core.accounts.tokens import actor_of_token, create_own_token
from core.errors import Unauthenticated
from core.graphql.nodes import make_id
from core.models import Token
from tests.graphql.cast import acts, code_of, project
from tests.graphql.graph import answer, ask

pytestmark = pytest.mark.usefixtures("committing")

FIELDS: Final = "{ id name verbs partitions expiresAt createdAt lastUsedAt }"
LIST: Final = f"{{ me {{ tokens {{ totalCount edges {{ node {FIELDS} }} }} }} }}"
CREATE: Final = f"""
mutation ($n: String!, $v: [String!], $p: [String!], $u: DateTime) {{
  createToken(name: $n, verbs: $v, partitions: $p, expiresAt: $u) {{
    ... on CreatedToken {{ text token {FIELDS} }} ... on Fault {{ code path }} }} }}
"""
ROTATE: Final = """mutation ($id: ID!) { rotateToken(id: $id) {
  ... on CreatedToken { text token { name } } ... on Fault { code } } }"""
REVOKE: Final = """mutation ($id: ID!) { revokeToken(id: $id) {
  ... on RevokedToken { id } ... on Fault { code } } }"""
NODE: Final = "query ($id: ID!) { node(id: $id) { ... on Token { name } } }"


def listed(actor: Actor) -> list[Any]:
    found = ask(LIST, actor=actor)["me"]["tokens"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


@pytest.mark.parametrize(
    "name", ["administrator", "owner", "member", "outsider", "auditor"]
)
def test_everybody_has_tokens_of_their_own(name: str) -> None:
    actor = acts(name)
    made = ask(CREATE, n="laptop", actor=actor)["createToken"]
    assert actor_of_token(made["text"]).account_id == actor.account_id
    (token,) = listed(actor)
    assert token == made["token"]
    assert (token["name"], token["verbs"], token["partitions"]) == (
        "laptop",
        None,
        None,
    )
    assert made["text"] not in str(answer(LIST, actor=actor))
    assert ask(NODE, id=token["id"], actor=actor) == {"node": {"name": "laptop"}}
    new = ask(ROTATE, id=token["id"], actor=actor)["rotateToken"]
    assert actor_of_token(new["text"]).account_id == actor.account_id
    assert ask(REVOKE, id=token["id"], actor=actor) == {
        "revokeToken": {"id": token["id"]}
    }
    with pytest.raises(Unauthenticated):
        actor_of_token(made["text"])
    assert [each["name"] for each in listed(actor)] == ["laptop"]


def test_a_token_has_its_limits() -> None:
    project()
    until = (timezone.now() + timedelta(days=1)).replace(microsecond=0).isoformat()
    given = {"v": ["read_data"], "p": ["default"], "u": until}
    made = ask(CREATE, n="job", actor=acts("member"), **given)["createToken"]
    assert made["token"]["verbs"] == ["read_data"]
    assert made["token"]["partitions"] == ["default"]
    assert made["token"]["expiresAt"] == until
    held = actor_of_token(made["text"])
    assert (held.is_limited, set(held.reaches)) == (True, {Verb.READ})


def test_a_token_must_make_sense() -> None:
    project()
    past = (timezone.now() - timedelta(days=1)).isoformat()
    for more, code in (
        ({"n": ""}, "INVALID"),
        ({"n": "x" * 101}, "INVALID"),
        ({"v": ["everything"]}, "INVALID"),
        ({"u": past}, "INVALID"),
        ({"u": "2100-01-01T00:00:00"}, "INVALID"),
        ({"p": ["no-such"]}, "NOT_FOUND"),
    ):
        assert code_of(CREATE, "member", **{"n": "job", **more}) == code
    assert code_of(CREATE, "outsider", n="job", p=["default"]) == "NOT_FOUND"
    assert not Token.objects.exists()


def test_tokens_of_others_are_not_there() -> None:
    theirs = create_own_token(actor=acts("member"), name="theirs")
    key = make_id("Token", str(theirs.token.pk))
    for name in ("administrator", "owner", "outsider", "auditor"):
        assert listed(acts(name)) == []
        assert ask(NODE, id=key, actor=acts(name)) == {"node": None}
        assert code_of(REVOKE, name, id=key) == "NOT_FOUND"
        assert code_of(ROTATE, name, id=key) == "NOT_FOUND"
    assert actor_of_token(theirs.text).name == "member"
    assert Token.objects.count() == 1


def test_a_token_with_limits_makes_and_ends_none() -> None:
    held = create_own_token(actor=acts("member"), name="theirs")
    key = make_id("Token", str(held.token.pk))
    bound = limited(acts("member"), verbs=[Verb.READ])
    for mutation, given in (
        (CREATE, {"n": "x"}),
        (ROTATE, {"id": key}),
        (REVOKE, {"id": key}),
    ):
        (done,) = ask(mutation, actor=bound, **given).values()
        assert done["code"] == "FORBIDDEN"
    row = Token.objects.get()
    assert (row.expires_at, row.revoked_at) == (None, None)
