"""What administrators do with accounts: make, disable, let in again. All audited."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from core import access, audit
from core.access import Actor, Verb
from core.accounts.sign_in import MAXIMUM_PASSWORD
from core.accounts.tokens import role_named
from core.audit import Action, Event
from core.errors import Conflict, Forbidden, Invalid, NotFound
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
) -> NewPassword:
    """Make an account that can sign in; with a random password where none is given.

    Raises
    ------
    Invalid
        No account can have the name or the password, or there is no such role.
    Conflict
        There is such an account already.
    """
    _require_everywhere(actor)
    groups = [role_named(role) for role in roles]
    name = Account.normalize_username(name)
    if Account.objects.filter(username=name).exists():
        message = f"There is an account {name!r} already."
        raise Conflict(message)
    account = Account(username=name, is_staff=may_use_admin)
    password = _give_password(account, password)
    account.save()
    account.groups.set(groups)
    _record(actor, f"account {name} made")
    return NewPassword(account, password)


def list_accounts(*, actor: Actor) -> QuerySet[Account]:
    """Return all accounts with their roles, by name."""
    access.require(actor, Verb.READ_ACCOUNTS)
    return Account.objects.prefetch_related("groups").order_by("username")


@transaction.atomic
def set_password(*, actor: Actor, name: str, password: str | None = None) -> str:
    """Give an account another password, a random one where none is given.

    Its sessions end.

    Raises
    ------
    NotFound
        There is no such account.
    Conflict
        It belongs to an issuer, where its password is.
    Invalid
        No account can have the password.
    """
    account = _found(actor, name)
    if account.issuer:
        message = f"{name} signs in at {account.issuer}."
        raise Conflict(message)
    password = _give_password(account, password)
    account.save(update_fields=["password"])
    _record(actor, f"password of {name} set")
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
    """
    account = _found(actor, name)
    if account.is_active != is_active:
        account.is_active = is_active
        account.save(update_fields=["is_active"])
        _record(actor, f"account {name} {'enabled' if is_active else 'disabled'}")
    return account


@transaction.atomic
def set_roles(*, actor: Actor, name: str, roles: Sequence[str]) -> Account:
    """Give an account exactly these roles.

    Roles that its issuer gives an account come back with its next token.

    Raises
    ------
    NotFound
        There is no such account.
    Invalid
        There is no such role.
    """
    account = _found(actor, name)
    groups = {role: role_named(role) for role in roles}
    held = set(account.groups.values_list("name", flat=True))
    account.groups.set(groups.values())
    for role in sorted(groups.keys() - held):
        _record(actor, f"role {role} given to {name}")
    for role in sorted(held - groups.keys()):
        _record(actor, f"role {role} taken from {name}")
    return account


@transaction.atomic
def unlock(*, actor: Actor, label: str) -> None:
    """Let an account, or an address, sign in again after too many wrong passwords.

    Raises
    ------
    NotFound
        Nothing of it was counted of late.
    """
    _require_everywhere(actor)
    if not label or not SignInFailures.objects.filter(label=label).delete()[0]:
        message = f"No attempts of {label!r} have failed of late."
        raise NotFound(message)
    _record(actor, f"{label} unlocked")


def _give_password(account: Account, password: str | None) -> str:
    if password is None:
        password = secrets.token_urlsafe(12)
    if len(password) > MAXIMUM_PASSWORD:
        message = f"A password has at most {MAXIMUM_PASSWORD} characters."
        raise Invalid(message, path="password")
    account.set_password(password)
    try:
        validate_password(password, account)
        account.clean_fields()
    except ValidationError as error:
        message = " ".join(error.messages)
        raise Invalid(message) from error
    return password


def _require_everywhere(actor: Actor) -> None:
    """Refuse credentials that are for some partitions: accounts are of all of them."""
    access.require(actor, Verb.MANAGE_ACCOUNTS)
    if actor.reach(Verb.MANAGE_ACCOUNTS).partitions is not None:
        message = "Accounts are managed with a reach of all partitions."
        raise Forbidden(message)


def _found(actor: Actor, name: str) -> Account:
    _require_everywhere(actor)
    account = Account.objects.filter(username=name).first()
    if account is None:
        message = f"There is no account {name!r}."
        raise NotFound(message)
    return account


def _record(actor: Actor, what: str) -> None:
    audit.record(Event(actor, Action.CONFIGURE, detail=what))
