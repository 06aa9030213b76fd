"""What FHIR endpoints answer with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.access import Verb
from core.boundary import Refusal
from fhirlink.document import whole
from fhirlink.json_text import dump, parse
from fhirlink.outcome import outcome_of, saying
from fhirlink.read import Version
from fhirlink.rest.request import (
    FHIR_JSON,
    actor_of,
    base_url,
    media_type_of,
    preferred,
)
from fhirlink.write import Outcome, Written

_STATUS: Final = {Outcome.CREATED: HTTPStatus.CREATED}


def etag(number: int) -> str:
    """Return the entity tag of a version."""
    return f'W/"{number}"'


def version_answer(request: Request, version: Version) -> Response:
    """Return a resource; 304 where the client has this version."""
    headers = _headers(version.number, version.at)
    if _is_known(request, version):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return json_answer(request, version.json(), headers=headers)


def written_answer(request: Request, written: Written) -> Response:
    """Return what came of a write: the resource, or as little as the client prefers.

    Who may not read gets nothing but where it lies.
    """
    headers = location_headers(request, written)
    status = _STATUS.get(written.outcome, HTTPStatus.OK)
    wanted = preferred(request, "return")
    if not actor_of(request).may(Verb.VIEW_PHI) and wanted != "operationoutcome":
        wanted = "minimal"
    if wanted == "minimal":
        return Response(status_code=status, headers=headers)
    if wanted == "operationoutcome":
        told = saying("information", f"The resource was {written.outcome.value}.")
        return json_answer(request, orjson.dumps(told), status, headers)
    assert written.at is not None  # noqa: S101 something was there
    body = whole(
        written.type, written.fhir_id, written.number, written.at, written.body
    )
    return json_answer(request, body, status, headers)


def location_headers(request: Request, written: Written) -> dict[str, str]:
    """Return where a version lies, and which it is."""
    assert written.at is not None  # noqa: S101 something was there
    address = f"{base_url(request)}/{written.type}/{written.fhir_id}"
    return {
        "location": f"{address}/_history/{written.number}",
        **_headers(written.number, written.at),
    }


def json_answer(
    request: Request,
    body: bytes,
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return JSON in the form that the client takes, pretty if it wants that."""
    if request.query_params.get("_pretty") == "true":
        body = pretty(body)
    media_type = f"{media_type_of(request)}; charset=utf-8"
    return Response(body, status, dict(headers or {}), media_type)


def pretty(body: bytes) -> bytes:
    """Return JSON with a line for each member; numbers keep their digits."""
    return dump(parse(body), indented=True)


def refusal_answer(error: Exception, refusal: Refusal) -> Response:
    """Return the OperationOutcome of a request that failed."""
    body = orjson.dumps(outcome_of(error, refusal.text))
    media_type = f"{FHIR_JSON}; charset=utf-8"
    return Response(body, refusal.status, refusal.headers, media_type)


def _headers(number: int, at: datetime) -> dict[str, str]:
    modified = format_datetime(at.astimezone(UTC), usegmt=True)
    return {"etag": etag(number), "last-modified": modified}


def _is_known(request: Request, version: Version) -> bool:
    """Return whether the client has this version (FHIR R4 3.1.0.1.10)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return etag(version.number) in {each.strip() for each in tags.split(",")}
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    return moment.tzinfo is not None and version.at.replace(microsecond=0) <= moment
