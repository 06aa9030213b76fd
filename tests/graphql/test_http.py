"""The edge over HTTP: which requests are answered, and how failures look."""

import json
from typing import Any

import pytest

from core import operations
from core.access import Verb
from core.errors import Busy
from tests.actors import acting
from tests.graphql.graph import answer, ask, send

pytestmark = pytest.mark.usefixtures("committing")

ME = "{ me { name } }"
CREATE = 'mutation { createPartition(name: "made") { __typename } }'


def test_an_operation_comes_by_post_or_get() -> None:
    expected = {"data": {"me": {"name": "system:test"}}}
    posted = send(json={"query": ME})
    assert posted.json() == expected
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["cache-control"] == "private, no-cache"
    assert send("GET", params={"query": ME}).json() == expected
    two = "query a { me { name } } query b { __typename }"
    named = {"query": two, "operationName": "b"}
    assert send("GET", params=named).json() == {"data": {"__typename": "Query"}}
    assert send(json={**named, "extra": 1}).json()["data"] == {"__typename": "Query"}
    given = {"query": "query ($n: String!) { partition(name: $n) { name } }"}
    variables = {"n": "no-such"}
    params = {**given, "variables": json.dumps(variables)}
    assert send("GET", params=params).json() == {"data": {"partition": None}}
    asked = send(json={**given, "variables": variables})
    assert asked.json() == {"data": {"partition": None}}


def test_a_mutation_by_get_does_nothing() -> None:
    refused = send("GET", params={"query": CREATE})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert ask('{ partition(name: "made") { name } }') == {"partition": None}
    assert ask(CREATE)["createPartition"]["__typename"] == "ChangedPartition"


@pytest.mark.parametrize(
    ("status", "more"),
    [
        (400, {"content": b"{", "headers": {"content-type": "application/json"}}),
        (400, {"json": [{"query": ME}, {"query": ME}]}),
        (400, {"json": "text"}),
        (400, {"json": {}}),
        (400, {"json": {"query": ""}}),
        (400, {"json": {"query": 1}}),
        (400, {"json": {"query": ME, "variables": []}}),
        (400, {"json": {"query": ME, "operationName": 1}}),
        (400, {"json": {"query": ME, "operationName": "other"}}),
        (400, {"json": {"query": "fragment a on Query { __typename }"}}),
        (405, {"json": {"query": "subscription { changeFeed { sequence } }"}}),
        (415, {"content": ME, "headers": {"content-type": "application/graphql"}}),
        (415, {"content": ME, "headers": {"content-type": "text/plain"}}),
        (415, {"content": ME}),
        (415, {"data": {"query": ME}}),
        (415, {"files": {"operations": b"{}"}}),
        (413, {"json": {"query": ME + " " * 50_000}}),
        (413, {"json": {"query": ME, "variables": {"x": "y" * 2_000_000}}}),
    ],
)
def test_what_is_no_operation_is_refused(status: int, more: dict[str, Any]) -> None:
    assert send(**more).status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(method: str) -> None:
    assert send(method, json={"query": ME}).status_code == 405


def test_nothing_lies_below_it() -> None:
    assert send("GET", url="http://h/graphql/x").status_code == 404
    assert send("GET").status_code == 400


def test_a_client_that_knows_the_new_media_type_gets_it() -> None:
    new = {"accept": "application/graphql-response+json, application/json;q=0.9"}
    good = send(json={"query": ME}, headers=new)
    assert good.headers["content-type"] == "application/graphql-response+json"
    assert good.status_code == 200
    assert send(json={"query": "{ nothing }"}, headers=new).status_code == 400
    assert send(json={"query": "{ nothing }"}).status_code == 200


def test_what_breaks_a_rule_of_graphql_says_so() -> None:
    for query, message in (
        ("{", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("{ partition { name } }", "'Query.partition(name:)'"),
        ("query a { __typename } query b { __typename }", "Must provide operationName"),
        ("query ($n: String!) { partition(name: $n) { name } }", "'$n'"),
        ("{ ...f } fragment f on Query { ...f }", "Cannot spread fragment 'f'"),
    ):
        (error,) = answer(query)["errors"]
        assert message in error["message"]
        assert error["extensions"] == {"code": "INVALID"}
        assert "Did you mean" not in error["message"]


def test_a_verb_that_the_roles_lack_is_told() -> None:
    writer = acting(None, "writer", {Verb.STORE})
    assert ask(ME, actor=writer) == {"me": {"name": "writer"}}
    for field in ("studies", "series", "instances", "changeFeed", "partitions"):
        whole = answer(f"{{ {field} {{ totalCount }} }}", actor=writer)
        assert whole["data"] is None
        assert whole["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
        assert whole["errors"][0]["path"][0] == field


def test_a_bug_is_told_by_its_reference_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_given: Any) -> None:
        message = "secret"
        raise ValueError(message)

    monkeypatch.setattr(operations, "page_of_operations", fail)
    got = send(json={"query": "{ operations { totalCount } }"})
    reference = got.headers["x-request-id"]
    (error,) = got.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "reference": reference}
    assert error["message"].endswith(f"Reference: {reference}")
    assert "secret" not in got.text


def test_who_should_come_later_is_told_when(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(**_given: Any) -> None:
        message = "Later."
        raise Busy(message, retry_after_s=7)

    monkeypatch.setattr(operations, "page_of_operations", wait)
    (error,) = answer("{ operations { totalCount } }")["errors"]
    assert error["message"] == "Later."
    assert error["extensions"] == {"code": "BUSY", "retryAfter": 7}
