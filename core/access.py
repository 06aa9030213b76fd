"""The only place that decides who may do what.

An `Actor` is made once for each request or job and handed to every domain function. It
holds for each verb how far it reaches: everywhere, or into some partitions and some
scopes, which are projects, patients, studies and worklists (`Reach`). Roles say what
somebody may do, grants say where (`core.accounts`).

A verb that the actor's roles lack altogether is refused before any look-up
(`require`). What it does not reach is left out of every query and so answers like what
isn't there: whole partitions by their keys, studies by a condition (`within`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.errors import Forbidden, NotFound
from core.reach import EVERYWHERE, NOWHERE, Reach


class Verb(StrEnum):
    """What a role may allow; the value is the name of a Django permission of core.

    Who may store may also store results and schedule work, which others may as well.
    """

    READ = "read_data"
    VIEW_PHI = "view_phi"
    STORE = "store_data"
    STORE_RESULTS = "store_results"
    SCHEDULE = "create_workitems"
    PERFORM = "perform_workitems"
    DELETE = "delete_data"
    EXPORT = "export_data"
    MANAGE = "manage_data"
    SHARE = "share_data"
    READ_AUDIT = "read_audit"
    READ_ACCOUNTS = "read_accounts"
    MANAGE_ACCOUNTS = "manage_accounts"


MEANINGS: Final[Mapping[Verb, str]] = {
    Verb.READ: "see data",
    Verb.VIEW_PHI: "see who patients are",
    Verb.STORE: "store data",
    Verb.STORE_RESULTS: "store reports, segmentations and measurements",
    Verb.SCHEDULE: "put work on a worklist",
    Verb.PERFORM: "claim, change and end work of a worklist",
    Verb.DELETE: "delete data",
    Verb.EXPORT: "export data",
    Verb.MANAGE: "manage data",
    Verb.SHARE: "say who else sees a project and what is in it",
    Verb.READ_AUDIT: "read the audit log",
    Verb.READ_ACCOUNTS: "see accounts, roles and grants",
    Verb.MANAGE_ACCOUNTS: "manage accounts, roles and grants",
}
"""How each verb is called where a person reads of it: "may ..."."""


WITH_STORE: Final = (Verb.STORE_RESULTS, Verb.SCHEDULE)
"""What whoever may store may do as well."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with what its roles and grants allow, or the system.

    Attributes
    ----------
    account_id
        Key of the account; None for the system itself.
    name
        What audit and feed call the actor.
    reaches
        How far each verb of its roles reaches; a verb that they lack is not there.
    until
        When this ends by itself, because a grant or token expires.
    is_limited
        The credentials allow less than the account does, or for less long (`limited`):
        nothing may be made with them that lasts longer or allows more.
    gives_until
        When its token was made to end: what it opens to others ends by then, too. None
        for a session and for the token of an issuer, which is renewed.
    granted_until
        When the first of its grants ends; None where all of them last.
    via
        Through what it acts, for the audit log: a token's number, a session, the
        operation that works for the account. The same actor, whichever it is.
    """

    account_id: int | None
    name: str
    reaches: Mapping[Verb, Reach] = field(hash=False)
    until: datetime | None = None
    is_limited: bool = False
    gives_until: datetime | None = None
    granted_until: datetime | None = None
    via: str = field(default="", compare=False)

    def may(self, verb: Verb) -> bool:
        """Return whether any role of the actor has the verb."""
        return verb in self.reaches

    def reach(self, verb: Verb) -> Reach:
        """Return how far a verb reaches; nowhere without it."""
        return self.reaches.get(verb, NOWHERE)


_ALL_REACHES: Final[Mapping[Verb, Reach]] = dict.fromkeys(Verb, EVERYWHERE)


def system(reason: str) -> Actor:
    """Return the actor of the portal's own jobs; `reason` stands in the audit log."""
    return Actor(None, f"system:{reason}", _ALL_REACHES)


def deputy(account_id: int | None, name: str, *, via: str = "") -> Actor:
    """Return the actor of a job for the account that started it.

    What the account may do was asked when it started the job.
    """
    return Actor(account_id, name, _ALL_REACHES, via=via)


ANONYMOUS: Final = Actor(None, "anonymous", {})
"""Who sends a request without credentials that hold: may nothing."""


def limited(
    actor: Actor,
    *,
    verbs: Collection[str] | None = None,
    partitions: Collection[int] | None = None,
    until: datetime | None = None,
) -> Actor:
    """Return an actor that may do no more than its credentials allow.

    Parameters
    ----------
    verbs
        The verbs that they allow; None for all.
    partitions
        Keys of the partitions that they allow; None for all.
    until
        When they expire.
    """
    if verbs is None and partitions is None and until is None:
        return actor
    if verbs is not None and Verb.STORE in verbs:
        verbs = {*verbs, *WITH_STORE}
    bound = EVERYWHERE if partitions is None else Reach(frozenset(partitions))
    reaches = {
        verb: reach & bound
        for verb, reach in actor.reaches.items()
        if verbs is None or verb in verbs
    }
    ends = [moment for moment in (actor.until, until) if moment is not None]
    return replace(
        actor, reaches=reaches, until=min(ends, default=None), is_limited=True
    )


def require(actor: Actor, verb: Verb) -> None:
    """Refuse an actor whose roles lack `verb`.

    Raises
    ------
    Forbidden
        Whatever the object: the answer tells nothing about what is held.
    """
    if not actor.may(verb):
        what = MEANINGS[verb]
        message = f"Your roles do not allow you to {what}. Ask an administrator."
        raise Forbidden(message)


def require_everywhere(actor: Actor, verb: Verb, message: str) -> None:
    """Refuse an actor whose `verb` does not reach all partitions.

    Raises
    ------
    Forbidden
        The roles lack the verb, or, with `message`, it is bound to some partitions.
    """
    require(actor, verb)
    if actor.reach(verb).partitions is not None:
        raise Forbidden(message)


def require_partition(actor: Actor, verb: Verb, partition_id: int) -> None:
    """Refuse a partition in which the verb reaches nothing, as if it were not there.

    Raises
    ------
    NotFound
        The same as for a partition that does not exist.
    """
    if not actor.reach(verb).enters(partition_id):
        message = "No such partition."
        raise NotFound(message, path="partition")


def require_whole_partition(actor: Actor, verb: Verb, partition_id: int) -> None:
    """Refuse a partition that the verb does not reach as a whole.

    Raises
    ------
    NotFound
        Nothing in it is reached either: the same as where there is none.
    Forbidden
        Only parts of it are.
    """
    require_partition(actor, verb, partition_id)
    if not actor.reach(verb).has_whole(partition_id):
        message = "Your grants are for parts of this partition, not for all of it."
        raise Forbidden(message)


def within(
    study: str, partition: str, *, partitions: str = "%s", scopes: str = "%s"
) -> str:
    """Return SQL that is true of a study that a reach has.

    Not as EXISTS, and scopes are looked at in the rows of the study: PostgreSQL might
    read all studies of the scopes to answer for one, or ask an index for each scope.

    Parameters
    ----------
    study, partition
        The expressions of their keys.
    partitions, scopes
        Placeholders of `Reach.partition_keys` and of `Reach.scope_keys`; as they are
        given by default, the values are those of `values_within`.
    """
    scoped = (
        "SELECT true FROM core_scopedstudy AS seen"  # noqa: S608 own names
        f" WHERE seen.study_id = {study}"
        f" AND (seen.scope_id = ANY({scopes}::bigint[])) IS TRUE LIMIT 1"
    )
    return (
        f"({partitions}::bigint[] IS NULL OR {partition} = ANY({partitions}::bigint[])"
        f" OR coalesce(({scoped}), false))"
    )


def values_within(reach: Reach) -> list[list[int] | None]:
    """Return the values of the placeholders in `within`."""
    return [reach.partition_keys, reach.partition_keys, reach.scope_keys]
