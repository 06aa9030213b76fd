"""Asking a FHIR server of somebody else: one connection, checked, without redirects.

Where connections may lead at all `imaging.outside.hosts` decides. What comes back is
bounded. Of what it says of failures codes alone are told: the rest may name patients.

References
----------
FHIR R4 3.1.0 RESTful API; RFC 9110 10.2.3 (Retry-After).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final, Self
from urllib.parse import SplitResult, urlencode, urlsplit

from django.utils import timezone

from core.errors import Invalid, PortalError, Upstream
from fhirlink.json_text import dump, parse
from imaging.outside.hosts import checked_url, connect

FHIR_JSON: Final = "application/fhir+json"
MAXIMUM_BYTES: Final = 50 * 1024 * 1024
ANSWER_S: Final = 30.0
LONGEST_RETRY_S: Final = 3600.0
_BUSY: Final = frozenset({429, 502, 503, 504})
_UNKNOWN: Final = frozenset({401, 407})


class Away(Exception):
    """The server as a whole does not do what it is asked; nothing is wrong with it.

    Attributes
    ----------
    retry_after_s
        What it asks for; None where it says nothing.
    is_certain
        Whether it says so itself; else what was asked may be what it cannot do.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        is_certain: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s
        self.is_certain = is_certain


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the resource in the body.

        Raises
        ------
        Upstream
            There is none.
        """
        try:
            return parse(self.body)
        except Invalid as error:
            message = f"The server answers {self.status} with what is no JSON of FHIR."
            raise Upstream(message, retryable=False) from error

    def words(self) -> str:
        """Return what it says in codes alone: diagnostics may name patients."""
        try:
            issues = parse(self.body).get("issue", [])
            codes = {str(each["code"])[:32] for each in issues[:5]}
        except (Invalid, AttributeError, KeyError, TypeError):
            codes = set()
        return f"{self.status}" + (f" ({', '.join(sorted(codes))})" if codes else "")


class Connection:
    """Requests to the host of an address, one after the other on one connection."""

    def __init__(self, base_url: str) -> None:
        self._base = checked_url(base_url.rstrip("/"))
        self._held: HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        held, self._held = self._held, None
        if held is not None:
            held.close()

    def ask(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Send a request; what may have got lost with an old connection is sent anew.

        Everything that is sent here may come twice: it is conditional, or a read.

        Parameters
        ----------
        target
            Path and query below the base address, or an address of the same origin.

        Raises
        ------
        Away
            The server does not answer.
        Upstream
            It may not be asked, or answers too much.
        """
        path = self._path(target)
        was_held = self._held is not None
        try:
            return self._once(method, path, body, headers)
        except (OSError, HTTPException) as error:
            self.close()
            if not was_held or isinstance(error, TimeoutError):
                message = f"The server {self._base.hostname} does not answer."
                raise Away(message) from error
        try:
            return self._once(method, path, body, headers)
        except (OSError, HTTPException) as error:
            self.close()
            message = f"The server {self._base.hostname} does not answer."
            raise Away(message) from error

    def _once(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        if self._held is None:
            try:
                self._held = connect(self._base)
            except PortalError as error:
                raise Away(error.message, is_certain=True) from error
            self._held.sock.settimeout(ANSWER_S)
        self._held.request(method, path, body, dict(headers))
        response = self._held.getresponse()
        answer = _bounded(response)
        if response.will_close:
            self.close()
        return answer

    def _path(self, target: str) -> str:
        """Return what to ask for, where it lies below the base address."""
        base = self._base.path
        if "://" not in target:
            return f"{base}/{target}" if target else base or "/"
        parts = urlsplit(target)
        same = _origin(parts) == _origin(self._base)
        if not same or not parts.path.startswith(base) or ".." in parts.path:
            message = "The server leads to an address that is not its own."
            raise Upstream(message, retryable=False)
        return parts.path + (f"?{parts.query}" if parts.query else "")


def require_done(answer: Answer) -> Answer:
    """Return an answer unless the server as a whole does not serve us now.

    Raises
    ------
    Away
        It is busy or away, or does not know us (any more): all else waits, too.
    """
    if answer.status in _UNKNOWN:
        message = f"The server does not take our credentials: {answer.words()}."
        raise Away(message, is_certain=True)
    if answer.status in _BUSY:
        message = f"The server is busy: {answer.status}."
        waits = retry_after(answer)
        is_certain = answer.status == 429 or waits is not None
        raise Away(message, retry_after_s=waits, is_certain=is_certain)
    if 300 <= answer.status < 400 and answer.status != 304:
        message = "The server leads elsewhere, which is not followed: set its address."
        raise Away(message, is_certain=True)
    return answer


def retry_after(answer: Answer) -> float | None:
    """Return how long a server asks to be left alone, within reason."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return min(float(given[:6]), LONGEST_RETRY_S)
    try:
        at = parsedate_to_datetime(given)
    except ValueError:
        return None
    wait = (at.astimezone(UTC) - timezone.now()).total_seconds()
    return min(max(wait, 0.0), LONGEST_RETRY_S)


def query(**values: str) -> str:
    """Return a query of search parameters, percent-encoded."""
    return urlencode(values)


def encoded(resource: Mapping[str, Any]) -> bytes:
    """Return the JSON of a resource."""
    return dump(resource)


def _bounded(response: HTTPResponse) -> Answer:
    body = response.read(MAXIMUM_BYTES + 1)
    if len(body) > MAXIMUM_BYTES:
        message = f"The server answers with more than {MAXIMUM_BYTES:,} bytes."
        raise Upstream(message, retryable=False)
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body)


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, (parts.hostname or "").lower(), port
