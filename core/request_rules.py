"""What a request must be like before anything looks at it, and what answers carry.

Pure rules on headers and addresses for `core.asgi`: hosts, encodings, cross-origin
requests, security headers.
"""

import random
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from django.http.request import split_domain_port, validate_host
from starlette.types import Scope

from core.errors import Forbidden, Invalid, TooLarge

Headers = Mapping[bytes, bytes]
RawHeaders = list[tuple[bytes, bytes]]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
MAXIMUM_HEADER_BYTES: Final = 64 * 1024
MAXIMUM_TARGET_BYTES: Final = 32 * 1024
MAXIMUM_HOST_BYTES: Final = 300  # a name of DNS has at most 253, then a port
# Probes address a node by its IP, whatever its name.
PROBES: Final = frozenset({"/healthz", "/readyz"})

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ASCII: Final = bytes(range(0x21, 0x7F)).decode()

SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
# Answers of interfaces are data: a browser that shows one runs nothing of it, keeps
# it for its user only and asks again whether it may still be seen.
DATA_HEADERS: Final = (
    *SECURITY_HEADERS,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"private, no-cache"),
)
_EXPOSED: Final = (
    b"Content-Location, Content-Range, ETag, Link, Location, Retry-After, Warning, "
    b"X-Request-ID, X-Total-Count, erroneous-dicom-attributes"
)
_METHODS: Final = b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_ALLOWED: Final = (
    b"Accept, Authorization, Content-Type, If-Match, If-None-Match, If-Range, "
    b"Last-Event-ID, Range, X-Request-ID, msdicom-expiry-level, msdicom-expiry-option, "
    b"msdicom-expiry-time-milliseconds"
)


def request_id_of(headers: Headers) -> str:
    """Return the client's ``X-Request-ID`` where it is sane, else a new one."""
    given = headers.get(b"x-request-id", b"")
    if _REQUEST_ID.fullmatch(given):
        return given.decode()
    # No secret. Asking the kernel for better chance gives Python's lock away, and to
    # get it back costs more than all else here.
    return f"{random.getrandbits(64):016x}"


def check_size(raw_headers: Iterable[tuple[bytes, bytes]], target: bytes) -> None:
    """Refuse headers or an address that no client of ours needs.

    Raises
    ------
    TooLarge
        They are longer than the limits.
    """
    if sum(len(name) + len(value) for name, value in raw_headers) > (
        MAXIMUM_HEADER_BYTES
    ):
        message = f"The headers are longer than {MAXIMUM_HEADER_BYTES} bytes."
        raise TooLarge(message)
    if len(target) > MAXIMUM_TARGET_BYTES:
        message = f"The address is longer than {MAXIMUM_TARGET_BYTES} bytes."
        raise TooLarge(message)


def check_host(
    raw_headers: Iterable[tuple[bytes, bytes]], allowed: Collection[str], path: str
) -> None:
    """Refuse a request that names no host, several, or one that is not ours.

    Raises
    ------
    Invalid
        So it is; addresses in answers are made from the host.
    """
    hosts = [value for name, value in raw_headers if name == b"host"]
    is_one = len(hosts) == 1 and len(hosts[0]) <= MAXIMUM_HOST_BYTES
    domain = _domain(hosts[0]) if is_one else ""
    if not domain:
        message = "Name one host in the Host header."
        raise Invalid(message, path="Host")
    if "*" not in allowed and path not in PROBES and not validate_host(domain, allowed):
        message = "This host is not served here (PORTAL_ALLOWED_HOSTS)."
        raise Invalid(message, path="Host")


@lru_cache(256)
def _domain(host: bytes) -> str:
    return split_domain_port(host.decode("latin-1"))[0]


def check_path(path: str, raw_path: bytes) -> None:
    """Refuse a path that cannot mean anything here.

    Raises
    ------
    Invalid
        It is not UTF-8, badly escaped, has control characters or ``..`` segments, or
        is none (``OPTIONS *``, ``CONNECT``).
    """
    if not path.startswith("/"):
        message = "The address has no path."
        raise Invalid(message, path="path")
    if b"%" in raw_path and _BAD_ESCAPE.search(raw_path):
        message = "The path has a '%' that is not an escape."
        raise Invalid(message, path="path")
    _check_utf8(raw_path, "path")
    if _CONTROL.search(path) or "/../" in f"{path}/":
        message = "The path has control characters or '..'."
        raise Invalid(message, path="path")


def checked_query(query: bytes) -> bytes:
    """Return the query string in ASCII: text outside of it is escaped.

    Raises
    ------
    Invalid
        It is not UTF-8, or has NUL characters, which no text of the database has.
    """
    if b"%" not in query and query.isascii() and b"\0" not in query:
        return query
    if b"\0" in _check_utf8(query, "query"):
        message = "The query has NUL characters."
        raise Invalid(message, path="query")
    return quote(query, safe=_ASCII).encode()


def check_same_site(scope: Scope, headers: Headers, trusted: Collection[str]) -> None:
    """Refuse a write that another site had a signed-in user's browser send.

    Viewers store by session without a CSRF token, so the browser's own word counts:
    ``Sec-Fetch-Site``, or ``Origin``, one of which each browser sends. A WebSocket
    writes as well, and its ``Origin`` is always there (RFC 6455 10.2).

    Raises
    ------
    Forbidden
        Neither shows that the request comes from a page of this server, or of an
        origin in `trusted`.
    """
    if scope.get("method") in SAFE_METHODS:
        return
    origin = headers.get(b"origin", b"").decode("latin-1")
    site = headers.get(b"sec-fetch-site")
    if site == b"same-origin" or origin in trusted:
        return
    if site is None and _is_ours(origin, headers.get(b"host", b"").decode("latin-1")):
        return
    message = "A signed-in browser may write from pages of this server only."
    raise Forbidden(message)


def is_preflight(method: str, headers: Headers) -> bool:
    """Return whether a browser asks if another site's page may send a request."""
    return (
        method == "OPTIONS"
        and b"origin" in headers
        and b"access-control-request-method" in headers
    )


def cors_headers(headers: Headers, origins: Collection[str]) -> RawHeaders:
    """Return what lets a page of an allowed origin read the answer.

    No ``Allow-Credentials``: such pages send bearer tokens, never the session.
    """
    if not origins:
        return []
    vary = [(b"vary", b"Origin")]
    origin = headers.get(b"origin")
    if origin is None or not {"*", origin.decode("latin-1")} & set(origins):
        return vary
    return [
        *vary,
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", _EXPOSED),
    ]


def preflight_headers(headers: Headers, origins: Collection[str]) -> RawHeaders:
    """Return the answer to a preflight (Fetch standard, CORS protocol)."""
    allowed = cors_headers(headers, origins)
    if len(allowed) > 1:
        allowed += [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _ALLOWED),
            (b"access-control-max-age", b"600"),
        ]
    return allowed


def _is_ours(origin: str, host: str) -> bool:
    # The scheme is not compared: a proxy may have ended TLS.
    scheme, _, netloc = origin.partition("://")
    return scheme in {"http", "https"} and netloc == host != ""


def _check_utf8(escaped: bytes, where: str) -> bytes:
    unescaped = unquote_to_bytes(escaped)
    try:
        unescaped.decode()
    except UnicodeDecodeError as error:
        message = f"The {where} is not UTF-8."
        raise Invalid(message, path=where) from error
    return unescaped
