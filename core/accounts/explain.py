"""Why somebody may do something with an object, or why not, in words."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from core.access import MEANINGS, Actor, Verb
from core.accounts import grants
from core.accounts.actors import actor_of_account, roles_of
from core.accounts.roles import EVERYWHERE
from core.errors import Forbidden
from core.models import (
    Account,
    AccountGrant,
    GroupGrant,
    Scope,
    ScopedStudy,
    ScopeKind,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about.

    Attributes
    ----------
    scopes
        All scopes that lead to it, that of its partition included where it has one.
    """

    partition_id: int
    scopes: Collection[Scope]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an account may do with an object.

    Attributes
    ----------
    allowed
        Each verb, and whether it reaches the object.
    reasons
        Sentences that say why: about the account, its roles, its grants.
    """

    allowed: Mapping[Verb, bool]
    reasons: tuple[str, ...]


def subject_of(scope: Scope) -> Subject:
    """Return what a scope stands for, with all scopes that lead to it."""
    whole = Scope.objects.filter(kind=ScopeKind.PARTITION, object_id=scope.partition_id)
    scopes = [scope, *whole]
    if scope.kind == ScopeKind.STUDY:
        keys = ScopedStudy.objects.filter(study_id=scope.object_id).values("scope")
        scopes += Scope.objects.filter(pk__in=keys)
    return Subject(scope.partition_id, scopes)


def explain_access(*, actor: Actor, account: Account, subject: Subject) -> Explanation:
    """Return what an account may do with an object, and why.

    Raises
    ------
    Forbidden
        It is another's account, and the actor may not see accounts.
    """
    if account.pk != actor.account_id and not actor.may(Verb.READ_ACCOUNTS):
        message = "Your roles do not allow you to ask for others."
        raise Forbidden(message)
    keys = {scope.pk for scope in subject.scopes}
    found = actor_of_account(account)
    allowed = {}
    for verb in Verb:
        reach = found.reach(verb)
        reached = reach.has_whole(subject.partition_id) or any(
            scope.key in keys for scope in reach.scopes
        )
        allowed[verb] = reached and account.is_active
    reasons = (*_of_account(account), *_of_roles(account), *_of_grants(account, keys))
    return Explanation(allowed, reasons)


def _of_account(account: Account) -> Iterator[str]:
    if not account.is_active:
        yield "The account is closed."
    if account.is_superuser:
        yield "It is a superuser: it may do everything everywhere."
    if account.only_granted:
        yield "Whatever its roles reach, it reaches only what is granted."


def _of_roles(account: Account) -> Iterator[str]:
    roles = roles_of(account)
    for name, codenames in roles.items():
        may = ", ".join(MEANINGS[verb] for verb in Verb if verb in codenames)
        where = "everywhere" if EVERYWHERE in codenames else "where it is granted"
        yield f"{name}: may {may or 'nothing'}, {where}."
    if not roles:
        yield "It has no role, so it may do nothing."


def _of_grants(account: Account, scope_keys: Collection[int]) -> Iterator[str]:
    here = Q(content_object__in=scope_keys)
    given: list[AccountGrant | GroupGrant] = [
        *AccountGrant.objects.filter(here, user=account),
        *GroupGrant.objects.filter(here, group__in=account.groups.all()),
    ]
    for each in given:
        to = "" if isinstance(each, AccountGrant) else f"group {each.group}: "
        level = grants.Level(each.permission.codename)
        yield f"{to}{each.content_object}: {grants.MEANINGS[level]}{_until(each)}."
    if not given:
        yield "Nothing is granted to it, or to its groups, that leads here."


def _until(given: AccountGrant | GroupGrant) -> str:
    if given.expires_at is None:
        return ""
    has_ended = given.expires_at <= timezone.now()
    return f", {'ended' if has_ended else 'until'} {given.expires_at:%Y-%m-%d %H:%M}"
