"""Hostile operations: refused clearly, at once, and never with a 5xx."""

import json
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from core.graphql.limits import Measure, measure
from tests.graphql.graph import answer, ask, send

pytestmark = pytest.mark.usefixtures("committing")

TREE = "{ studies(first: %d) { edges { node { series(first: %d) { edges { node {"
TREE += " instances(first: %d) { edges { node { rows } } } } } } } } } }"


def refusal(query: str, **variables: Any) -> tuple[str, str]:
    """Return code and message of the only error; nothing else is answered."""
    whole = answer(query, **variables)
    assert whole["data"] is None
    (error,) = whole["errors"]
    return error["extensions"]["code"], error["message"]


def test_pages_are_multiplied() -> None:
    code, message = refusal(TREE % (200, 200, 200))
    assert code == "TOO_LARGE"
    assert "values, pages multiplied; 20000 at most" in message
    heavy = "{ instances(first: 200) { edges { node { %s } } } }"
    json_twice = "dicomJson ... on DicomObject { dicomJson }"
    assert measure(parse(heavy % "dicomJson"), {}).cost == 2 + 200 * (1 + 20)
    assert measure(parse(heavy % json_twice), {}).cost == 2 + 200 * (1 + 40)
    variables = "query ($n: Int = %d) " + TREE % (1, 1, 1)
    variables = variables.replace("first: 1", "first: $n")
    assert refusal(variables % 200)[0] == "TOO_LARGE"
    assert refusal(variables % 1, n=200)[0] == "TOO_LARGE"


def test_depth_is_limited() -> None:
    hop = "study { series(first: 1) { edges { node { %s } } } }"
    deep = "{ series(first: 1) { edges { node { %s } } } }"
    for _ in range(5):
        deep %= hop
    deep %= "modality"
    assert "levels deep; 20 at most" in refusal(deep)[1]
    nested = "{ a " * 1000 + "}" * 1000
    assert refusal(nested)[0] in {"TOO_LARGE", "INVALID"}
    value = "[" * 1500 + "]" * 1500
    assert refusal(f"{{ node(id: {value}) {{ id }} }}")[0] in {"TOO_LARGE", "INVALID"}


def test_aliases_and_directives_are_limited() -> None:
    aliases = " ".join(f"a{n}: me {{ name }}" for n in range(60))
    assert "60 aliases; 50 at most" in refusal(f"{{ {aliases} }}")[1]
    spread = "{ ...a ...a ...a } fragment a on Query {"
    spread += " ".join(f"b{n}: __typename" for n in range(20)) + "}"
    assert "60 aliases" in refusal(spread)[1]
    assert (
        "100 directives; 50 at most" in refusal(f"{{ me {'@a' * 100} {{ name }} }}")[1]
    )
    assert "100 directives" in refusal(f"query {'@a' * 100} {{ __typename }}")[1]


def test_tokens_and_fields_are_limited() -> None:
    assert "tokens" in refusal("{" + "__typename " * 2100 + "}")[1]
    fields = "{ me { " + "name " * 500 + "} }"
    assert ask(fields)["me"]["name"] == "system:test"


def test_fragments_do_not_explode() -> None:
    """Each spreads the next one twice: two to the power of 100 fields."""
    bomb = "{ ...f0 } " + " ".join(
        f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(100)
    )
    bomb += " fragment f100 on Query { a: __typename }"
    assert refusal(bomb)[0] == "TOO_LARGE"
    chain = "{ ...f0 } " + " ".join(
        f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(200)
    )
    chain += " fragment f200 on Query { __typename }"
    assert refusal(chain)[0] in {"TOO_LARGE", "INVALID"}
    for cycle in (
        "{ ...a } fragment a on Query { ...a }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    ):
        assert all(
            each["extensions"]["code"] == "INVALID" for each in answer(cycle)["errors"]
        )


def test_introspection_is_answered_and_bounded() -> None:
    data = ask(get_introspection_query(descriptions=True))
    assert data["__schema"]["queryType"]["name"] == "Query"
    loop = "{ __schema { types { fields { type { fields { type { fields { type {"
    loop += " fields { type { name } } } } } } } } } } }"
    assert refusal(loop)[0] == "INVALID"


@pytest.mark.parametrize(
    "variables",
    [
        {"id": "x" * 900_000},
        {"id": ["x"] * 50_000},
        {"id": None},
        {"id": {"a": 1}},
        {"id": 2**63},
        {f"v{n}": n for n in range(20_000)},
    ],
)
def test_huge_and_odd_variables(variables: dict[str, Any]) -> None:
    whole = answer("query ($id: ID!) { node(id: $id) { id } }", **variables)
    assert whole.get("data") == {"node": None} or whole["errors"][0]["extensions"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "{ node(id: \\"\\ud800\\") { id } }"}',
        b'{"query": "{ node(id: \\"\\\\ud800\\") { id } }"}',
        b'{"query": "\xff"}',
        b'{"query": "\\u0000"}',
        b'{"query": "{ node(id: \\"\\\\u0000\\") { id } }"}',
        b'{"query": "{ me { name } }", "variables": {"a": [{"b": "\\u0000"}]}}',
        b"[" * 100_000,
        b'{"query":' * 10_000,
        b'{"query": "{ me { name } }", "variables": '
        + b"[" * 5000
        + b"]" * 5000
        + b"}",
        json.dumps({"query": "{ me @skip(if: " + "!" * 100 + ") { name } }"}).encode(),
        json.dumps({"query": '{ me { name } } """' + "a" * 1000}).encode(),
        json.dumps({"query": "{ studies(first: -1) { totalCount } }"}).encode(),
        json.dumps(
            {"query": "{ studies(first: 99999999999) { totalCount } }"}
        ).encode(),
        json.dumps({"query": "{ studies(first: 1e400) { totalCount } }"}).encode(),
    ],
)
def test_odd_texts_are_never_a_failure_of_the_server(body: bytes) -> None:
    got = send(content=body, headers={"content-type": "application/json"})
    assert got.status_code in {200, 400}
    if got.status_code == 200:
        codes = {each["extensions"]["code"] for each in got.json()["errors"]}
        assert codes <= {"INVALID", "TOO_LARGE"}


def test_a_document_is_measured_as_it_is_written() -> None:
    document = parse(
        "query ($n: Int = 3) { studies(first: $n) { edges { node { ...s } } } }"
        " fragment s on Study { a: studyId @skip(if: false) series(first: 2)"
        " { edges { node { modality } } } }"
    )
    # edges: 3 x (node, studyId, series, edges and 2 x (node, modality)), and studies
    assert measure(document, {}) == Measure(
        7, 1, 1, 1 + 1 + 3 * (1 + 1 + 1 + 1 + 2 * 2)
    )
