"""The accounts of people whom an issuer knows, and the roles that their groups give.

An account belongs to an issuer and a subject; its name is only what it is called, and
never leads to an account of somebody else.
"""

import hashlib
import logging
import re
import unicodedata
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from core import audit
from core.access import Actor, limited
from core.accounts.actors import actor_of_account
from core.accounts.oidc.reading import Flaw, bad
from core.accounts.oidc.verify import Identity, verify
from core.audit import Action, Event
from core.models import Account

logger = logging.getLogger(__name__)

_UNUSUAL: Final = re.compile(r"[^\w.+-]+")
_MAXIMUM_NAME: Final = 100  # of 150, before the host


def actor_of_jwt(token: str) -> Actor:
    """Return who acts with a token of an issuer, for as long as it lasts.

    Makes the account at first sight, and follows the groups of its newest token: of
    the roles that any group gives it has those of these groups, beside the roles that
    administrators gave it. Both are audited.

    Raises
    ------
    Unauthenticated
        The token is refused, or the account is not active.
    """
    identity = verify(token)
    account = account_of(identity)
    actor = replace(actor_of_account(account), via="token of an issuer")
    return limited(actor, until=identity.until)


def account_of(identity: Identity) -> Account:
    """Return the account of somebody, made at first sight, with the roles as of now.

    Raises
    ------
    Unauthenticated
        It is not active, or none can be made.
    """
    account = _find(identity) or _make(identity)
    if not account.is_active:
        raise bad(Flaw.DISABLED)
    _follow_groups(account, identity)
    return account


def _find(identity: Identity) -> Account | None:
    return Account.objects.filter(
        issuer=identity.issuer, subject=identity.subject
    ).first()


def _make(identity: Identity) -> Account:
    for name in _names(identity):
        account = Account(
            username=name, issuer=identity.issuer, subject=identity.subject
        )
        account.set_unusable_password()
        try:
            with transaction.atomic():
                account.save()
                _record(account, f"account made at the first token of {account.issuer}")
        except IntegrityError:
            # The name is somebody else's, or another process has been quicker.
            held = _find(identity)
            if held is not None:
                return held
        else:
            return account
    raise bad(Flaw.NAME)


def _names(identity: Identity) -> tuple[str, str]:
    """Return what the account may be called: name and host, and if taken a hash."""
    plain = unicodedata.normalize("NFKC", identity.name)
    name = _UNUSUAL.sub("_", plain)[:_MAXIMUM_NAME]
    host = (urlsplit(identity.issuer).hostname or "")[:30]
    who = f"{identity.issuer} {identity.subject}"
    digest = hashlib.sha256(who.encode()).hexdigest()[:12]
    return f"{name}@{host}", f"{name}@{host}+{digest}"


def _follow_groups(account: Account, identity: Identity) -> None:
    made_at, as_of = identity.made_at, account.groups_as_of
    if made_at is not None and as_of is not None and made_at < as_of:
        return  # the issuer has said something else since
    roles: dict[str, str] = settings.OIDC_ROLES
    wanted = {role for group, role in roles.items() if group in identity.groups}
    mapped = set(roles.values())
    held = set(account.groups.filter(name__in=mapped).values_list("name", flat=True))
    if wanted == held:
        return
    groups = {group.name: group for group in Group.objects.filter(name__in=mapped)}
    for role in wanted - groups.keys():
        logger.warning("there is no role %r (PORTAL_OIDC_ROLES)", role)
    added, removed = (wanted - held) & groups.keys(), held - wanted
    if not added and not removed:
        return
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        account.groups.add(*[groups[role] for role in added])
        account.groups.remove(*[groups[role] for role in removed])
        Account.objects.filter(pk=account.pk).update(groups_as_of=made_at)
        changes = [f"+{role}" for role in sorted(added)]
        changes += [f"-{role}" for role in sorted(removed)]
        _record(account, f"roles by groups of the issuer: {', '.join(changes)}")


def _record(account: Account, what: str) -> None:
    actor = Actor(account.pk, account.username, {})
    audit.record(Event(actor, Action.CONFIGURE, detail=what))
