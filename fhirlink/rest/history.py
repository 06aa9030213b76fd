"""History as bundles (FHIR R4 3.1.0.12)."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run_read
from core.errors import Invalid
from fhirlink.document import instant
from fhirlink.history import Page, Span, history, history_of
from fhirlink.read import Version
from fhirlink.rest.answers import etag, json_answer
from fhirlink.rest.request import (
    actor_of,
    address_of,
    base_url,
    id_of,
    media_type_of,
    partition_of,
    type_of,
)
from fhirlink.search.moments import interval_of

_USUAL: Final = 50
_MOST: Final = 1_000
_CURSOR: Final = "_after"
_LAST: Final = 2**63 - 1


async def of_instance(request: Request) -> Response:
    """Answer the versions of one resource."""
    media_type_of(request)
    page = await run_read(
        history_of,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        fhir_id=id_of(request),
        span=_span(request),
    )
    return _answer(request, page)


async def of_type(request: Request) -> Response:
    """Answer the versions of all resources of a type."""
    media_type_of(request)
    page = await run_read(
        history,
        actor=actor_of(request),
        partition=partition_of(request),
        type_=type_of(request),
        span=_span(request),
    )
    return _answer(request, page)


async def of_all(request: Request) -> Response:
    """Answer the versions of all resources."""
    media_type_of(request)
    page = await run_read(
        history,
        actor=actor_of(request),
        partition=partition_of(request),
        span=_span(request),
    )
    return _answer(request, page)


def _span(request: Request) -> Span:
    asked = request.query_params
    since, at = asked.get("_since"), asked.get("_at")
    moments = {
        name: _interval(name, text)
        for name, text in (("_since", since), ("_at", at))
        if text is not None
    }
    return Span(
        min(_number(request, "_count", _USUAL), _MOST),
        _number(request, _CURSOR, None),
        moments["_since"][0] if since is not None else None,
        moments["_at"] if at is not None else None,
    )


def _interval(name: str, text: str) -> Any:
    try:
        return interval_of(text)
    except ValueError as error:
        raise Invalid(str(error), path=name) from error


def _number(request: Request, name: str, usual: Any) -> Any:
    text = request.query_params.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit()) or int(text) > _LAST:
        message = f"{name} is a whole number."
        raise Invalid(message, path=name)
    return int(text)


def _answer(request: Request, page: Page) -> Response:
    links = [{"relation": "self", "url": _address(request, None)}]
    if page.next is not None:
        links.append({"relation": "next", "url": _address(request, page.next)})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "history"}
    if page.total is not None:
        bundle["total"] = page.total
    bundle["link"] = links
    base = base_url(request)
    bundle["entry"] = [_entry(base, version) for version in page.versions]
    if not page.versions:
        del bundle["entry"]  # FHIR has no empty lists
    return json_answer(request, orjson.dumps(bundle))


def _address(request: Request, cursor: int | None) -> str:
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != _CURSOR]
    if cursor is not None:
        kept.append((_CURSOR, str(cursor)))
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{address_of(request)}{query}"


def _entry(base: str, version: Version) -> dict[str, Any]:
    address = f"{version.type}/{version.fhir_id}"
    entry: dict[str, Any] = {"fullUrl": f"{base}/{address}"}
    status = HTTPStatus.OK
    if version.is_deleted:
        status = HTTPStatus.NO_CONTENT
    else:
        entry["resource"] = orjson.Fragment(version.json())
        if version.number == 1:
            status = HTTPStatus.CREATED
    url = version.type if version.method == "POST" else address
    entry["request"] = {"method": version.method, "url": url}
    entry["response"] = {
        "status": f"{status.value} {status.phrase}",
        "etag": etag(version.number),
        "lastModified": instant(version.at),
    }
    return entry
