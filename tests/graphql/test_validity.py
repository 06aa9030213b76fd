"""A document that was found valid is not validated anew, but measured all the same."""

from collections import Counter
from typing import Any

import pytest
from graphql import DocumentNode, print_ast
from strawberry.schema import schema as strawberry_schema

from core.graphql.validity import KnownDocuments
from tests.graphql.graph import answer, ask
from tests.synthetic import new_uid

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def validated(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each document is validated."""
    counted: Counter[str] = Counter()
    validate = strawberry_schema.validate_document

    def count(graph: Any, document: DocumentNode, rules: Any) -> Any:
        counted[print_ast(document)] += 1
        return validate(graph, document, rules)

    monkeypatch.setattr(strawberry_schema, "validate_document", count)
    return counted


def new(text: str) -> str:
    """Return a document that nobody has sent before."""
    return f"query N{new_uid().replace('.', '')} {text}"


def test_a_valid_document_is_validated_once(validated: Counter[str]) -> None:
    query, other = new("{ me { name } }"), new("{ me { name } }")
    assert ask(query) == ask(query) == ask(other) == {"me": {"name": "system:test"}}
    assert [*validated.values()] == [1, 1]


def test_an_invalid_document_is_refused_each_time(validated: Counter[str]) -> None:
    query = new("{ me { name colour } }")
    first, second = answer(query), answer(query)
    assert first["data"] is second["data"] is None
    assert first["errors"] == second["errors"]
    assert [*validated.values()] == [2]


def test_a_known_document_is_measured_with_its_variables() -> None:
    tree = "{ studies(first: $n) { edges { node { series(first: 200) { edges { node {"
    query = new(f"($n: Int) {tree} modality }} }} }} }} }} }} }}")
    assert ask(query, n=1) == {"studies": {"edges": []}}
    (error,) = answer(query, n=200)["errors"]
    assert error["extensions"]["code"] == "TOO_LARGE"


def test_what_was_sent_longest_ago_is_forgotten() -> None:
    known = KnownDocuments(maximum=2)
    known.add("{ a }")
    known.add("{ b }")
    assert known.knows("{ a }")
    known.add("{ c }")
    assert [known.knows(f"{{ {name} }}") for name in "abc"] == [True, False, True]
