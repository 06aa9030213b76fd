"""What the server says of itself is valid, and is what it does."""

import asyncio
from typing import Any

import httpx
import pytest

from fhirlink.rest.app import EVERYWHERE, INSTANCE, TYPE
from fhirlink.rest.metadata import statement
from portal.asgi import application
from tests.fhirlink.hapi.validator import errors
from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing")

ROUTES = {
    "read": (INSTANCE, "GET"),
    "vread": (f"{INSTANCE}/_history/{{version}}", "GET"),
    "update": (INSTANCE, "PUT"),
    "patch": (INSTANCE, "PATCH"),
    "delete": (INSTANCE, "DELETE"),
    "history-instance": (f"{INSTANCE}/_history", "GET"),
    "history-type": (f"{TYPE}/_history", "GET"),
    "create": (TYPE, "POST"),
    "search-type": (TYPE, "GET"),
    "transaction": ("/", "POST"),
    "batch": ("/", "POST"),
    "history-system": ("/_history", "GET"),
    "search-system": ("/", "GET"),
}


def ask(path: str, **headers: str) -> httpx.Response:
    """Ask as nobody known."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:
            return await web.get(path, headers=headers)

    return asyncio.run(call())


def resources() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = statement("http://h/fhir")["rest"][0]["resource"]
    return found


@pytest.mark.peer("hapi")
def test_the_statement_is_valid() -> None:
    assert errors([statement("http://h/fhir")]) == [[]]


def test_anybody_may_read_it_and_nothing_else() -> None:
    answer = ask("/fhir/metadata")
    assert answer.status_code == 200
    assert answer.json()["fhirVersion"] == "4.0.1"
    assert answer.json()["implementation"]["url"] == "http://h/fhir"
    for path in ("/fhir", "/fhir/Patient", "/fhir/Patient/1", "/fhir/metadata/x"):
        refused = ask(path)
        assert refused.status_code == 401, path
        assert "www-authenticate" in refused.headers
        (issue,) = refused.json()["issue"]
        assert (refused.json()["resourceType"], issue["code"]) == (
            "OperationOutcome",
            "login",
        )


def test_what_is_said_is_routed() -> None:
    said = statement("http://h/fhir")["rest"][0]["interaction"]
    for each in [*said, *resources()[0]["interaction"]]:
        path, method = ROUTES[each["code"]]
        assert method in EVERYWHERE[path], each


def test_what_is_routed_is_said() -> None:
    (rest,) = statement("http://h/fhir")["rest"]
    system = {each["code"] for each in rest["interaction"]}
    of_types = [
        {each["code"] for each in one["interaction"]} for one in rest["resource"]
    ]
    for code, (path, _) in ROUTES.items():
        if path.startswith(TYPE):
            assert all(code in each for each in of_types), code
        else:
            assert code in system, code
    assert system | set.union(*of_types) == ROUTES.keys()


def test_each_operation_is_said_where_it_is_routed_and_nowhere_else() -> None:
    (rest,) = statement("http://h/fhir")["rest"]
    every = [each["type"] for each in rest["resource"]]
    routed = set()
    for path in EVERYWHERE:
        before, found, name = path.rpartition("/$")
        if found:
            type_ = before.strip("/").partition("/")[0]
            types = every if type_ == "{type}" else [type_]
            routed |= {(each, name) for each in types}
    said = {("", each["name"]) for each in rest["operation"]}
    for one in rest["resource"]:
        said |= {(one["type"], each["name"]) for each in one["operation"]}
    assert said == routed
    assert {name for _, name in said} == {"everything", "export", "import", "validate"}


def test_each_search_parameter_that_is_named_is_taken() -> None:
    fhir = Fhir()
    fhir.put("Patient/ada", {"resourceType": "Patient", "id": "ada"})
    values = {
        "date": "2020-01-01",
        "number": "1",
        "quantity": "1",
        "reference": "Patient/ada",
        "uri": "urn:x",
    }
    for resource in resources():
        asked = "&".join(
            f"{each['name']}={values.get(each['type'], 'x')}"
            for each in resource["searchParam"]
            if each["type"] != "composite"
        )
        answer = fhir.get(f"{resource['type']}?{asked}&_summary=count")
        assert answer.status_code == 200, (resource["type"], answer.text)
