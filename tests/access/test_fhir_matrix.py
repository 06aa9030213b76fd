"""Every address of the FHIR service, for everybody: status, what is seen and changed.

The table is ``fhir.txt``, in the form of ``dicomweb.txt``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from core.routing import PARTITION as PARTITION_PATH
from fhirlink.rest.app import EVERYWHERE, GLOBALLY
from tests.access import cast as of
from tests.access.cast import Cast
from tests.access.outcomes import checked, read
from tests.access.test_dicomweb_matrix import tried

pytestmark = pytest.mark.usefixtures("committing")

TABLE: Final = Path(__file__).with_name("fhir.txt")
INSIDE: Final = f"/partitions/{of.PARTITION}"
CONDITION: Final = {
    "resourceType": "Condition",
    "id": of.FHIR_ID,
    "subject": {"reference": "Patient/sent"},
}
BUNDLE: Final = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "resource": CONDITION,
            "request": {"method": "PUT", "url": f"Condition/{of.FHIR_ID}"},
        }
    ],
}
PATCH: Final = [{"op": "add", "path": "/recordedDate", "value": "2020-01-01"}]
ALL: Final = f"_id={of.FHIR_ID}"
QUERIES: Final[Mapping[tuple[str, str], str]] = {
    ("/{type}", "PUT"): ALL,
    ("/{type}", "PATCH"): ALL,
    ("/{type}", "DELETE"): ALL,
    ("/", "GET"): "_type=Condition,Patient",
    ("/_search", "POST"): "_type=Condition,Patient",
}
BODIES: Final[Mapping[str, tuple[Any, str]]] = {
    "/": (BUNDLE, "application/fhir+json"),
    PARTITION_PATH: (BUNDLE, "application/fhir+json"),
    "/$import": (None, "application/fhir+ndjson"),
}


def routes() -> Iterator[tuple[str, str]]:
    """Yield every method and path of the router's own tables."""
    for paths in (EVERYWHERE, GLOBALLY):
        for path, actions in paths.items():
            yield from ((method, path) for method in actions)


def address(method: str, path: str, cast: Cast) -> str:
    """Return a path with the values of what is there."""
    operation = next(iter(cast.operations.values())).pk
    given = path.format_map(
        {
            "type": "Condition",
            "id": of.FHIR_ID,
            "of": "Condition",
            "version": "1",
            "partition": of.PARTITION,
            "operation": operation,
            "file": of.FILE,
        }
    )
    if "{of}" in path:
        given = given.replace("/Condition/", "/Patient/", 1)
    query = QUERIES.get((path, method))
    return f"{given}?{query}" if query else given


def content(method: str, path: str) -> dict[str, Any]:
    """Return the body that a request needs."""
    if method == "PATCH":
        headers = {"content-type": "application/json-patch+json"}
        return {"json": PATCH, "headers": headers}
    if method not in {"POST", "PUT"} or path.endswith(("_search", "$export")):
        return {}
    body, media_type = BODIES.get(path, (CONDITION, "application/fhir+json"))
    headers = {"content-type": media_type}
    return {"json": body, "headers": headers} if body else {"headers": headers}


def asked(method: str, path: str) -> dict[str, Any]:
    """Return how a request is tried."""
    more = {"root": "/fhir", **content(method, path)}
    if path.endswith("$export"):  # starts an operation, by whichever method
        more["writes"] = True
    return more


def test_everybody_gets_what_the_table_says_and_no_more() -> None:
    cast = Cast()
    checked(
        {
            f"{method} {path}": tried(
                cast,
                method,
                address(method, path, cast),
                **asked(method, path),
            )
            for method, path in routes()
        },
        TABLE,
    )


def test_the_addresses_of_a_partition_open_no_more() -> None:
    cast, found = Cast(), {}
    for method, path in routes():
        if path in EVERYWHERE and path != "/metadata":
            url = INSIDE + address(method, path, cast)
            found[f"{method} {path}"] = tried(cast, method, url, **asked(method, path))
    checked(found, TABLE)


def test_the_table_has_no_line_of_what_is_not_there() -> None:
    assert {*read(TABLE)} == {f"{method} {path}" for method, path in routes()}
