"""The only place that decides who may do what.

An `Actor` is made once for each request or job and handed to every domain function.
A verb that the actor's roles lack altogether is refused before any look-up
(`require`); what the actor may not see is left out of every query (`partitions_of`)
and so answers like what isn't there. Roles are Django groups (`core.accounts.roles`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.errors import Forbidden, NotFound


class Verb(StrEnum):
    """What an actor may do; each is a Django permission ``core.<verb>_data``."""

    READ = "read"
    STORE = "store"
    DELETE = "delete"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with the verbs of its roles, or a job of the system.

    Attributes
    ----------
    account_id
        Key of the account; None for the system itself.
    name
        What audit and feed call the actor.
    verbs
        What its roles may do.
    partitions
        Keys of the partitions that it may see; None for all.
    """

    account_id: int | None
    name: str
    verbs: frozenset[Verb]
    partitions: frozenset[int] | None = None

    def may(self, verb: Verb) -> bool:
        """Return whether any role of the actor has the verb."""
        return verb in self.verbs


ALL_VERBS: Final = frozenset(Verb)


def system(reason: str) -> Actor:
    """Return the actor of the portal's own jobs; `reason` stands in the audit log."""
    return Actor(None, f"system:{reason}", ALL_VERBS)


def require(actor: Actor, verb: Verb) -> None:
    """Refuse an actor whose roles lack `verb`.

    Raises
    ------
    Forbidden
        Whatever the object: the answer tells nothing about what is held.
    """
    if not actor.may(verb):
        message = f"Your roles do not allow to {verb} data. Ask an administrator."
        raise Forbidden(message)


def require_partition(actor: Actor, partition_id: int) -> None:
    """Refuse a partition that the actor may not see, as if it were not there.

    Raises
    ------
    NotFound
        The same as for a partition that does not exist.
    """
    if actor.partitions is not None and partition_id not in actor.partitions:
        message = "No such partition."
        raise NotFound(message)


def partitions_of(actor: Actor) -> Collection[int] | None:
    """Return the keys to filter every query by, or None where all may be seen."""
    return actor.partitions
