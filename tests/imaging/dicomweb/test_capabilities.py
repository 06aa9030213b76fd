"""DICOM PS3.18 8.9: the description says what is routed, no more and no less."""

import asyncio
from xml.etree import ElementTree as ET

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from core.errors import Forbidden, NotAcceptable
from imaging.dicomweb import app as service
from imaging.dicomweb import capabilities_table
from imaging.dicomweb.capabilities import WADL, WADL_NAMESPACE
from tests.actors import acting

DICOM_JSON = "application/dicom+json"
XML = 'multipart/related; type="application/dicom+xml"'
NOBODY = acting(1, "nobody", frozenset())
WADL_NAMES = {"w": WADL_NAMESPACE}


def ask(
    path: str, accept: str | None = None, method: str = "OPTIONS"
) -> httpx.Response:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope.update(actor=NOBODY, root_path="/dicomweb", answer_headers=[])
        await service.app(scope, receive, send)

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:
            web.headers.pop("accept")
            headers = {} if accept is None else {"accept": accept}
            return await web.request(method, f"/dicomweb{path}", headers=headers)

    return asyncio.run(call())


@pytest.mark.parametrize("table", ["EVERYWHERE", "GLOBALLY"])
def test_what_is_routed_is_described(table: str) -> None:
    routed = getattr(service, table)
    described = getattr(capabilities_table, table)
    assert set(described) == {
        (path, method) for path, actions in routed.items() for method in actions
    }


def test_the_root_describes_all_as_wadl() -> None:
    answer = ask("/")
    assert answer.headers["content-type"] == WADL
    root = ET.fromstring(answer.content)
    resources = root.find("w:resources", WADL_NAMES)
    assert resources is not None
    assert resources.get("base") == "http://h/dicomweb/"
    paths = [each.get("path") for each in resources]
    assert (
        len(paths) == len(set(paths)) == len(service.EVERYWHERE) + len(service.GLOBALLY)
    )
    assert "studies/{study}/series/{series}/instances/{instance}/bulkdata/{path}" in (
        paths
    )
    (search,) = resources.findall(
        "w:resource[@path='studies']/w:method[@name='GET']", WADL_NAMES
    )
    given = search.findall("w:response/w:representation", WADL_NAMES)
    assert given[0].get("mediaType") == "application/dicom+json"
    names = {each.get("name") for each in search.iterfind(".//w:param", WADL_NAMES)}
    assert {"limit", "offset", "includefield"} < names


def test_a_partition_describes_what_is_inside_of_it() -> None:
    body = ask("/partitions/site-1/", "application/json").json()
    assert body["base"] == "http://h/dicomweb/partitions/site-1/"
    assert len(body["resources"]) == len(service.EVERYWHERE)


def test_an_address_describes_itself_as_json() -> None:
    answer = ask("/studies/1.2/metadata", "application/json")
    assert answer.headers["allow"] == "GET, OPTIONS"
    (resource,) = answer.json()["resources"]
    assert resource["path"] == "studies/{study}/metadata"
    (method,) = resource["methods"]
    assert method["method"] == "GET"
    assert method["responseMediaTypes"] == [
        "application/dicom+json",
        "application/json",
        XML,
    ]


def test_other_forms_are_refused() -> None:
    with pytest.raises(NotAcceptable):
        ask("/", "image/png")


def test_an_address_that_is_not_there_has_no_description() -> None:
    with pytest.raises(Forbidden):
        ask("/no/such")


@pytest.mark.parametrize(
    ("version", "types"),
    [
        ("", [DICOM_JSON, "application/json", XML]),
        ("/v1", [DICOM_JSON]),
        ("/v2", [DICOM_JSON]),
    ],
)
def test_each_dialect_describes_itself(version: str, types: list[str]) -> None:
    answer = ask(f"{version}/studies", "application/json").json()
    assert answer["base"] == f"http://h/dicomweb{version}/"
    (resource,) = answer["resources"]
    search = next(each for each in resource["methods"] if each["method"] == "GET")
    assert search["responseMediaTypes"] == types
    assert ("accept" in search["queryParameters"]) is (not version)
    assert ("passed over" in search["description"]) is (not version)
    store = next(each for each in resource["methods"] if each["method"] == "POST")
    for form in (DICOM_JSON, XML):
        assert (form in store["requestMediaTypes"]) is (not version)
    described = ask(f"{version}/", "application/json").json()["resources"]
    paths = {each["path"] for each in described}
    assert ("studies/{study}/pixeldata" in paths) is (not version)


def test_a_dialect_describes_itself_to_who_does_not_say_what_it_takes() -> None:
    assert ask("/v2/").headers["content-type"] == WADL
