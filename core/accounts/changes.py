"""What administrators do with accounts: make, disable, let in again. All audited."""

import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from core import access
from core.access import Actor, Verb
from core.accounts.managing import (
    keep_managing,
    record,
    require_above,
    require_lasting,
    require_manager,
)
from core.accounts.sign_in import MAXIMUM_PASSWORD, forget_sessions
from core.accounts.tokens import role_named
from core.errors import Conflict, Invalid, NotFound
from core.models import Account, SignInFailures


class NewPassword(NamedTuple):
    """An account, and the password that it was given, which is nowhere kept."""

    account: Account
    password: str


@transaction.atomic
def create_account(
    *,
    actor: Actor,
    name: str,
    roles: Sequence[str] = (),
    password: str | None = None,
    may_use_admin: bool = False,
    only_granted: bool = False,
) -> NewPassword:
    """Make an account that can sign in; with a random password where none is given.

    Raises
    ------
    Forbidden
        The actor may not manage accounts, or with this token nothing that lasts.
    Invalid
        No account can have the name or the password, or there is no such role.
    Conflict
        There is such an account already.
    """
    require_manager(actor)
    require_lasting(actor)
    groups = [role_named(role) for role in roles]
    name = Account.normalize_username(name)
    if Account.objects.filter(username=name).exists():
        message = f"There is an account {name!r} already."
        raise Conflict(message, path="name")
    account = Account(username=name, is_staff=may_use_admin, only_granted=only_granted)
    password = give_password(account, password)
    account.save()
    account.groups.set(groups)
    record(actor, f"account {name} made")
    for group in groups:
        record(actor, f"role {group.name} given to {name}")
    return NewPassword(account, password)


def list_accounts(*, actor: Actor) -> QuerySet[Account]:
    """Return all accounts with their roles, by name."""
    access.require(actor, Verb.READ_ACCOUNTS)
    return Account.objects.prefetch_related("groups").order_by("username")


@transaction.atomic
def set_password(
    *, actor: Actor, name: str, password: str | None = None
) -> NewPassword:
    """Give an account another password, a random one where none is given.

    Its sessions end.

    Raises
    ------
    Forbidden
        The actor may not change this account, or with this token nothing that lasts.
    NotFound
        There is no such account.
    Conflict
        It belongs to an issuer, where its password is.
    Invalid
        No account can have the password.
    """
    account = _found(actor, name)
    require_lasting(actor)
    if account.issuer:
        message = f"{name} signs in at {account.issuer}."
        raise Conflict(message, path="name")
    password = give_password(account, password)
    account.save(update_fields=["password"])
    record(actor, f"password of {name} set")
    return NewPassword(account, password)


def give_password(account: Account, password: str | None) -> str:
    """Set the password of an account, a random one where none is given; save it then.

    Raises
    ------
    Invalid
        No account can have it.
    """
    if password is None:
        password = secrets.token_urlsafe(12)
    if len(password) > MAXIMUM_PASSWORD:
        message = f"A password has at most {MAXIMUM_PASSWORD} characters."
        raise Invalid(message, path="password")
    account.set_password(password)
    _check("name", account.clean_fields)
    _check("password", validate_password, password, account)
    return password


@transaction.atomic
def set_active(*, actor: Actor, name: str, is_active: bool) -> Account:
    """Disable an account, or enable it again.

    With a disabled one nobody signs in, and its sessions and tokens work no more, in
    every process within seconds.

    Raises
    ------
    NotFound
        There is no such account.
    Forbidden
        The actor may not change this account.
    Conflict
        It is the actor's own.
    """
    account = _found(actor, name)
    if account.is_active != is_active:
        account.is_active = is_active
        account.save(update_fields=["is_active"])
        keep_managing(actor=actor)
        record(actor, f"account {name} {'enabled' if is_active else 'disabled'}")
    return account


@transaction.atomic
def end_sessions(*, actor: Actor, name: str) -> Account:
    """Sign an account out in all browsers, within seconds; its tokens work on.

    Raises
    ------
    NotFound
        There is no such account.
    Forbidden
        The actor may not change this account.
    """
    account = _found(actor, name)
    forget_sessions(account)
    record(actor, f"sessions of {name} ended")
    return account


@transaction.atomic
def set_only_granted(*, actor: Actor, name: str, only_granted: bool) -> Account:
    """Have an account reach only what is granted, or all that its roles reach.

    Raises
    ------
    NotFound
        There is no such account.
    Forbidden
        The actor may not change this account, or with this token nothing that lasts.
    Conflict
        The actor could not manage accounts any more.
    """
    account = _found(actor, name)
    require_lasting(actor)
    if account.only_granted != only_granted:
        account.only_granted = only_granted
        account.save(update_fields=["only_granted"])
        keep_managing(actor=actor)
        reach = "what is granted" if only_granted else "what its roles reach"
        record(actor, f"account {name} reaches {reach}")
    return account


@transaction.atomic
def set_roles(*, actor: Actor, name: str, roles: Sequence[str]) -> Account:
    """Give an account exactly these roles.

    Roles that its issuer gives an account come back with its next token.

    Raises
    ------
    NotFound
        There is no such account.
    Forbidden
        The actor may not change this account, or with this token nothing that lasts.
    Invalid
        There is no such role.
    Conflict
        The actor could not manage accounts any more.
    """
    account = _found(actor, name)
    require_lasting(actor)
    groups = {role: role_named(role) for role in roles}
    held = set(account.groups.values_list("name", flat=True))
    account.groups.set(groups.values())
    keep_managing(actor=actor)
    for role in sorted(groups.keys() - held):
        record(actor, f"role {role} given to {name}")
    for role in sorted(held - groups.keys()):
        record(actor, f"role {role} taken from {name}")
    return account


@transaction.atomic
def unlock(*, actor: Actor, label: str) -> None:
    """Let an account, or an address, sign in again after too many wrong passwords.

    Raises
    ------
    NotFound
        Nothing of it was counted of late.
    """
    require_manager(actor)
    if not label or not SignInFailures.objects.filter(label=label).delete()[0]:
        message = f"No attempts of {label!r} have failed of late."
        raise NotFound(message)
    record(actor, f"{label} unlocked")


def _check(path: str, check: Callable[..., None], *given: object) -> None:
    try:
        check(*given)
    except ValidationError as error:
        message = " ".join(error.messages)  # they never quote a password
        raise Invalid(message, path=path) from error


def _found(actor: Actor, name: str) -> Account:
    """Return an account that the actor may change, locked."""
    require_manager(actor)
    account = Account.objects.select_for_update().filter(username=name).first()
    if account is None:
        message = f"There is no account {name!r}."
        raise NotFound(message, path="name")
    require_above(actor, account)
    return account
