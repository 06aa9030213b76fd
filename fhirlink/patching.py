"""Patching what is held (FHIR R4 3.1.0.6)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction

from core.access import Actor, Verb, require
from core.errors import Busy, Invalid, NotFound, PreconditionFailed
from fhirlink.conditional import one_found
from fhirlink.json_text import parse
from fhirlink.patch import parse_patch, patched
from fhirlink.preconditions import must_be_at, require_version
from fhirlink.read import MISSING, current
from fhirlink.store import writable_partition
from fhirlink.validation import require_valid
from fhirlink.write import Change, Written, write

JSON_PATCH: Final = "application/json-patch+json"
Operations = list[dict[str, Any]]
"""As `fhirlink.patch.parse_patch` gives them."""

_TRIES: Final = 5


def patch(
    *,
    actor: Actor,
    partition: str,
    type_: str,
    fhir_id: str,
    operations: Operations,
    if_match: int | None = None,
) -> Written:
    """Change a part of a resource.

    Who patches may read as well: a patch can test what is there.

    Raises
    ------
    NotFound
        There is no such resource.
    Conflict
        A test of the patch has failed.
    Invalid
        An operation leads nowhere, or to no resource.
    PreconditionFailed
        The resource is at another version than `if_match`.
    """
    key = _patchable_partition(actor, partition)
    for _ in range(_TRIES):
        change = _change(key, type_, fhir_id, operations, if_match)
        try:
            with transaction.atomic(durable=True):
                (written,) = write(actor, key, [change])
        except PreconditionFailed:  # somebody has written meanwhile
            if if_match is not None:
                raise
        else:
            return written
    message = "Others change the resource all the time. Try again."
    raise Busy(message)


def patch_found(
    *,
    actor: Actor,
    partition: str,
    type_: str,
    query: str,
    operations: Operations,
    if_match: int | None = None,
) -> Written:
    """Change a part of the resource that a search finds; raises as `patch` does.

    Raises
    ------
    PreconditionFailed
        It finds several.
    """
    key = _patchable_partition(actor, partition)
    with transaction.atomic(durable=True):
        fhir_id = one_found(key, type_, query)
        if fhir_id is None:
            raise NotFound(MISSING)
        change = _change(key, type_, fhir_id, operations, if_match)
        (written,) = write(actor, key, [change])
    return written


def change_of_entry(
    partition_id: int,
    type_: str,
    fhir_id: str,
    resource: Mapping[str, Any],
    if_match: int | None,
) -> Change:
    """Return what a patch in a transaction changes: it comes as a Binary."""
    operations = parse_patch(patch_of_entry(resource))
    return _change(partition_id, type_, fhir_id, operations, if_match)


def patch_of_entry(resource: Mapping[str, Any]) -> bytes:
    """Return the patch that an entry of a bundle holds.

    Raises
    ------
    Invalid
        It holds none.
    """
    is_patch = resource.get("contentType") == JSON_PATCH
    if resource.get("resourceType") != "Binary" or not is_patch:
        message = f"A patch in a bundle is a Binary of the type {JSON_PATCH}."
        raise Invalid(message, path="resource")
    try:
        return base64.b64decode(str(resource.get("data", "")), validate=True)
    except (binascii.Error, ValueError) as error:
        message = "The data of the Binary are no base64."
        raise Invalid(message, path="resource.data") from error


def _patchable_partition(actor: Actor, partition: str) -> int:
    require(actor, Verb.VIEW_PHI)
    return writable_partition(actor, partition)


def _change(
    partition_id: int,
    type_: str,
    fhir_id: str,
    operations: Operations,
    if_match: int | None,
) -> Change:
    held = current(partition_id, type_, fhir_id)
    if held is None:
        raise NotFound(MISSING)
    if if_match is not None:
        require_version(if_match, held.number)
    content = patched(parse(held.json()), operations)
    require_valid(content)
    return Change(type_, fhir_id, "PATCH", content, must_be_at(held.number))
