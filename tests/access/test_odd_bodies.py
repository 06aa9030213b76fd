"""Bodies that say more than their address takes, and floods of GraphQL."""

from typing import Any

import pytest

from tests.access.cast import PEOPLE, Cast, snapshot
from tests.access.sending import bearer, send

pytestmark = pytest.mark.usefixtures("committing")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/dicomweb/partitions", {"partitionName": "made", "partitionKey": 1}),
        ("POST", "/dicomweb/partitions", {"partitionName": "made", "disabled": True}),
        ("PATCH", "/dicomweb/partitions/spare", {"disabled": True, "pk": 1}),
        ("PATCH", "/dicomweb/partitions/spare", {"deleted_at": "2020-01-01"}),
        ("PATCH", "/dicomweb/partitions/spare", {"disabled": "yes"}),
        ("PATCH", "/dicomweb/partitions/spare", [{"disabled": True}]),
    ],
)
def test_a_body_says_only_what_its_address_takes(
    method: str, path: str, body: Any
) -> None:
    cast = Cast()
    got = send(method, path, bearer(cast, "administrator"), json=body)
    assert got.status_code == 400
    assert snapshot() == cast.before


def test_floods_of_graphql_are_cut_short_for_everybody() -> None:
    cast = Cast()
    flood = " ".join(f"a{n}: studies {{ totalCount }}" for n in range(500))
    deep = "{ studies " + "{ edges { node { series " * 40
    for name in PEOPLE:
        who = bearer(cast, name)
        batch = [{"query": "{ me { name } }"}] * 100
        assert send("POST", "/graphql", who, json=batch).status_code == 400
        for query in (f"{{ {flood} }}", deep + "{ id }" + " } } }" * 40 + " }"):
            got = send("POST", "/graphql", who, json={"query": query}).json()
            assert "data" not in got or got["data"] is None, name
            (error,) = got["errors"]
            assert error["extensions"]["code"] in {"TOO_LARGE", "INVALID"}, name
