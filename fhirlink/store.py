"""Storing resources, one at a time (FHIR R4 3.1.0.4 to 3.1.0.8).

Who may store in all of a partition may write its record. What a client may demand of
what is held (``If-Match``) is asked under the lock of the resource's row.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from django.db import transaction

from core.access import Actor, Verb, require, require_whole_partition
from core.errors import NotFound, PreconditionFailed
from core.partitions import get_or_create_partition, get_partition
from fhirlink.conditional import all_found, meant_id, one_found
from fhirlink.preconditions import must_be_at, require_id, require_storable
from fhirlink.read import MISSING, current
from fhirlink.write import Change, Outcome, Written, write

Content = Mapping[str, Any]
"""The JSON of a resource, parsed by `fhirlink.json_text`."""

MAXIMUM_DELETED: Final = 1_000  # by one search


def create(
    *,
    actor: Actor,
    partition: str,
    type_: str,
    content: Content,
    if_none_exist: str | None = None,
) -> Written:
    """Store a resource under an id of the server's choice; that of the client is gone.

    Parameters
    ----------
    if_none_exist
        A search: where it finds a resource, this one is not stored (3.1.0.8.1).

    Raises
    ------
    Forbidden, NotFound, Conflict
        The actor may not store in all of the partition, or it is disabled.
    PreconditionFailed
        The search finds several.
    """
    key = writable_partition(actor, partition)
    require_storable(content, type_)
    change = Change(type_, str(uuid4()), "POST", content)
    with transaction.atomic(durable=True):
        if if_none_exist is not None:
            found = one_found(key, type_, if_none_exist)
            held = found and current(key, type_, found)
            if held:
                return held.unchanged()
        (written,) = write(actor, key, [change])
    return written


def update(
    *,
    actor: Actor,
    partition: str,
    type_: str,
    fhir_id: str,
    content: Content,
    if_match: int | None = None,
) -> Written:
    """Have a resource be what its content says; it is created where there is none.

    Parameters
    ----------
    if_match
        The version that the client knows: the resource must be at it.

    Raises
    ------
    Invalid
        The content names another id, or none.
    PreconditionFailed
        It is at another version, or there is none.
    """
    key = writable_partition(actor, partition)
    require_storable(content, type_)
    require_id(content, fhir_id)
    change = Change(type_, fhir_id, "PUT", content, must_be_at(if_match))
    return _written(actor, key, change)


def update_found(
    *,
    actor: Actor,
    partition: str,
    type_: str,
    query: str,
    content: Content,
    if_match: int | None = None,
) -> Written:
    """Have the resource that a search finds be what the content says (3.1.0.4.3).

    Where it finds none the resource is created.

    Raises
    ------
    Invalid
        The content has the id of another resource; the search says nothing.
    PreconditionFailed
        The search finds several, or the resource is at another version.
    """
    key = writable_partition(actor, partition)
    require_storable(content, type_)
    with transaction.atomic(durable=True):
        fhir_id = meant_id(content, one_found(key, type_, query))
        change = Change(type_, fhir_id, "PUT", content, must_be_at(if_match))
        (written,) = write(actor, key, [change])
    return written


def delete(
    *,
    actor: Actor,
    partition: str,
    type_: str,
    fhir_id: str,
    if_match: int | None = None,
) -> Written:
    """Delete a resource; its history stays.

    Raises
    ------
    NotFound
        There never was one.
    PreconditionFailed
        It is at another version.
    """
    key = _deletable_partition(actor, partition)
    written = _written(
        actor, key, Change(type_, fhir_id, "DELETE", None, must_be_at(if_match))
    )
    if written.outcome is Outcome.ABSENT and not written.number:
        raise NotFound(MISSING)
    return written


def delete_found(
    *, actor: Actor, partition: str, type_: str, query: str
) -> list[Written]:
    """Delete the resources that a search finds, all or none (3.1.0.7.1).

    Raises
    ------
    PreconditionFailed
        It finds more than `MAXIMUM_DELETED`.
    """
    key = _deletable_partition(actor, partition)
    with transaction.atomic(durable=True):
        found = found_to_delete(key, type_, query)
        return write(
            actor, key, [Change(type_, each, "DELETE", None) for each in found]
        )


def found_to_delete(partition_id: int, type_: str, query: str) -> Sequence[str]:
    """Return the ids of what a search finds, where these are not too many.

    Raises
    ------
    PreconditionFailed
        They are.
    """
    found = all_found(partition_id, type_, query, MAXIMUM_DELETED + 1)
    if len(found) > MAXIMUM_DELETED:
        message = f"The search finds more than {MAXIMUM_DELETED} resources."
        raise PreconditionFailed(message)
    return found


def _deletable_partition(actor: Actor, name: str) -> int:
    require(actor, Verb.DELETE)
    key = get_partition(actor=actor, name=name, verb=Verb.DELETE)
    require_whole_partition(actor, Verb.DELETE, key)
    return key


def writable_partition(actor: Actor, name: str) -> int:
    """Return the key of a partition that the actor may store in, all of it.

    It is created where a store may do that.
    """
    require(actor, Verb.STORE)
    key = get_or_create_partition(actor=actor, name=name)
    require_whole_partition(actor, Verb.STORE, key)
    return key


def _written(actor: Actor, partition_id: int, change: Change) -> Written:
    with transaction.atomic(durable=True):
        (written,) = write(actor, partition_id, [change])
    return written
