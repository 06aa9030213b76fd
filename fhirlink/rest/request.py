"""What every FHIR endpoint reads from its request."""

import re
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import ClientDisconnect, Request

from core.access import Actor
from core.addresses import origin_of
from core.errors import Invalid, NotAcceptable, NotFound, UnsupportedMedia
from core.media_types import (
    JSON,
    MediaType,
    choose,
    parse_accept,
    parse_media_type,
)
from core.partitions import DEFAULT_PARTITION
from core.request_bodies import awaited
from fhirlink.json_text import Resource, parse
from fhirlink.preconditions import checked_id, version_of
from fhirlink.served import is_served

FHIR_JSON: Final = "application/fhir+json"
MAXIMUM_BYTES: Final = 50 * 1024 * 1024
_FORMS: Final = (MediaType(FHIR_JSON), MediaType(JSON), MediaType("text/json"))
FHIR_TYPES: Final = frozenset({FHIR_JSON, JSON, "text/json", "application/json+fhir"})
_FORMATS: Final = frozenset({"json", *FHIR_TYPES, "application/fhir json"})
_OF_THE_ANSWER: Final = frozenset({"_format", "_pretty"})


def actor_of(request: Request) -> Actor:
    """Return who asks, as `core.asgi` found out."""
    actor: Actor = request.scope["actor"]
    return actor


def partition_of(request: Request) -> str:
    """Return the name of the data partition that the address names."""
    name: str = request.path_params.get("partition", DEFAULT_PARTITION)
    return name


def type_of(request: Request) -> str:
    """Return the resource type that the address names.

    Raises
    ------
    NotFound
        It is none that is served here.
    """
    name: str = request.path_params["type"]
    if not is_served(name):
        message = f"There is no resource type {name[:64]!r} here; /metadata lists them."
        raise NotFound(message)
    return name


def id_of(request: Request) -> str:
    """Return the id that the address names."""
    return checked_id(request.path_params["id"])


def criteria_of(request: Request) -> str:
    """Return the search of a conditional write, without how to answer."""
    kept = [
        pair
        for pair in request.query_params.multi_items()
        if pair[0] not in _OF_THE_ANSWER
    ]
    return urlencode(kept)


def base_url(request: Request) -> str:
    """Return the absolute address of the service, with the partition if named."""
    partition = request.path_params.get("partition")
    suffix = f"/partitions/{quote(partition)}" if partition else ""
    return f"{origin_of(request.scope)}{request.scope['root_path']}{suffix}"


def address_of(request: Request) -> str:
    """Return the absolute address that is asked, without its query."""
    return f"{origin_of(request.scope)}{request.scope['path']}"


async def resource_of(request: Request) -> Resource:
    """Return the JSON of the body.

    Raises
    ------
    UnsupportedMedia
        It is something else, XML for instance.
    Invalid
        It cannot be read; `fhirlink.json_text.parse` says why.
    """
    return parse(await body_of(request, FHIR_TYPES))


async def body_of(request: Request, taken: frozenset[str]) -> bytes:
    """Return the body, where it is of one of some media types."""
    given = parse_media_type(request.headers.get("content-type", FHIR_JSON))
    if given is None or given.type not in taken:
        message = f"Send {FHIR_JSON}: {', '.join(sorted(taken))} are taken here."
        raise UnsupportedMedia(message)
    receive = awaited(request.receive, maximum_bytes=MAXIMUM_BYTES)
    try:
        return await Request(request.scope, receive).body()
    except ClientDisconnect as error:
        message = "The body has ended too early."
        raise Invalid(message) from error


def media_type_of(request: Request) -> str:
    """Return the form of JSON that the client takes; ``_format`` goes before Accept.

    Raises
    ------
    NotAcceptable
        It takes another form only: XML and Turtle are not written.
    """
    asked = request.query_params.get("_format")
    if asked is not None:
        if asked.lower() not in _FORMATS:
            message = f"_format can be json here, that is {FHIR_JSON}."
            raise NotAcceptable(message, path="_format")
        return FHIR_JSON
    return choose(parse_accept(request.headers.get("accept")), _FORMS).type


def preferred(request: Request, name: str) -> str | None:
    """Return what the client prefers about a thing (``Prefer: return=minimal``)."""
    for value in request.headers.getlist("prefer"):
        for each in re.split(r"[,;]", value):
            key, _, what = each.partition("=")
            if key.strip().lower() == name:
                return what.strip().strip('"').lower()
    return None


def if_match(request: Request) -> int | None:
    """Return the version that the client knows (FHIR R4 3.1.0.5.1).

    Raises
    ------
    Invalid
        ``If-Match`` is no entity tag of a version, as ``W/"3"``.
    """
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    return version_of(given, name="If-Match", path="If-Match")
