"""Verb first, then path, then method."""

import asyncio

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from core.access import Actor, Verb
from core.boundary import refusal_of
from core.errors import Forbidden, NotAllowed, NotFound
from core.routing import Action, router
from imaging.dicomweb.request import base_url, partition_of, uid
from tests.actors import READING, acting

READER = acting(1, "reader", READING)
WRITER = acting(2, "writer", frozenset({Verb.STORE}))


async def show(request: Request) -> Response:
    parts = [partition_of(request), uid(request, "study"), base_url(request)]
    return PlainTextResponse(" ".join(parts))


async def own(_request: Request) -> Response:
    return PlainTextResponse("own")


STUDIES = router(
    {
        "/studies/{study}": {
            "GET": Action(Verb.READ, show),
            "DELETE": Action(Verb.DELETE, show),
        },
        "/studies/1.9/own": {"GET": Action(None, own)},
    },
    {"/operations": {"GET": Action(None, own)}},
)


def ask(method: str, path: str, actor: Actor = READER) -> httpx.Response:
    """Return the answer of the routes below ``/dicomweb`` to `actor`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope.update(actor=actor, root_path="/dicomweb")
        await STUDIES(scope, receive, send)

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://h:1") as web:
            return await web.request(method, f"/dicomweb{path}")

    return asyncio.run(call())


def test_the_default_partition_needs_no_name() -> None:
    assert ask("GET", "/studies/1.2").text == "default 1.2 http://h:1/dicomweb"


def test_a_partition_stands_before_the_study() -> None:
    answer = ask("GET", "/partitions/site-1/studies/1.2")
    assert answer.text == "site-1 1.2 http://h:1/dicomweb/partitions/site-1"


def test_head_is_answered_as_get() -> None:
    assert ask("HEAD", "/studies/1.2").status_code == 200


@pytest.mark.parametrize("path", ["/studies/1.2", "/studies/bad!", "/no/such"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_verb_that_is_lacking_goes_before_everything(path: str, method: str) -> None:
    with pytest.raises(Forbidden):
        ask(method, path, WRITER)


@pytest.mark.parametrize("path", ["/no", "/studies/1/", "/", "/partitions/x/no"])
def test_an_address_that_is_not_there_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        ask("GET", path)


def test_a_method_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(NotAllowed) as refused:
        ask("PATCH", "/studies/1", WRITER)
    assert refused.value.allowed == ("DELETE", "GET", "HEAD")
    headers = refusal_of(refused.value, "1").headers
    assert headers["allow"] == "DELETE, GET, HEAD"


def test_a_literal_segment_goes_first_where_it_leads_anywhere() -> None:
    assert ask("GET", "/studies/1.9/own").text == "own"
    assert ask("GET", "/studies/1.9").text.startswith("default 1.9 ")


def test_without_a_verb_the_domain_decides() -> None:
    assert ask("GET", "/operations", WRITER).text == "own"
