"""Data partitions: found by name, created by the first store into one.

A partition's key and name never change, so that look-ups are kept in the process.
"""

import re
from collections.abc import Sequence
from typing import Final

from django.db import connection

from core import access
from core.access import Actor, Verb
from core.errors import Invalid, NotFound
from core.models import DEFAULT_PARTITION, Partition

__all__ = [
    "DEFAULT_PARTITION",
    "forget",
    "get_or_create_partition",
    "get_partition",
    "known_partition",
    "list_partitions",
]

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# Keys by name. One that is not there is not remembered: it may come.
_keys: dict[str, int] = {}


def get_partition(*, actor: Actor, name: str) -> int:
    """Return the key of the partition `name`.

    Raises
    ------
    Invalid
        No partition can have the name.
    NotFound
        There is none, or `actor` may not see it. (Azure's DICOM service answers 400:
        its dialects map it.)
    """
    key = _keys.get(name) or _look_up(name)
    if key is None and name == DEFAULT_PARTITION:  # is always there
        key = _create(name)
    if key is None:
        message = "No such partition."
        raise NotFound(message, path="partition")
    access.require_partition(actor, key)
    return key


def get_or_create_partition(*, actor: Actor, name: str) -> int:
    """Return the key of the partition `name`, creating it where a store may.

    Runs in a transaction of its own, so that writers that meet in a new partition
    do not wait for each other's stores.

    Raises
    ------
    Invalid
        No partition can have the name.
    Forbidden
        The actor may not store.
    NotFound
        There is none and `actor`, bound to some partitions, may not create one.
    """
    access.require(actor, Verb.STORE)
    if (_keys.get(name) or _look_up(name)) is None and actor.partitions is None:
        _create(name)
    return get_partition(actor=actor, name=name)


def known_partition(*, actor: Actor, name: str) -> int | None:
    """Return the key of the partition `name` where that needs no database.

    Raises
    ------
    NotFound
        `actor` may not see it.
    """
    key = _keys.get(name)
    if key is not None:
        access.require_partition(actor, key)
    return key


def list_partitions(*, actor: Actor) -> Sequence[Partition]:
    """Return the partitions that `actor` may see, oldest first."""
    access.require(actor, Verb.READ)
    held = Partition.objects.order_by("id")
    visible = access.partitions_of(actor)
    return list(held if visible is None else held.filter(pk__in=visible))


def _create(name: str) -> int | None:
    """Create the partition unless another writer has just done so."""
    Partition.objects.bulk_create([Partition(name=name)], ignore_conflicts=True)
    return _look_up(name)


def forget() -> None:
    """Forget all look-ups: the database was emptied or exchanged."""
    _keys.clear()


def _look_up(name: str) -> int | None:
    if not _NAME.fullmatch(name):
        message = "A partition's name is 1 to 64 of A-Z, a-z, 0-9, '_', '.' and '-'."
        raise Invalid(message, path="partition")
    key: int | None = (
        Partition.objects.filter(name=name).values_list("pk", flat=True).first()
    )
    if key is not None and not connection.in_atomic_block:  # it could roll back
        _keys[name] = key
    return key
