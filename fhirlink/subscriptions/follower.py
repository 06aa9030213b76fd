"""Which changes subscribers may have to be told of: a follower of the change feed."""

from collections.abc import Sequence
from typing import Final

from core import tasks
from core.access import system
from core.changefeed import Entry
from core.database import raw_connection
from core.followers import Follower
from fhirlink.models import SubscriptionChannel
from fhirlink.write import KIND

ACTOR: Final = system("subscriptions")
TASK: Final = "fhirlink.tasks.notify_subscribers"

_REQUEST: Final = """
INSERT INTO fhirlink_subscriptionchannel AS held (partition_id, fhir_id, version, owner)
VALUES (%s, %s, %s, %s)
ON CONFLICT (partition_id, fhir_id) DO UPDATE SET version = excluded.version,
owner = excluded.owner, state = 'requested', failures = 0, retry_at = NULL
WHERE held.version < excluded.version
"""
_NOTE: Final = """
INSERT INTO fhirlink_notification (channel_id, version, type, fhir_id)
SELECT c.id, e.version, e.type, e.fhir_id
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
  AS e (partition_id, type, fhir_id, version)
JOIN fhirlink_subscriptionchannel c ON c.partition_id = e.partition_id
  AND c.type = e.type AND c.state IN ('active', 'requested')
ORDER BY e.version
ON CONFLICT DO NOTHING
"""


class SubscriptionFollower(Follower):
    """Notes Subscriptions that are written, and what active ones may be about."""

    name = "subscriptions"

    def apply(self, entries: Sequence[Entry]) -> None:
        """Note what entries are about, and wake who tells."""
        ours = [
            (entry.partition_id, *entry.key[:2], entry.version)
            for entry in entries
            if entry.kind == KIND and entry.version and entry.op != "delete"
        ]
        written = [
            entry
            for entry in entries
            if entry.kind == KIND
            and entry.key[0] == "Subscription"
            and entry.actor != ACTOR.name
        ]
        for entry in written:
            values = (entry.partition_id, entry.key[1], entry.version, entry.actor)
            raw_connection().execute(_REQUEST, values)
        noted = 0
        if ours:
            columns = [list(each) for each in zip(*ours, strict=True)]
            noted = raw_connection().execute(_NOTE, columns).rowcount
        if written or noted:
            tasks.send(TASK)

    def reset(self) -> None:
        """Forget who is told; Subscriptions are read anew, and what was is not told."""
        SubscriptionChannel.objects.all().delete()
