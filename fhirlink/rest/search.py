"""Searching over HTTP (FHIR R4 3.1.0.11, 3.1.1): GET, or POST with a form."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from core.addresses import origin_of
from core.database import run_read
from core.errors import Invalid, NotFound, UnsupportedMedia
from core.media_types import parse_media_type
from core.request_bodies import awaited
from fhirlink.read import read
from fhirlink.rest.answers import json_answer
from fhirlink.rest.request import (
    actor_of,
    base_url,
    id_of,
    media_type_of,
    partition_of,
    preferred,
    type_of,
)
from fhirlink.search.asked import CURSOR, MAXIMUM_QUERY, Asked, asked
from fhirlink.search.bundle import bundle
from fhirlink.search.everything import everything
from fhirlink.search.find import Page, search
from fhirlink.search.parse import pairs_of
from fhirlink.served import is_served

FORM: Final = "application/x-www-form-urlencoded"


async def of_type(request: Request) -> Response:
    """Answer which resources of a type match."""
    return await _answer(request, [type_of(request)])


async def of_all(request: Request) -> Response:
    """Answer which resources of the types match that ``_type`` names."""
    return await _answer(request, [])


async def of_compartment(request: Request) -> Response:
    """Answer which resources in the compartment of a patient match.

    Raises
    ------
    NotFound
        The address names no patient, or no type of resource.
    """
    wanted = request.path_params["of"]
    if type_of(request) != "Patient" or not is_served(wanted):
        message = "There is no such compartment: Patient/[id]/[type] is searched."
        raise NotFound(message)
    return await _answer(request, [wanted], compartment=id_of(request))


async def everything_of(request: Request) -> Response:
    """Answer all that is held of a patient (``$everything``)."""
    media_type_of(request)
    patient_id = id_of(request)
    await run_read(
        read,
        actor=actor_of(request),
        partition=partition_of(request),
        type_="Patient",
        fhir_id=patient_id,
    )
    text = request.scope["query_string"].decode(errors="replace")
    return await _found(request, everything(patient_id, list(pairs_of(text))), text)


async def _answer(
    request: Request, types: Sequence[str], compartment: str | None = None
) -> Response:
    media_type_of(request)
    text = await _query_of(request)
    wanted = asked(
        types,
        list(pairs_of(text)),
        compartment=compartment,
        is_lenient=preferred(request, "handling") == "lenient",
    )
    return await _found(request, wanted, text)


async def _found(request: Request, wanted: Asked, text: str) -> Response:
    path = _path(request)
    page = await run_read(
        search,
        actor=actor_of(request),
        partition=partition_of(request),
        asked=wanted,
        query=f"{path}?{text}",
    )
    address = origin_of(request.scope) + request.scope["root_path"] + path
    body = bundle(
        page, wanted, base_url=base_url(request), links=_links(address, wanted, page)
    )
    return json_answer(request, body)


async def _query_of(request: Request) -> str:
    """Return what is asked: of the address, and of the form that is sent with it.

    Raises
    ------
    Invalid
        It is too long.
    UnsupportedMedia
        What is sent is no form.
    """
    text: str = request.scope["query_string"].decode(errors="replace")
    if request.method == "POST":
        given = parse_media_type(request.headers.get("content-type", FORM))
        if given is None or given.type != FORM:
            message = f"A search is sent as {FORM}."
            raise UnsupportedMedia(message)
        receive = awaited(request.receive, maximum_bytes=MAXIMUM_QUERY)
        try:
            form = await Request(request.scope, receive).body()
        except ClientDisconnect as error:
            message = "The body has ended too early."
            raise Invalid(message) from error
        text = "&".join(filter(None, [text, form.decode(errors="replace")]))
    if len(text) > MAXIMUM_QUERY:
        message = f"A search has at most {MAXIMUM_QUERY} characters."
        raise Invalid(message)
    return text


def _path(request: Request) -> str:
    """Return the path below the service, without what says that it is a search."""
    path: str = request.scope["path"].removeprefix(request.scope["root_path"])
    return path.removesuffix("/_search")


def _links(address: str, wanted: Asked, page: Page) -> list[tuple[str, str]]:
    """Return the addresses of this page, the first one, and those beside it."""

    def at(cursor: str | None) -> str:
        pairs = [*wanted.pairs, *([(CURSOR, cursor)] if cursor else [])]
        return f"{address}?{urlencode(pairs)}" if pairs else address

    links = [("self", at(wanted.cursor)), ("first", at(None))]
    if page.previous is not None:
        links.append(("previous", at(page.previous)))
    if page.cursor is not None:
        links.append(("next", at(page.cursor)))
    return links
