"""``POST /``: batches and transactions (FHIR R4 3.1.0.11).

An entry of a batch, and what a transaction reads, is a request like any other: it goes
through the same endpoints, and is answered by them.
"""

from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Scope

from core.access import Verb
from core.audit_requests import Asked, record_refusal
from core.boundary import log_failure, refusal_of
from core.database import run_long
from core.errors import Invalid
from fhirlink.bundles.entries import (
    READS,
    Entry,
    entries_of,
    entry_of,
    given_in,
)
from fhirlink.bundles.transaction import Done, commit_transaction
from fhirlink.document import instant, whole
from fhirlink.json_text import dump
from fhirlink.outcome import saying
from fhirlink.patching import JSON_PATCH, patch_of_entry
from fhirlink.rest.answers import etag, json_answer, refusal_answer
from fhirlink.rest.request import (
    FHIR_JSON,
    actor_of,
    base_url,
    media_type_of,
    partition_of,
    preferred,
    resource_of,
)
from fhirlink.write import Outcome

_STATUS: Final = {
    Outcome.CREATED: HTTPStatus.CREATED,
    Outcome.DELETED: HTTPStatus.NO_CONTENT,
    Outcome.ABSENT: HTTPStatus.NO_CONTENT,
}


class Bundles:
    """The endpoint; it hands entries back to the application that it is a part of."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, request: Request) -> Response:
        """Do what a bundle asks for, and answer entry by entry."""
        media_type_of(request)
        bundle = await resource_of(request)
        if bundle.get("resourceType") != "Bundle":
            message = "Send a Bundle, a batch or a transaction."
            raise Invalid(message, path="resourceType")
        kind = bundle.get("type")
        if kind == "transaction":
            entries = await self._transaction(request, bundle)
        elif kind == "batch":
            entries = await self._batch(request, bundle)
        else:
            message = "The type of the bundle must be batch or transaction."
            raise Invalid(message, path="Bundle.type")
        answer: dict[str, Any] = {"resourceType": "Bundle", "type": f"{kind}-response"}
        answer["link"] = [{"relation": "self", "url": base_url(request)}]
        if entries:
            answer["entry"] = entries
        return json_answer(request, orjson.dumps(answer))

    async def _transaction(
        self, request: Request, bundle: dict[str, Any]
    ) -> list[dict[str, Any]]:
        done = await run_long(
            commit_transaction,
            actor=actor_of(request),
            partition=partition_of(request),
            entries=entries_of(bundle),
        )
        return [
            await self._read(request, each.entry)
            if each.entry.method in READS
            else _answer(request, each)
            for each in done
        ]

    async def _batch(
        self, request: Request, bundle: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return [
            await self._one_of_batch(request, each, number)
            for number, each in enumerate(given_in(bundle))
        ]

    async def _one_of_batch(
        self, request: Request, given: Any, number: int
    ) -> dict[str, Any]:
        try:
            entry = entry_of(given, number)
        except Invalid as error:
            return _refused(error)
        return await self._read(request, entry)

    async def _read(self, request: Request, entry: Entry) -> dict[str, Any]:
        """Have the application answer an entry."""
        try:
            content = _content(entry)
        except Invalid as error:
            return _refused(error)
        answered = await _asked(self.app, _scope_of(request, entry), content)
        status = HTTPStatus(answered.status)
        response: dict[str, Any] = {"status": f"{status.value} {status.phrase}"}
        for name, header in (("location", "location"), ("etag", "etag")):
            if header in answered.headers:
                response[name] = answered.headers[header]
        told: dict[str, Any] = {"response": response}
        if answered.body and status >= HTTPStatus.BAD_REQUEST:
            response["outcome"] = orjson.Fragment(answered.body)
        elif answered.body and (
            entry.method in READS or preferred(request, "return") == "representation"
        ):
            told = {"resource": orjson.Fragment(answered.body), **told}
        return told


class _Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def _scope_of(request: Request, entry: Entry) -> Scope:
    """Return a request of its own for an entry of a bundle."""
    scope = dict(request.scope)
    partition = request.path_params.get("partition")
    base = f"/partitions/{partition}" if partition else ""
    parts = [entry.type, entry.fhir_id, *entry.rest.split("/")]
    path = "/".join(each for each in parts if each)
    scope["method"] = entry.method
    scope["path"] = f"{request.scope['root_path']}{base}/{path}"
    scope["raw_path"] = quote(scope["path"]).encode()
    scope["query_string"] = entry.query.encode()
    headers = {
        "host": request.headers.get("host", ""),
        "content-type": JSON_PATCH if entry.method == "PATCH" else FHIR_JSON,
    }
    if entry.if_match is not None:
        headers["if-match"] = etag(entry.if_match)
    if entry.if_none_exist is not None:
        headers["if-none-exist"] = entry.if_none_exist
    if "prefer" in request.headers:
        headers["prefer"] = request.headers["prefer"]
    scope["headers"] = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
    scope["asked"] = Asked()
    for name in ("path_params", "state"):
        scope.pop(name, None)
    return scope


def _content(entry: Entry) -> bytes:
    if entry.resource is None:
        return b""
    is_patch = entry.method == "PATCH"
    return patch_of_entry(entry.resource) if is_patch else dump(entry.resource)


def _refused(error: Invalid) -> dict[str, Any]:
    """Return what is told of an entry that asks for nothing that there is."""
    outcome = saying("error", error.message, code="invalid", path=error.path or "")
    return {"response": {"status": "400 Bad Request", "outcome": outcome}}


async def _asked(app: ASGIApp | None, scope: Scope, body: bytes) -> _Answered:
    """Return what the application answers to a request; failures as outcomes."""
    assert app is not None  # noqa: S101 the application sets itself
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001 the boundary of an entry
        log_failure(error, scope.get("request_id", ""))
        refusal = refusal_of(error, scope.get("request_id", ""))
        await record_refusal(scope, scope["asked"], refusal.status)
        answer = refusal_answer(error, refusal)
        messages.clear()
        await answer(scope, receive, send)
    start, *rest = messages
    headers = {k.decode(): v.decode("latin-1") for k, v in start["headers"]}
    return _Answered(
        start["status"], headers, b"".join(each.get("body", b"") for each in rest)
    )


def _answer(request: Request, done: Done) -> dict[str, Any]:
    """Return what is told of an entry that a transaction has written."""
    written = done.written
    if written is None or written.at is None:
        return {"response": {"status": "204 No Content"}}
    status = _STATUS.get(written.outcome, HTTPStatus.OK)
    address = f"{written.type}/{written.fhir_id}"
    response = {
        "status": f"{status.value} {status.phrase}",
        "location": f"{address}/_history/{written.number}",
        "etag": etag(written.number),
        "lastModified": instant(written.at),
    }
    told: dict[str, Any] = {"response": response}
    wants_it = preferred(request, "return") == "representation"
    if wants_it and written.body and actor_of(request).may(Verb.VIEW_PHI):
        body = whole(
            written.type, written.fhir_id, written.number, written.at, written.body
        )
        told = {
            "fullUrl": f"{base_url(request)}/{address}",
            "resource": orjson.Fragment(body),
            **told,
        }
    return told
