"""What the entries of a batch or transaction ask for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from core.errors import Invalid
from fhirlink.preconditions import checked_id, version_of
from fhirlink.served import is_served

METHODS: Final = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
"""In the order in which a transaction does them (FHIR R4 3.1.0.11.2)."""

READS: Final = frozenset({"GET", "HEAD"})
MAXIMUM_ENTRIES: Final = 10_000
_WITH_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request.

    Attributes
    ----------
    place
        FHIRPath of the entry, for what is told of it.
    full_url
        How other entries refer to it; empty where they cannot.
    fhir_id, query
        Of its address: one of them, or neither for a create.
    rest
        What follows the id in the address of a read.
    """

    place: str
    full_url: str
    method: str
    type: str
    fhir_id: str
    query: str
    rest: str
    resource: Mapping[str, Any] | None
    if_match: int | None
    if_none_exist: str | None


def entries_of(bundle: Mapping[str, Any]) -> list[Entry]:
    """Return what a bundle asks for, in its order.

    Raises
    ------
    Invalid
        An entry asks for nothing that there is; the path names it.
    """
    return [entry_of(each, number) for number, each in enumerate(given_in(bundle))]


def given_in(bundle: Mapping[str, Any]) -> list[Any]:
    """Return the entries of a bundle as they are given.

    Raises
    ------
    Invalid
        They are no list, or too many.
    """
    given = bundle.get("entry", [])
    if not isinstance(given, list) or len(given) > MAXIMUM_ENTRIES:
        message = f"A bundle has {MAXIMUM_ENTRIES} entries at most."
        raise Invalid(message, path="Bundle.entry")
    return given


def entry_of(given: Any, number: int) -> Entry:
    """Return what one entry asks for.

    Raises
    ------
    Invalid
        It is nothing that there is.
    """
    place = f"Bundle.entry[{number}]"
    request = _member(given, "request", dict, place)
    method = _member(request, "method", str, f"{place}.request")
    url = _member(request, "url", str, f"{place}.request")
    if method not in METHODS:
        message = f"The method is one of {', '.join(METHODS)}."
        raise Invalid(message, path=f"{place}.request.method")
    resource = given.get("resource")
    if (method in _WITH_CONTENT) != isinstance(resource, dict):
        message = f"{method} needs {'a' if method in _WITH_CONTENT else 'no'} resource."
        raise Invalid(message, path=f"{place}.resource")
    full_url = given.get("fullUrl", "")
    if_none_exist = request.get("ifNoneExist")
    if not isinstance(full_url, str) or not isinstance(if_none_exist, str | None):
        message = "fullUrl and ifNoneExist are texts."
        raise Invalid(message, path=place)
    type_, fhir_id, query, rest = _within(place, _split, method, url)
    return Entry(
        place,
        full_url,
        method,
        type_,
        fhir_id,
        query,
        rest,
        resource,
        _within(place, _version, request.get("ifMatch")),
        if_none_exist,
    )


def _split(method: str, url: str) -> tuple[str, str, str, str]:
    """Return type, id, query and what follows the id of an address."""
    path, _, query = url.partition("?")
    type_, *rest = (unquote(each) for each in path.strip("/").split("/"))
    if method in READS:
        return type_, rest[0] if rest else "", query, "/".join(rest[1:])
    if not is_served(type_):
        message = f"There is no resource type {type_[:64]!r} here."
        raise Invalid(message, path="request.url")
    is_create = method == "POST"
    if len(rest) > 1 or (is_create and (rest or query)):
        message = "A write is addressed as Type, Type/id or Type?query."
        raise Invalid(message, path="request.url")
    if not is_create and bool(rest) == bool(query):
        message = f"{method} is addressed as Type/id, or as Type?query."
        raise Invalid(message, path="request.url")
    return type_, checked_id(rest[0]) if rest else "", query, ""


def _version(text: object) -> int | None:
    if text is None:
        return None
    given = text if isinstance(text, str) else ""
    return version_of(given, name="ifMatch", path="request.ifMatch")


def _within(place: str, read: Callable[..., T], *given: Any) -> T:
    """Read a part of an entry; what is told of it names the entry."""
    try:
        return read(*given)
    except Invalid as error:
        raise Invalid(error.message, path=f"{place}.{error.path}") from error


def _member(given: Any, name: str, kind: type[T], place: str) -> T:
    found = given.get(name) if isinstance(given, dict) else None
    if not isinstance(found, kind):
        message = f"{name} is missing, or something else than it must be."
        raise Invalid(message, path=f"{place}.{name}")
    return found


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Return entries in the order in which a transaction does them."""
    return sorted(entries, key=lambda entry: METHODS.index(entry.method))
