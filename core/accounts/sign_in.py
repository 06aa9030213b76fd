"""Signing in with a name and a password: checked, counted, audited.

Attempts are counted before the password is looked at, so that many at once get no
further than many in turn. Too many wrong ones of late lock the account's name, or the
address that they come from, whether or not there is such an account. Nothing that an
answer says, or how long it takes, tells the one from the other.
"""

import hashlib
import logging
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Actor
from core.accounts import news
from core.audit import ORIGIN, Action, Event, Outcome
from core.database import raw_connection
from core.errors import Busy, TooMany, Unauthenticated
from core.models import Account, SignInFailures

logger = logging.getLogger(__name__)

WINDOW: Final = timedelta(minutes=15)
LIMITS: Final = {
    SignInFailures.Kind.ADDRESS: 100,  # a hospital may stand behind one
    SignInFailures.Kind.ACCOUNT: 10,
}
"""Attempts in `WINDOW`; from the next one on nobody signs in until it is over."""

MAXIMUM_PASSWORD: Final = 1024  # characters; hashing costs by the byte
AT_ONCE: Final = 2  # Argon2 takes 100 MB for each
AGAIN: Final = "asked for the password again"
WAITING: Final = 16  # of a process, each with a thread and a database connection
_UNKNOWN: Final = Actor(None, "", {})  # what was typed may be a password: not kept

_turns: Final = threading.BoundedSemaphore(AT_ONCE)
_places: Final = threading.BoundedSemaphore(WAITING)


class _Key(NamedTuple):
    """What attempts are counted by."""

    kind: SignInFailures.Kind
    text: str
    label: str

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.text.encode(errors="replace")).digest()


def check_sign_in(*, name: str, password: str) -> Account:
    """Return the account of who signs in; every attempt is audited.

    Refusals while somebody is locked out are not: the lock-out itself is, once.

    Raises
    ------
    Unauthenticated
        There is no such account with such a password that may sign in.
    TooMany
        There were too many attempts of late.
    Busy
        Too many sign in at the same time.
    """
    with _place():
        return _check(unicodedata.normalize("NFKC", name), password)


def check_again(*, account: Account, password: str) -> bool:
    """Return whether it is the password of somebody who is signed in.

    Counted and audited like an attempt to sign in: whoever finds a session open guesses
    no further than at the door.

    Raises
    ------
    TooMany
        There were too many attempts of late.
    Busy
        Too many sign in at the same time.
    """
    with _place():
        keys, actor = _keys(account.username, account), _named(account)
        _count(keys, actor)
        if _is_right(account, password):
            _forgive(keys)
            return True
        audit.record(Event(actor, Action.SIGN_IN, Outcome.MINOR_FAILURE, detail=AGAIN))
        return False


@transaction.atomic
def record_sign_out(account: Account, *, everywhere: bool = False) -> None:
    """Write into the audit log that an account has signed out; its session is gone.

    Parameters
    ----------
    everywhere
        Whether its other sessions end with it.
    """
    if everywhere:
        forget_sessions(account)
    detail = "everywhere" if everywhere else ""
    audit.record(Event(_named(account), Action.SIGN_OUT, detail=detail))
    news.tell()


def forget_sessions(account: Account) -> None:
    """Have no session of an account work any more."""
    account.sessions_ended_at = timezone.now()
    account.save(update_fields=["sessions_ended_at"])


def forget_old_failures() -> None:
    """Remove what counts no more."""
    SignInFailures.objects.filter(since__lt=timezone.now() - WINDOW).delete()


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        message = "Too many people sign in at the moment. Try again soon."
        raise Busy(message)
    try:
        yield
    finally:
        _places.release()


def _check(name: str, password: str) -> Account:
    account = Account.objects.filter(username=name.replace("\0", "\ufffd")).first()
    keys = _keys(name, account)
    actor = _UNKNOWN if account is None else _named(account)
    _count(keys, actor)
    if not _is_right(account, password):
        audit.record(Event(actor, Action.SIGN_IN, Outcome.MINOR_FAILURE))
        message = "There is no account with this name and password."
        raise Unauthenticated(message)
    assert account is not None  # noqa: S101 nobody else has a password
    with transaction.atomic():
        _forgive(keys)
        audit.record(Event(actor, Action.SIGN_IN))
    return account


def _named(account: Account) -> Actor:
    return Actor(account.pk, account.username, {})


def _keys(name: str, account: Account | None) -> list[_Key]:
    """Return what an attempt counts for, the address first.

    Who is locked out by it then locks no more accounts of others.
    """
    keys = []
    address = _network(ORIGIN.get().source)
    if address:
        keys.append(_Key(SignInFailures.Kind.ADDRESS, address, address))
    # Letters of both cases count as one: whoever guesses names gets no more for it.
    label = account.username if account is not None else ""
    return [*keys, _Key(SignInFailures.Kind.ACCOUNT, name.casefold(), label)]


def _network(address: str) -> str:
    """Return what an address is counted as: one has a whole /64 of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def _count(keys: list[_Key], actor: Actor) -> None:
    """Count an attempt, and refuse it where it is one too many."""
    for key in keys:
        row = raw_connection().execute(
            _COUNT,
            {
                "kind": key.kind.value,
                "digest": key.digest,
                "label": key.label,
                "window": WINDOW,
            },
        )
        number, since = row.fetchone() or (0, timezone.now())
        if number > LIMITS[key.kind]:
            if number == LIMITS[key.kind] + 1:
                _tell_lock_out(key, actor)
            raise _too_many(since + WINDOW)


def _tell_lock_out(key: _Key, actor: Actor) -> None:
    where = key.label if key.kind is SignInFailures.Kind.ADDRESS else "the account"
    detail = f"{where} locked out after {LIMITS[key.kind]} attempts"
    logger.warning("sign-in: %s %s", actor.account_id or "", detail)
    audit.record(Event(actor, Action.SIGN_IN, Outcome.SERIOUS_FAILURE, detail=detail))


def _too_many(until: datetime) -> TooMany:
    left = until - timezone.now()
    minutes = max(round(left / timedelta(minutes=1)), 1)
    message = (
        f"There were too many attempts to sign in. Try again in {minutes} minutes, or"
        " ask an administrator."
    )
    return TooMany(message, retry_after_s=max(int(left.total_seconds()), 1))


def _is_right(account: Account | None, password: str) -> bool:
    """Return whether it is the account's password, at the same cost for all."""
    too_long = len(password) > MAXIMUM_PASSWORD
    password = password[:MAXIMUM_PASSWORD]
    with _turns:
        if account is None or not account.has_usable_password() or account.issuer:
            make_password(password)  # as long as a comparison takes
            return False
        is_right = account.check_password(password)
    return is_right and account.is_active and not too_long


def _forgive(keys: list[_Key]) -> None:
    """Begin anew with the account; of the address only this attempt was none.

    Or whoever has an account could go on guessing those of others.
    """
    for key in keys:
        held = SignInFailures.objects.filter(kind=key.kind, digest=key.digest)
        if key.kind is SignInFailures.Kind.ACCOUNT:
            held.delete()
        else:
            raw_connection().execute(
                _DISCOUNT, {"kind": key.kind.value, "digest": key.digest}
            )


_COUNT: Final = (
    "INSERT INTO core_signinfailures AS held (kind, digest, label, number, since)"
    " VALUES (%(kind)s, %(digest)s, %(label)s, 1, now())"
    " ON CONFLICT (kind, digest) DO UPDATE SET"
    " number = CASE WHEN held.since < now() - %(window)s::interval"
    " THEN 1 ELSE least(held.number + 1, 1000000) END,"
    " since = CASE WHEN held.since < now() - %(window)s::interval"
    " THEN now() ELSE held.since END, label = excluded.label"
    " RETURNING number, since"
)
_DISCOUNT: Final = (
    "UPDATE core_signinfailures SET number = greatest(number - 1, 0)"
    " WHERE kind = %(kind)s AND digest = %(digest)s"
)
