"""A worker's turn with a server: what waits is sent, what is new there is taken.

One worker at a time talks to a server, under a lease. What a worker that died had done
the next one does again, which changes nothing. A server that does not answer is left
alone for longer and longer, and nothing that waits for it ages meanwhile; what it
refuses, or fails at alone, is given up after some attempts and holds up no others.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core import audit
from core.access import system
from core.errors import PortalError, Upstream
from core.followers import is_transient
from fhirlink.models import InboundCursor, OutboxItem, OutboxState, RemoteServer
from fhirlink.remote import outbox
from fhirlink.remote.api import Remote
from fhirlink.remote.client import Away
from fhirlink.remote.inbound import Inbound
from fhirlink.remote.links import Place
from fhirlink.remote.sending import Sender
from fhirlink.write import counted

logger = logging.getLogger(__name__)

LEASE_S: Final = 300.0
BATCH: Final = 50
MAXIMUM_ATTEMPTS: Final = 8
FIRST_PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 300.0
_SHOWN: Final = 20


class LeaseLostError(Exception):
    """Another worker talks to the server now."""


def servers_due() -> list[int]:
    """Return the servers with which there is something to do."""
    now = timezone.now()
    waiting = OutboxItem.objects.filter(
        server=OuterRef("pk"), state=OutboxState.WAITING, next_at__lte=now
    )
    polled = now - timedelta(seconds=settings.FHIR_POLL_S)
    fresh = InboundCursor.objects.filter(server=OuterRef("pk"), caught_up_at__gt=polled)
    takes = ~Q(types_in=[]) & ~Exists(fresh)
    found = _askable().filter(Exists(waiting) | takes)
    return list(found.values_list("pk", flat=True))


def take_turn(server_id: int, *, time_limit_s: float, now_due: bool = False) -> bool:
    """Send and take for a while; return whether there is more to do at once.

    Does nothing where another worker has the lease, or the server is left alone.

    Parameters
    ----------
    now_due
        Ask what is new there also where that was asked a moment ago.
    """
    lease = uuid4()
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    until = now + timedelta(seconds=LEASE_S)
    taken = _askable().filter(free, pk=server_id)
    if not taken.update(lease=lease, lease_until=until):
        return False
    server = RemoteServer.objects.get(pk=server_id)
    turn = _Turn(server, time.monotonic() + time_limit_s)
    polled = now if now_due else now - timedelta(seconds=settings.FHIR_POLL_S)
    try:
        return turn.work(polled)
    except LeaseLostError:
        logger.warning("server %s was taken over", server.pk)
        return False
    finally:
        held = RemoteServer.objects.filter(pk=server_id, lease=lease)
        held.update(lease=None, lease_until=None)


def pause_s(failures: int) -> float:
    """Return how long to wait after so many failures in a row."""
    return min(FIRST_PAUSE_S * 2.0 ** min(failures, 20), LONGEST_PAUSE_S)


class _Turn:
    def __init__(self, server: RemoteServer, until: float) -> None:
        self._server = server
        self._until = until
        self._actor = system(f"remote {server.name}")

    def work(self, polled: datetime) -> bool:
        """Return whether there is more to do at once.

        Parameters
        ----------
        polled
            What is new there is asked for where that was done before.
        """
        try:
            with Remote(self._server) as remote:
                more = self._send(remote)
                inbound = Inbound(self._server, remote, self._actor)
                for type_ in self._server.types_in:
                    self._renew()
                    more |= inbound.take(type_, polled=polled, until=self._until)
        except Away as error:
            self._leave_alone(error)
            return False
        except PortalError as error:  # a wrong address, say: all attempts end so
            self._leave_alone(Away(error.message))
            return False
        self._note(failures=0, retry_at=None, error="", answered_at=timezone.now())
        return more

    def _send(self, remote: Remote) -> bool:
        while time.monotonic() < self._until:
            items = outbox.due(self._server, BATCH)
            sender = Sender(self._server, remote)
            try:
                for item in items:
                    self._renew()
                    self._send_one(sender, item, remote)
            finally:
                self._audit(sender.sent)
            if len(items) < BATCH:
                return False
        return True

    def _send_one(self, sender: Sender, item: OutboxItem, remote: Remote) -> None:
        try:
            sender.send(item.type, item.fhir_id)
        except Away as error:
            # Only what makes a server fail that answers otherwise is to blame itself.
            if error.is_certain or not remote.is_there():
                raise
            self._failed(item, error)
        except PortalError as error:
            self._failed(item, error)
        except Exception as error:
            if is_transient(error):
                raise
            logger.exception("item %d of the outbox", item.pk)
            why = f"The portal failed at it: {type(error).__name__}."
            self._failed(item, Upstream(why, retryable=True))
        else:
            # A change since then has raised the version, and waits.
            sent = OutboxItem.objects.filter(pk=item.pk, version=item.version)
            sent.update(
                state=OutboxState.SENT, sent_at=timezone.now(), error="", attempts=0
            )

    def _failed(self, item: OutboxItem, error: PortalError | Away) -> None:
        attempts = item.attempts + 1
        may_pass = getattr(error, "retryable", isinstance(error, Away))
        is_dead = not may_pass or attempts >= MAXIMUM_ATTEMPTS
        state = OutboxState.DEAD if is_dead else OutboxState.WAITING
        OutboxItem.objects.filter(pk=item.pk, version=item.version).update(
            state=state,
            attempts=attempts,
            error=error.message,
            next_at=timezone.now() + timedelta(seconds=pause_s(attempts)),
        )

    def _audit(self, sent: Sequence[Place]) -> None:
        if sent:
            event = audit.Event(
                self._actor,
                audit.Action.EXPORT,
                partition_id=self._server.partition_id,
                detail=f"{counted(type_ for type_, _ in sent)} to {self._server.name}",
                query=" ".join("/".join(each) for each in sent[:_SHOWN]),
            )
            audit.record(event)

    def _renew(self) -> None:
        """Keep the lease; whoever has lost it must not go on."""
        now = timezone.now()
        if (self._server.lease_until or now) - now > timedelta(seconds=LEASE_S / 2):
            return
        self._note(lease_until=now + timedelta(seconds=LEASE_S))

    def _leave_alone(self, error: Away) -> None:
        failures = self._server.failures + 1
        wait = max(pause_s(failures), error.retry_after_s or 0.0)
        retry_at = timezone.now() + timedelta(seconds=wait)
        self._note(failures=failures, retry_at=retry_at, error=error.message)

    def _note(self, **values: object) -> None:
        held = RemoteServer.objects.filter(pk=self._server.pk, lease=self._server.lease)
        if not held.update(**values):
            raise LeaseLostError
        for name, value in values.items():
            setattr(self._server, name, value)


def _askable() -> QuerySet[RemoteServer]:
    is_time = Q(retry_at=None) | Q(retry_at__lte=timezone.now())
    return RemoteServer.objects.filter(is_time, is_enabled=True)
