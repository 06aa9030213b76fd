"""What a write keeps to, asked before it is done."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.errors import Invalid, PreconditionFailed
from fhirlink.validation import require_valid
from fhirlink.write_sql import Row

_OF_IDS: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."
)
_LONGEST_ID: Final = 64
_ETAG: Final = re.compile(r'\s*(?:W/)?"?([0-9]{1,9})"?\s*', re.ASCII)


def require_storable(content: Mapping[str, Any], type_: str) -> None:
    """Refuse a resource that is not valid, or of another type than the address names.

    Raises
    ------
    Invalid
        So it is.
    """
    if content.get("resourceType") != type_:
        message = f"The address is for resources of the type {type_}."
        raise Invalid(message, path="resourceType")
    require_valid(content)


def require_id(content: Mapping[str, Any], fhir_id: str) -> None:
    """Refuse content that does not say whose it is (FHIR R4 3.1.0.4).

    Raises
    ------
    Invalid
        It names another id, or none.
    """
    if content.get("id") != fhir_id:
        message = "The resource must have the id that the address names."
        raise Invalid(message, path="id")


def checked_id(text: str) -> str:
    """Return the id that an address names, where it is one (FHIR R4 2.24.0.1).

    Raises
    ------
    Invalid
        It is not.
    """
    if not 1 <= len(text) <= _LONGEST_ID or not _OF_IDS.issuperset(text):
        message = "An id has letters, digits, '-' and '.', 64 of them at most."
        raise Invalid(message, path="id")
    return text


def version_of(etag: str, *, name: str, path: str) -> int:
    """Return the version that an entity tag stands for (FHIR R4 3.1.0.5.1).

    Parameters
    ----------
    name, path
        What the client calls it, and where it stands.

    Raises
    ------
    Invalid
        It is none of a version.
    """
    found = _ETAG.fullmatch(etag)
    if found is None:
        message = f'{name} is the ETag of a version, as W/"3".'
        raise Invalid(message, path=path)
    return int(found[1])


def must_be_at(number: int | None) -> Callable[[Row | None], None] | None:
    """Return the check that a resource is at a version; None where any will do."""
    if number is None:
        return None

    def check(held: Row | None) -> None:
        if held is None or held.is_deleted:
            require_version(number, None)
        else:
            require_version(number, held.number)

    return check


def require_version(number: int, held: int | None) -> None:
    """Refuse what was meant for another version than the one that is held.

    Parameters
    ----------
    held
        None for a resource that is not there.

    Raises
    ------
    PreconditionFailed
        It was.
    """
    if held != number:
        message = "The resource has changed since that version: read it again."
        raise PreconditionFailed(message, path="If-Match")
