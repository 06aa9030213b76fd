"""What waits to be sent: filled by a follower of the change feed, in its order.

The house rule: what the follower makes of the feed is the same whichever way entries
come. A resource waits once, up to its newest version.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from core import audit, tasks
from core.access import Actor, Verb, require_everywhere
from core.changefeed import Entry
from core.database import raw_connection
from core.errors import NotFound
from core.followers import Follower
from fhirlink.models import OutboxItem, OutboxState, RemoteServer
from fhirlink.write import KIND

TASK: Final = "fhirlink.tasks.sync_server"
OF_ALL: Final = "Other servers are managed by who manages the data of all partitions."

_ON_CONFLICT: Final = """
ON CONFLICT (server_id, type, fhir_id) DO UPDATE SET version = excluded.version,
state = 'waiting', attempts = 0, next_at = now(), error = '', queued_at = now()
"""
_QUEUE: Final = f"""
INSERT INTO fhirlink_outboxitem AS held (server_id, type, fhir_id, version)
SELECT s.id, e.type, e.fhir_id, max(e.version)
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
  AS e (partition_id, type, fhir_id, version)
JOIN fhirlink_remoteserver s ON s.partition_id = e.partition_id
  AND e.type = ANY(s.types_out)
GROUP BY 1, 2, 3 ORDER BY 4
{_ON_CONFLICT} WHERE held.version < excluded.version RETURNING server_id
"""  # noqa: S608 own names
_QUEUE_ALL: Final = f"""
INSERT INTO fhirlink_outboxitem AS held (server_id, type, fhir_id, version)
SELECT s.id, r.type, r.fhir_id, r.version_id
FROM fhirlink_remoteserver s JOIN fhirlink_resource r
  ON r.partition_id = s.partition_id AND r.type = ANY(s.types_out)
  AND NOT r.is_deleted
WHERE s.id = %s ORDER BY r.version_id
{_ON_CONFLICT}
"""  # noqa: S608 own names


class OutboxFollower(Follower):
    """Has each server of a partition wait for what changes in it."""

    name = "outbox"

    def apply(self, entries: Sequence[Entry]) -> None:
        """Queue what entries are about, and wake who sends."""
        rows = [
            (entry.partition_id, *entry.key[:2], entry.version)
            for entry in entries
            if entry.kind == KIND and entry.partition_id and entry.version
        ]
        if not rows:
            return
        columns = [list(each) for each in zip(*rows, strict=True)]
        found = raw_connection().execute(_QUEUE, columns).fetchall()
        for server_id in sorted({server_id for (server_id,) in found}):
            tasks.send(TASK, server_id)

    def reset(self) -> None:
        """Forget what waits; what was sent before is known by its hash."""
        OutboxItem.objects.all().delete()


def queue_all(server: RemoteServer) -> None:
    """Have all that a server is to have be compared with what it has."""
    raw_connection().execute(_QUEUE_ALL, [server.pk])


def due(server: RemoteServer, limit: int) -> list[OutboxItem]:
    """Return what is to be sent now, the oldest change first."""
    items = OutboxItem.objects.filter(
        server=server, state=OutboxState.WAITING, next_at__lte=timezone.now()
    )
    return list(items.order_by("version")[:limit])


class Standing(NamedTuple):
    """How the outbox of a server stands."""

    waiting: int
    dead: int
    oldest_at: datetime | None


def standing(server: RemoteServer) -> Standing:
    """Return how many wait, since when, and how many were given up."""
    waits, dead = Q(state=OutboxState.WAITING), Q(state=OutboxState.DEAD)
    found = OutboxItem.objects.filter(server=server).exclude(state=OutboxState.SENT)
    counted = found.aggregate(
        waiting=Count("id", filter=waits),
        dead=Count("id", filter=dead),
        oldest_at=Min("queued_at", filter=waits),
    )
    return Standing(**counted)


def list_dead_letters(
    *, actor: Actor, server: str | None = None
) -> QuerySet[OutboxItem]:
    """Return what was given up, with why.

    Raises
    ------
    Forbidden
        The actor may not manage the data of all partitions.
    """
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    dead = OutboxItem.objects.filter(state=OutboxState.DEAD).select_related("server")
    return dead if server is None else dead.filter(server__name=server)


def page_of_dead_letters(
    *, actor: Actor, server: str | None, before: int, limit: int
) -> list[OutboxItem]:
    """Return some of what was given up, the newest first; audited.

    Parameters
    ----------
    server
        The name of one; None: of all.
    before
        Keys are smaller than this.

    Raises
    ------
    Forbidden
        The actor may not manage the data of all partitions.
    """
    dead = list_dead_letters(actor=actor, server=server).filter(pk__lt=before)
    found = list(dead.order_by("-pk")[:limit])
    detail = f"dead letters of FHIR servers ({len(found)})"
    audit.record_soon(audit.Event(actor, audit.Action.SEARCH, detail=detail))
    return found


@transaction.atomic
def retry_item(*, actor: Actor, item_id: int) -> None:
    """Have something that was given up, or waits for long, be sent at once; audited.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the data of all partitions; or it is sent already.
    """
    item = _open_item(actor, item_id)
    item.state, item.attempts = OutboxState.WAITING, 0
    item.next_at = timezone.now()
    item.save()
    _record(actor, item, "retry")
    tasks.send(TASK, item.server_id)


@transaction.atomic
def discard_item(*, actor: Actor, item_id: int) -> None:
    """Give up sending something; its next change is sent again. Audited.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the data of all partitions; or it is sent already.
    """
    item = _open_item(actor, item_id)
    item.delete()
    _record(actor, item, "discard")


def _open_item(actor: Actor, item_id: int) -> OutboxItem:
    require_everywhere(actor, Verb.MANAGE, OF_ALL)
    held = OutboxItem.objects.select_for_update().filter(pk=item_id)
    item = held.exclude(state=OutboxState.SENT).first()
    if item is None:
        message = "Nothing of this number waits or was given up."
        raise NotFound(message)
    return item


def _record(actor: Actor, item: OutboxItem, what: str) -> None:
    detail = f"{what} outbox of server {item.server.name}"
    event = audit.Event(
        actor,
        audit.Action.OPERATE,
        partition_id=item.server.partition_id,
        detail=detail,
        query=f"{item.type}/{item.fhir_id}",
    )
    audit.record(event)
