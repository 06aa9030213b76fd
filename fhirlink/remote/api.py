"""What is asked of a FHIR server of somebody else, as FHIR's own interactions.

References
----------
FHIR R4 3.1.0.2 read, 3.1.0.4 update, 3.1.0.8.1 conditional create, 3.1.0.5.1 If-Match.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple, Self

from django.utils import timezone

from core.errors import PreconditionFailed, Upstream
from fhirlink.models import Auth, RemoteServer
from fhirlink.remote import tokens
from fhirlink.remote.client import (
    FHIR_JSON,
    Answer,
    Away,
    Connection,
    encoded,
    query,
    require_done,
)
from fhirlink.remote.content import Identifier

PAGE: Final = 100
_ABSENT: Final = frozenset({404, 410})
_PASSING: Final = frozenset({403, 408, 409, 425, 500})


class Held(NamedTuple):
    """A resource there.

    Attributes
    ----------
    version
        ``meta.versionId``; empty where the server has none.
    """

    type: str
    fhir_id: str
    version: str
    content: dict[str, Any]


class Page(NamedTuple):
    """A page of a search or of a history."""

    entries: Sequence[Mapping[str, Any]]
    next_url: str


class Remote:
    """A server, for as long as a connection to it is held."""

    def __init__(self, server: RemoteServer) -> None:
        self.server = server
        self._connection = Connection(server.base_url)
        self.now = timezone.now()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def is_there(self) -> bool:
        """Return whether the server answers at all."""
        try:
            return self._ask("GET", "metadata?_summary=true").status == 200
        except (Away, Upstream):
            return False

    def read(self, type_: str, fhir_id: str) -> Held | None:
        """Return a resource; None where there is none (any more)."""
        answer = self._ask("GET", f"{type_}/{fhir_id}")
        if answer.status in _ABSENT:
            return None
        return _held(_taken(answer), type_)

    def find(self, type_: str, identifier: Identifier) -> list[Held]:
        """Return what has an identifier: two at most."""
        asked = query(identifier=identifier.token, _count="2")
        page = self.page(f"{type_}?{asked}")
        return [held_in(each, type_) for each in matches(page, type_)][:2]

    def several(self, type_: str, ids: Sequence[str]) -> list[Held]:
        """Return those of some resources that are there."""
        asked = query(_id=",".join(ids), _count=str(len(ids)))
        page = self.page(f"{type_}?{asked}")
        return [held_in(each, type_) for each in matches(page, type_)]

    def page(self, target: str) -> Page:
        """Return a page of a search or history.

        Raises
        ------
        Upstream
            The server does not have it.
        """
        bundle = _taken(self._ask("GET", target)).json()
        if bundle.get("resourceType") != "Bundle":
            message = "The server answers a search with what is no Bundle."
            raise Upstream(message, retryable=False)
        following = [
            each.get("url")
            for each in _objects(bundle.get("link"))
            if each.get("relation") == "next"
        ]
        url = following[0] if following else ""
        return Page(_objects(bundle.get("entry")), url if isinstance(url, str) else "")

    def create(
        self, type_: str, content: Mapping[str, Any], identifier: Identifier
    ) -> tuple[Held, bool]:
        """Create a resource unless one has the identifier; return it, and whether."""
        asked = query(identifier=identifier.token)
        answer = self._ask("POST", type_, content, {"If-None-Exist": asked})
        if answer.status in {200, 409}:  # HAPI: 409 to the second of two at once
            found = self.find(type_, identifier)
            if len(found) == 1:
                return found[0], False
        _taken(answer, "create")
        return self._written(answer, type_), answer.status == 201

    def update(self, held: Held, content: Mapping[str, Any]) -> Held:
        """Have a resource be what the content says, as long as it is what was read.

        Raises
        ------
        PreconditionFailed
            Somebody has changed it since.
        """
        headers = {"If-Match": f'W/"{held.version}"'} if held.version else {}
        body = {**content, "id": held.fhir_id}
        answer = self._ask("PUT", f"{held.type}/{held.fhir_id}", body, headers)
        if answer.status in {409, 412}:
            message = "The resource has changed there since it was read."
            raise PreconditionFailed(message)
        return self._written(_taken(answer, "update"), held.type)

    def delete(self, type_: str, fhir_id: str) -> None:
        """Delete a resource, if it is there."""
        answer = self._ask("DELETE", f"{type_}/{fhir_id}")
        if answer.status not in _ABSENT:
            _taken(answer, "delete")

    def _written(self, answer: Answer, type_: str) -> Held:
        """Return what was written: the body of the answer, else what is there now."""
        if answer.body:
            content = answer.json()
            if content.get("resourceType") == type_ and "id" in content:
                return held_in(content, type_)
        place = answer.headers.get("location", "").split("/")
        if type_ in place[:-1]:
            found = self.read(type_, place[place.index(type_) + 1])
            if found is not None:
                return found
        message = "The server does not say under which id it has the resource."
        raise Upstream(message, retryable=False)

    def _ask(
        self,
        method: str,
        target: str,
        content: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        body = None if content is None else encoded(content)
        sent = {"Accept": FHIR_JSON, "Prefer": "return=representation"}
        if body is not None:
            sent["Content-Type"] = FHIR_JSON
        sent |= headers or {}
        known = tokens.authorization(self.server)
        answer = self._connection.ask(method, target, body, {**sent, **known})
        if answer.status == 401 and self.server.auth == Auth.SMART:
            tokens.forget(self.server)  # it may have ended early
            known = tokens.authorization(self.server)
            answer = self._connection.ask(method, target, body, {**sent, **known})
        self._note_time(answer)
        return require_done(answer)

    def _note_time(self, answer: Answer) -> None:
        """Keep what time it is there: its moments are compared with its own."""
        try:
            self.now = parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError):
            self.now = timezone.now()


def matches(page: Page, type_: str) -> Iterator[dict[str, Any]]:
    """Yield the resources of a type that a page of a search has found."""
    for entry in page.entries:
        resource = entry.get("resource")
        if not isinstance(resource, dict) or not resource.get("id"):
            continue
        search = entry.get("search")
        mode = search.get("mode") if isinstance(search, dict) else None
        if resource.get("resourceType") == type_ and mode in {None, "match"}:
            yield resource


def _objects(found: object) -> list[dict[str, Any]]:
    listed = found if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _held(answer: Answer, type_: str) -> Held:
    content = answer.json()
    if content.get("resourceType") != type_ or "id" not in content:
        message = f"The server answers with what is no {type_}."
        raise Upstream(message, retryable=False)
    return held_in(content, type_)


def held_in(content: dict[str, Any], type_: str) -> Held:
    """Return what a resource of a server is, with its version."""
    meta = content.get("meta")
    version = meta.get("versionId", "") if isinstance(meta, dict) else ""
    return Held(type_, str(content["id"]), str(version), content)


def _taken(answer: Answer, what: str = "read") -> Answer:
    """Return an answer that says yes.

    Raises
    ------
    Upstream
        It says no: for good, unless it is `retryable`.
    """
    if 200 <= answer.status < 300:
        return answer
    message = f"The server does not {what} it: {answer.words()}."
    raise Upstream(message, retryable=answer.status in _PASSING)
