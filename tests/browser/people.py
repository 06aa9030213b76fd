"""People for the tests in the browser: made by the graph, which is quick."""

from typing import Any, Final

import httpx

from tests.stack import Stack
from tests.synthetic import new_uid

_CREATE: Final = """mutation ($name: String!, $role: String!) {
  createAccount(name: $name, roles: [$role]) {
    ... on CreatedAccount { password }
  }
}"""
_GRANT: Final = """mutation ($account: String!, $study: UI!) {
  grant(on: {studyInstanceUid: $study}, account: $account, level: SEE, reason: "test") {
    ... on Fault { message }
  }
}"""


def somebody(stack: Stack, name: str, role: str) -> tuple[str, str]:
    """Make an account whose name begins so; return its name and password.

    No other test has made one of this name in a portal that they share, nor has this
    test, were it run once more.
    """
    return person(stack, f"{name}-{new_uid()[-6:]}", role)


def person(stack: Stack, name: str, role: str, *studies: str) -> tuple[str, str]:
    """Make an account that sees some studies; return its name and password."""
    made = graph(stack, _CREATE, name=name, role=role)
    for study in studies:
        answer = graph(stack, _GRANT, account=name, study=study)
        assert answer["grant"] == {}, answer
    return name, made["createAccount"]["password"]


def graph(stack: Stack, query: str, **variables: Any) -> dict[str, Any]:
    """Return what GraphQL gives to the administrator."""
    response = httpx.post(
        f"{stack.base_url}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {stack.token}"},
        timeout=60,
    )
    answer = response.json()
    assert "errors" not in answer, answer
    return dict(answer["data"])
