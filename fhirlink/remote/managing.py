"""Which servers of others there are, how they are talked to, and how far they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import audit, tasks
from core.access import Actor, Verb, require_everywhere, system
from core.errors import Invalid, NotFound
from fhirlink.models import Auth, InboundCursor, RemoteServer
from fhirlink.remote import outbox, tokens
from fhirlink.remote.content import has_identifier
from fhirlink.remote.outbox import OF_ALL, TASK
from fhirlink.served import is_served
from imaging.outside.hosts import checked_url

FIELDS: Final = (
    "base_url", "auth", "token_url", "client_id", "key_id", "scope", "types_out",
    "types_in", "overwrites_patients", "is_enabled",
)  # fmt: skip


SHOWN: Final = system("page of a server")
"""Who counts for a page that only who may manage opens."""


class Progress(NamedTuple):
    """How far a type was taken.

    Attributes
    ----------
    lag_s
        Since when all was taken; None: never yet.
    """

    type: str
    since: datetime | None
    lag_s: float | None
    error: str


class Status(NamedTuple):
    """How a server stands.

    Attributes
    ----------
    lag_s
        How long the oldest change waits to be sent.
    """

    server: RemoteServer
    waiting: int
    dead: int
    lag_s: float
    inbound: tuple[Progress, ...]


def list_servers(*, actor: Actor) -> QuerySet[RemoteServer]:
    """Return all servers.

    Raises
    ------
    Forbidden
        The actor may not manage the data of all partitions.
    """
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    return RemoteServer.objects.select_related("partition")


def find_server(*, actor: Actor, name: str) -> RemoteServer:
    """Return a server.

    Raises
    ------
    NotFound
        None has this name.
    """
    server = list_servers(actor=actor).filter(name=name).first()
    if server is None:
        message = f"There is no FHIR server named {name!r}."
        raise NotFound(message)
    return server


@transaction.atomic
def configure_server(
    *, actor: Actor, server: RemoteServer, values: Mapping[str, Any], secret: str = ""
) -> RemoteServer:
    """Add a server, or say how one is talked to; audited, without its secret.

    Parameters
    ----------
    server
        A new one has name and partition, which stay.
    values
        Of `FIELDS`, what is to be otherwise.
    secret
        Token or private key; empty: it stays as it is, unless it would go to another
        address or in another way: nobody has it sent to where it can be read.

    Raises
    ------
    Forbidden, Invalid
        The actor may not manage the data of all partitions; or it cannot be so.
    """
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    before = RemoteServer.objects.filter(pk=server.pk).first()
    for name in FIELDS:
        if name in values:
            setattr(server, name, values[name])
    server.secret = tokens.hidden(secret) if secret else _kept_secret(server, before)
    _check(server, secret)
    server.failures, server.retry_at = 0, None
    server.save()
    changed = ", ".join(sorted({*values, *(["secret"] if secret else [])}))
    _record(actor, server, audit.Action.CONFIGURE, f"server {server.name}: {changed}")
    tasks.send(TASK, server.pk)
    return server


@transaction.atomic
def resync(*, actor: Actor, name: str) -> RemoteServer:
    """Have all that is sent be compared with what is there, and all be asked for anew.

    What agrees is not written; what was given up is tried again. Audited.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the data of all partitions; or there is none.
    """
    server = find_server(actor=actor, name=name)
    server.remoteresource_set.update(ours=b"", etag="", theirs=b"")
    InboundCursor.objects.filter(server=server).delete()
    outbox.queue_all(server)
    RemoteServer.objects.filter(pk=server.pk).update(retry_at=None, failures=0)
    _record(actor, server, audit.Action.OPERATE, f"resync server {server.name}")
    tasks.send(TASK, server.pk)
    return server


def list_statuses(*, actor: Actor) -> list[Status]:
    """Return how all servers stand, in the order of their making.

    Raises
    ------
    Forbidden
        The actor may not manage the data of all partitions.
    """
    return [status_of(actor=actor, server=each) for each in list_servers(actor=actor)]


def status_of(*, actor: Actor, server: RemoteServer) -> Status:
    """Return how a server stands."""
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    now = timezone.now()
    stands = outbox.standing(server)
    cursors = InboundCursor.objects.filter(server=server, type__in=server.types_in)
    inbound = tuple(
        Progress(each.type, each.since, _age(each.caught_up_at, now), each.error)
        for each in cursors
    )
    lag_s = _age(stands.oldest_at, now) or 0.0
    return Status(server, stands.waiting, stands.dead, lag_s, inbound)


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max((now - at).total_seconds(), 0.0)


def _kept_secret(server: RemoteServer, before: RemoteServer | None) -> str:
    if before is None:
        return ""
    is_same = all(
        getattr(server, name) == getattr(before, name)
        for name in ("base_url", "auth", "token_url")
    )
    return before.secret if is_same else ""


def _check(server: RemoteServer, secret: str) -> None:
    server.base_url = server.base_url.rstrip("/")
    if checked_url(server.base_url).query:
        message = "A base address has no query."
        raise Invalid(message, path="base_url")
    if server.auth not in Auth.values:
        message = f"A server knows us by one of: {', '.join(Auth.values)}."
        raise Invalid(message, path="auth")
    if server.auth != Auth.NONE and not server.secret:
        message = "Enter the secret: also anew, where it is to go to another address."
        raise Invalid(message, path="secret")
    if server.auth == Auth.SMART:
        checked_url(server.token_url)
        if not server.client_id:
            message = "SMART needs the id that the server has given us."
            raise Invalid(message, path="client_id")
        if secret:
            tokens.algorithm_of(secret)
    if server.auth == Auth.BEARER and not (secret.isascii() and secret.isprintable()):
        message = "A token has printable characters of ASCII."
        raise Invalid(message, path="secret")
    _check_types(server)


def _check_types(server: RemoteServer) -> None:
    for path in ("types_out", "types_in"):
        types = getattr(server, path)
        for type_ in types:
            if not is_served(type_):
                message = f"There is no resource type {type_[:64]!r} here."
                raise Invalid(message, path=path)
        setattr(server, path, list(dict.fromkeys(types)))
    for type_ in server.types_out:
        if not has_identifier(type_):
            message = f"A {type_} has no identifier, by which it could be found there."
            raise Invalid(message, path="types_out")


def _record(
    actor: Actor, server: RemoteServer, action: audit.Action, detail: str
) -> None:
    event = audit.Event(actor, action, partition_id=server.partition_id, detail=detail)
    audit.record(event)
