"""What every DICOMweb endpoint reads from its request."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import Request

from core.access import Actor
from core.addresses import origin_of
from core.errors import Invalid
from core.media_types import (
    DICOM_JSON,
    DICOM_XML,
    JSON,
    MULTIPART,
    MediaRange,
    MediaType,
    choose,
    parse_accept,
    parse_accept_strictly,
    require_utf8,
)
from core.partitions import DEFAULT_PARTITION
from imaging.dicomweb.dialect import Dialect, dialect_of

# Digits and dots; leading zeros and trailing spaces are tolerated as Azure does.
_UID: Final = re.compile(r"[0-9.]{0,63}[0-9]")
_PLACES: Final = frozenset({"after", "cursor", "offset"})
_OF_THE_ANSWER: Final = re.compile(rb"accept|charset")
ALL_PARTITIONS: Final = "*"
"""Stands in an address for all partitions that the actor may see."""
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AcceptRules:
    """How a dialect reads what the client takes.

    Attributes
    ----------
    strict
        Whether ``Accept`` must be there and keep to the letter; the ``accept`` query
        parameter is then none.
    several, one
        The forms of an answer of any number of data sets, and of one that is always a
        single data set; the preferred one first.
    """

    strict: bool
    several: tuple[MediaType, ...]
    one: tuple[MediaType, ...]


_JSON_ONLY: Final = (MediaType(DICOM_JSON),)
_JSONS: Final = (*_JSON_ONLY, MediaType(JSON))
_AZURE: Final = AcceptRules(strict=True, several=_JSON_ONLY, one=_JSON_ONLY)
ACCEPT_RULES: Final = {
    Dialect.STANDARD: AcceptRules(
        strict=False,
        several=(*_JSONS, MediaType(MULTIPART, {"type": DICOM_XML})),
        one=(*_JSONS, MediaType(DICOM_XML)),
    ),
    Dialect.V1: _AZURE,
    Dialect.V2: _AZURE,
}


def actor_of(request: Request) -> Actor:
    """Return who asks, as `core.asgi` found out."""
    actor: Actor = request.scope["actor"]
    return actor


def partition_of(request: Request) -> str:
    """Return the name of the data partition that the address names.

    Raises
    ------
    Invalid
        It names all at once, which only a search can look through.
    """
    name: str = request.path_params.get("partition", DEFAULT_PARTITION)
    if name == ALL_PARTITIONS:
        message = "Only searches go through all partitions: name one of them."
        raise Invalid(message, path="partition")
    return name


def uid(request: Request, name: str) -> str:
    """Return the UID that the address names, without padding (DICOM PS3.5 9).

    Raises
    ------
    Invalid
        It is none: not digits and dots, or longer than 64 characters.
    """
    return checked_uid(request.path_params[name], name)


def checked_uid(text: str, name: str) -> str:
    """Return `text` without padding where it is a UID; `name` says whose."""
    stripped = text.rstrip(" ")
    if not _UID.fullmatch(stripped):
        message = f"The {name} UID is not a UID: digits and dots, 64 at most."
        raise Invalid(message, path=name)
    return stripped


def base_url(request: Request) -> str:
    """Return the absolute address of the service, with version and partition if named.

    Example: ``https://host/dicomweb/v2/partitions/site-1``.
    """
    partition = request.path_params.get("partition")
    suffix = f"/partitions/{quote(partition)}" if partition else ""
    return service_url(request) + suffix


def service_url(request: Request) -> str:
    """Return the absolute address of the service, with version and no partition."""
    return f"{origin_of(request.scope)}{request.scope['root_path']}"


def link_to_next(request: Request, name: str, place: object) -> str:
    """Return the ``Link`` to the page that follows (RFC 8288).

    What was asked for stays in it, but for where this page began.

    Parameters
    ----------
    name, place
        The parameter that says where the next one begins, and its value.
    """
    asked = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)
    kept = [pair for pair in asked if pair[0].lower() not in _PLACES]
    path = request.scope["path"].removeprefix(request.scope["root_path"])
    query = urlencode([*kept, (name, place)], quote_via=quote)
    address = f"{service_url(request)}{quote(path, safe='/*')}?{query}"
    return f'<{address}>; rel="next"'


def header(request: Request, name: bytes) -> str:
    """Return the values of a header, joined by commas; empty without one.

    Parameters
    ----------
    name
        In lower case.
    """
    values = [value for key, value in request.scope["headers"] if key == name]
    return b",".join(values).decode("latin-1")


def accepted(request: Request) -> Sequence[MediaRange]:
    """Return what the client takes by the rules of its dialect, best first.

    Raises
    ------
    NotAcceptable
        The rules are strict and ``Accept`` is missing or cannot be read; or the
        ``charset`` query parameter excludes UTF-8.
    """
    if ACCEPT_RULES[dialect_of(request)].strict:
        return parse_accept_strictly(header(request, b"accept"))
    return accepted_tolerantly(request)


def accepted_tolerantly(request: Request) -> Sequence[MediaRange]:
    """Return what the client takes, best first; anything, if it does not say.

    The ``accept`` query parameter is for clients that cannot set the header, such as
    links in a page, and so goes before it (DICOM PS3.18 8.3.3.1).

    Raises
    ------
    NotAcceptable
        The ``charset`` query parameter excludes UTF-8.
    """
    asked = ""
    # A search with many keys is then parsed once, not twice.
    if _OF_THE_ANSWER.search(request.scope["query_string"]):
        query = request.query_params
        require_utf8(query.get("charset"))
        asked = ",".join(query.getlist("accept"))
    return parse_accept(asked or header(request, b"accept"))


def accepted_data_sets(request: Request) -> MediaType:
    """Return in which form to answer data sets: JSON, or XML with a part for each.

    Raises
    ------
    NotAcceptable
        The client takes none that its dialect knows, or see `accepted`.
    """
    return choose(accepted(request), ACCEPT_RULES[dialect_of(request)].several)


def accepted_data_set(request: Request) -> MediaType:
    """Return in which form to answer a single data set, like `accepted_data_sets`."""
    return choose(accepted(request), ACCEPT_RULES[dialect_of(request)].one)


def whole_number(
    request: Request, name: str, default: int, *, minimum: int = 0, maximum: int
) -> int:
    """Return the query parameter `name` as a number between the bounds.

    Raises
    ------
    Invalid
        It is not a number, or out of bounds.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or not minimum <= int(text) <= maximum:
        message = f"{name} must be a whole number from {minimum} to {maximum}."
        raise Invalid(message, path=name)
    return int(text)


def truth(request: Request, name: str, *, default: bool) -> bool:
    """Return the query parameter `name`, ``true`` or ``false``.

    Raises
    ------
    Invalid
        It is anything else.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    if text.lower() not in {"true", "false"}:
        message = f"{name} must be true or false."
        raise Invalid(message, path=name)
    return text.lower() == "true"
