"""What a name leads to, kept in the process for some seconds."""

import re
import time
from typing import Final, NamedTuple

from django.db import connection

from core.errors import Conflict, Invalid, NotFound
from core.models import AS_IT_COMES, Partition

KEPT_S: Final = 5.0
"""How long a process may go on with what it has once looked up."""

RESTS_S: Final = 2 * KEPT_S
"""How long a name that was given up leads nowhere."""

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Named(NamedTuple):
    """What a name leads to."""

    key: int
    is_disabled: bool
    until: float  # of time.monotonic()
    stored_as: str = AS_IT_COMES


# By name. One that is not there is not remembered: it may come.
_known: dict[str, Named] = {}


def known(name: str) -> Named | None:
    """Return what `name` leads to where that needs no database."""
    named = _known.get(name)
    return named if named is not None and named.until > time.monotonic() else None


def find(name: str) -> Named | None:
    """Return what `name` leads to; None where it leads nowhere.

    Raises
    ------
    Invalid
        No partition can have the name.
    """
    return known(name) or _look_up(checked(name))


def forget() -> None:
    """Forget all look-ups: a partition has changed, or the database was exchanged."""
    _known.clear()


def checked(name: str) -> str:
    """Return a name that a partition can have.

    Raises
    ------
    Invalid
        None can.
    """
    if not _NAME.fullmatch(name):
        message = "A partition's name is 1 to 64 of A-Z, a-z, 0-9, '_', '.' and '-'."
        raise Invalid(message, path="partition")
    return name


def missing() -> NotFound:
    """Return the error for a partition that is not there, or may not be seen."""
    return NotFound("No such partition.", path="partition")


def disabled() -> Conflict:
    """Return the error for a partition in which nothing is read or stored."""
    message = "The partition is disabled: nothing in it can be read or stored."
    return Conflict(message, path="partition")


def _look_up(name: str) -> Named | None:
    until = time.monotonic() + KEPT_S
    row = (
        Partition.objects.filter(name=name, deleted_at=None)
        .values_list("pk", "disabled_at", "stored_as")
        .first()
    )
    if row is None:
        return None
    named = Named(row[0], row[1] is not None, until, row[2])
    if not connection.in_atomic_block:  # it could roll back
        _known[name] = named
    return named
