"""Grants: to whom something is open, how far, until when and why.

A grant is an object permission of django-guardian on a scope. Administrators grant
anything; who owns a scope lets others see what is in it, and who its patients are where
they see that themselves, for as long as they own it. Each grant and each revocation is
audited and stands in the change feed; both work at once in every process
(`core.accounts.news`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit, changefeed
from core.access import Actor, Verb
from core.accounts.actors import FOR_GOOD, IDENTIFY, OWN, SEE, lasting
from core.audit import Action, Event
from core.errors import Forbidden, Invalid, NotFound
from core.models import Account, AccountGrant, GroupGrant, Scope, ScopeKind
from core.reach import Reach, ScopeKey

KIND: Final = "grant"  # of the change feed's entries
MAXIMUM_REASON: Final = 200  # characters
Receiver = Account | Group
AnyGrant = AccountGrant | GroupGrant


class Level(StrEnum):
    """How far a grant goes; the value is a permission of django-guardian."""

    SEE = SEE
    IDENTIFY = IDENTIFY
    OWN = OWN


MEANINGS: Final = {
    Level.SEE: "sees what is in it",
    Level.IDENTIFY: "sees what is in it and who its patients are",
    Level.OWN: "sees what is in it and says who else does",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Until when and why something is granted."""

    expires_at: datetime | None = None
    reason: str = ""


UNTIL_REVOKED: Final = Terms()


def scope_of(kind: ScopeKind, object_id: int, partition_id: int) -> Scope:
    """Return the scope of an object, made where nothing was granted on it before."""
    return Scope.objects.get_or_create(
        kind=kind, object_id=object_id, defaults={"partition_id": partition_id}
    )[0]


def asking(actor: Actor) -> Verb:
    """Return by which verb an actor may know that something to grant on is there."""
    return Verb.READ if actor.may(Verb.READ) else Verb.READ_ACCOUNTS


@transaction.atomic
def grant(
    *,
    actor: Actor,
    scope: Scope,
    to: Receiver,
    level: Level,
    terms: Terms = UNTIL_REVOKED,
) -> AnyGrant:
    """Open a scope to an account or to all accounts of a group.

    A grant of the same level that is there gets the new terms.

    Raises
    ------
    NotFound, Forbidden
        The actor may not see the scope, or not grant this on it.
    Invalid
        It would have ended already, or would go on when the actor's token or own grant
        has ended; or the reason is too long.
    """
    _require_may_grant(actor, scope, level)
    _check(actor, terms)
    _require_own_terms(actor, scope, level, terms)
    rows = AccountGrant.objects if isinstance(to, Account) else GroupGrant.objects
    given: AnyGrant = rows.assign_perm(level.value, to, scope)
    given.expires_at = terms.expires_at
    given.reason = terms.reason
    given.granted_by = actor.name
    given.save()
    what = f"granted: {to} {MEANINGS[level]}, {scope}"
    until = f" until {terms.expires_at:%Y-%m-%d}" if terms.expires_at else ""
    why = f": {terms.reason}" if terms.reason else ""
    _record(actor, given, "create", f"{what}{until}{why}")
    return given


@transaction.atomic
def revoke(*, actor: Actor, given: AnyGrant, reason: str = "") -> None:
    """Take a grant back.

    Raises
    ------
    NotFound, Forbidden
        The actor may not see the scope, or not grant this on it.
    """
    level = Level(given.permission.codename)
    _require_may_grant(actor, given.content_object, level)
    why = f": {reason}" if reason else ""
    _record(actor, given, "delete", f"revoked: {receiver_of(given)}, {given}{why}")
    given.delete()


def find_receiver(
    *,
    actor: Actor,
    scope: Scope,
    level: Level,
    account: str | None = None,
    group: str | None = None,
) -> Receiver:
    """Return whom something is to be granted to, by name.

    Names are told only to who may grant it.

    Raises
    ------
    NotFound, Forbidden
        The actor may not see the scope, or not grant this on it; or there is nobody of
        this name.
    Invalid
        It is not one of the two that is named.
    """
    _require_may_grant(actor, scope, level)
    if (account is None) == (group is None):
        message = "Name an account or a group: one of them."
        raise Invalid(message, path="account")
    found: Receiver | None = (
        Group.objects.filter(name=group).first()
        if account is None
        else Account.objects.filter(username=account).first()
    )
    if found is None:
        message = "There is no account or group of this name."
        raise NotFound(message, path="group" if account is None else "account")
    return found


def _check(actor: Actor, terms: Terms) -> None:
    """Refuse terms that nothing can be granted on."""
    ends, given_by = terms.expires_at, actor.gives_until
    if ends is not None and ends <= timezone.now():
        message = "A grant has to end in the future."
        raise Invalid(message, path="expiresAt")
    if given_by is not None and (ends is None or ends > given_by):
        message = (
            f"Your token ends at {given_by:%Y-%m-%dT%H:%M:%SZ}: what is granted with it"
            " has to end by then."
        )
        raise Invalid(message, path="expiresAt")
    if len(terms.reason) > MAXIMUM_REASON or "\0" in terms.reason:
        message = f"A reason has at most {MAXIMUM_REASON} characters."
        raise Invalid(message, path="reason")


def _require_own_terms(actor: Actor, scope: Scope, level: Level, terms: Terms) -> None:
    """Refuse what would go on when the actor could not grant it any more."""
    until = terms.expires_at or FOR_GOOD
    if not _may_grant(lasting(actor, until=until), scope, level):
        message = (
            "What you have here is granted to you for a shorter time: what you grant"
            " has to end by then."
        )
        raise Invalid(message, path="expiresAt")


def _require_may_grant(actor: Actor, scope: Scope, level: Level) -> None:
    if _may_grant(actor, scope, level):
        return
    if not reaches(actor.reach(Verb.READ), scope):
        message = f"There is no such {scope.kind}."
        raise NotFound(message)
    message = "Only who owns it may let others see it, and no further than oneself."
    raise Forbidden(message)


def _may_grant(actor: Actor, scope: Scope, level: Level) -> bool:
    if actor.reach(Verb.MANAGE_ACCOUNTS).has_whole(scope.partition_id):
        return True
    needed = {Verb.READ, Verb.SHARE}
    if level is Level.IDENTIFY:
        needed.add(Verb.VIEW_PHI)
    return level is not Level.OWN and all(
        reaches(actor.reach(verb), scope) for verb in needed
    )


def reaches(reach: Reach, scope: Scope) -> bool:
    """Return whether a reach has all that a scope leads to."""
    return reach.has(ScopeKey(scope.pk, scope.partition_id))


def tells_names(scope: Scope) -> bool:
    """Return whether anybody is granted to see who the patients of a scope are."""
    lasts = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    of_level = {"content_object": scope, "permission__codename": Level.IDENTIFY.value}
    return any(
        rows.objects.filter(lasts, **of_level).exists()
        for rows in (AccountGrant, GroupGrant)
    )


def receiver_of(given: AnyGrant) -> Receiver:
    """Return who has a grant."""
    return given.user if isinstance(given, AccountGrant) else given.group


def feed_key(given: AnyGrant) -> tuple[str, ...]:
    """Return what the change feed calls a grant: its scope, whose it is, its level."""
    to = "account" if isinstance(given, AccountGrant) else "group"
    scope, whose = given.content_object, receiver_of(given)
    return str(scope.pk), to, str(whose.pk), given.permission.codename


def _record(actor: Actor, given: AnyGrant, op: changefeed.Op, detail: str) -> None:
    scope = given.content_object
    action = Action.REVOKE if op == "delete" else Action.GRANT
    event = Event(actor, action, partition_id=scope.partition_id, detail=detail)
    audit.record(event)
    changefeed.append(
        [changefeed.Change(KIND, op, feed_key(given), scope.partition_id)], actor=actor
    )
