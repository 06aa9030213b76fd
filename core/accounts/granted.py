"""Which grants there are: on something, to somebody, one of them.

One's own are seen always; those of others by who may see accounts, and those on a scope
by who owns it.
"""

from collections.abc import Collection, Mapping, Sequence

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet

from core.access import Actor, Verb
from core.accounts.grants import (
    AnyGrant,
    Receiver,
    feed_key,
    reaches,
    receiver_of,
    revoke,
)
from core.errors import Forbidden, NotFound
from core.models import Account, AccountGrant, GroupGrant, Scope


def list_grants(
    *, actor: Actor, scope: Scope | None = None, to: Receiver | None = None
) -> Sequence[AnyGrant]:
    """Return the grants on a scope, or to an account or group; ended ones, too.

    One's own always; others who may see accounts, or own the scope.

    Raises
    ------
    Forbidden
        The actor may not see them.
    """
    of_self = isinstance(to, Account) and to.pk == actor.account_id
    if not of_self and not _may_list(actor, scope):
        message = "Your roles do not allow you to see grants of others."
        raise Forbidden(message)
    wanted = Q() if scope is None else Q(content_object=scope)
    found: list[AnyGrant] = []
    if to is None or isinstance(to, Account):
        found += _of(AccountGrant.objects.all(), wanted, "user", to)
    if to is None or isinstance(to, Group):
        found += _of(GroupGrant.objects.all(), wanted, "group", to)
    return found


def grants_on(
    *, actor: Actor, scopes: Collection[Scope]
) -> Mapping[int, Sequence[AnyGrant]]:
    """Return the grants on each of some scopes by its key, as `list_grants` does.

    Scopes whose grants the actor may not see are left out.
    """
    found: dict[int, list[AnyGrant]] = {
        scope.pk: [] for scope in scopes if _may_list(actor, scope)
    }
    wanted = Q(content_object__in=found)
    accounts = _of(AccountGrant.objects.all(), wanted, "user", None)
    for each in [*accounts, *_of(GroupGrant.objects.all(), wanted, "group", None)]:
        found[each.content_object_id].append(each)
    return found


def grants_to(
    *, actor: Actor, account_ids: Collection[int]
) -> Mapping[int, Sequence[AnyGrant]]:
    """Return the grants to each of some accounts by its key, as `list_grants` does.

    Accounts whose grants the actor may not see are left out.
    """
    found: dict[int, list[AnyGrant]] = {
        key: []
        for key in account_ids
        if key == actor.account_id or _may_list(actor, None)
    }
    for each in _of(AccountGrant.objects.all(), Q(user__in=found), "user", None):
        found[receiver_of(each).pk].append(each)
    return found


def find_grant(*, actor: Actor, to: type[Receiver], key: int) -> AnyGrant:
    """Return one grant.

    Parameters
    ----------
    to
        `Account` or `Group`: which of the two kinds of grant it is.

    Raises
    ------
    NotFound
        There is none, or the actor may not see it.
    """
    rows: QuerySet[AnyGrant] = (
        AccountGrant.objects.all() if to is Account else GroupGrant.objects.all()
    )
    column = "user" if to is Account else "group"
    given = _with_names(rows).select_related(column).filter(pk=key).first()
    if given is None or not _may_see(actor, given):
        message = "There is no such grant."
        raise NotFound(message)
    return given


def grants_of_feed(
    *, actor: Actor, keys: Collection[Sequence[str]]
) -> Mapping[Sequence[str], AnyGrant]:
    """Return the grants that entries of the change feed tell of, by the entries' keys.

    Those that are no more, or that the actor may not see, are left out.
    """
    found: dict[Sequence[str], AnyGrant] = {}
    for to, rows, column in (
        ("account", AccountGrant.objects.all(), "user"),
        ("group", GroupGrant.objects.all(), "group"),
    ):
        asked = [key for key in keys if key[1] == to]
        if not asked:
            continue
        scopes, whose = {key[0] for key in asked}, {key[2] for key in asked}
        wanted = Q(content_object__in=scopes, **{f"{column}__in": whose})
        for each in _of(rows, wanted, column, None):
            if _may_see(actor, each):
                found[feed_key(each)] = each
    return found


@transaction.atomic
def revoke_by_key(
    *, actor: Actor, to: type[Receiver], key: int, reason: str = ""
) -> None:
    """Take a grant back that is known by its key, as `find_grant` finds it.

    Raises
    ------
    NotFound, Forbidden
        The actor may not see the grant, or not take it back.
    """
    revoke(actor=actor, given=find_grant(actor=actor, to=to, key=key), reason=reason)


def _of(
    rows: QuerySet[AnyGrant], wanted: Q, column: str, to: Receiver | None
) -> list[AnyGrant]:
    if to is not None:
        wanted &= Q(**{column: to})
    related = _with_names(rows).select_related(column)
    return list(related.filter(wanted).order_by("pk"))


def _with_names(rows: QuerySet[AnyGrant]) -> QuerySet[AnyGrant]:
    return rows.select_related("content_object__partition", "permission")


def _may_list(actor: Actor, scope: Scope | None) -> bool:
    if actor.may(Verb.READ_ACCOUNTS) or actor.may(Verb.MANAGE_ACCOUNTS):
        return True
    return scope is not None and reaches(actor.reach(Verb.SHARE), scope)


def _may_see(actor: Actor, given: AnyGrant) -> bool:
    is_own = isinstance(given, AccountGrant) and given.user.pk == actor.account_id
    return is_own or _may_list(actor, given.content_object)
