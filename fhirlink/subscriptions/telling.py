"""Telling subscribers: at least once, in order, as long as they may know.

A turn takes the lease of a channel and tells what was noted, the oldest first. What
cannot be told is tried again after longer and longer pauses, and holds up what came
after it; after some attempts the Subscription says ``error``, with why, until somebody
requests it anew.

References
----------
FHIR R4 Subscription, 3.1.0.4 (the PUT of a payload, as HAPI sends it).
"""

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core import audit
from core.access import Actor
from core.accounts.actors import actor_of_account
from core.errors import Forbidden, Invalid, NotFound, PortalError, PreconditionFailed
from core.models import Account
from fhirlink.access import seen_in
from fhirlink.json_text import parse
from fhirlink.models import ChannelState, Notification, SubscriptionChannel
from fhirlink.preconditions import must_be_at
from fhirlink.read import Version, current
from fhirlink.remote.client import FHIR_JSON, Away, Connection
from fhirlink.remote.turns import pause_s
from fhirlink.search.matching import matching_ids
from fhirlink.subscriptions.asked import Asked, read
from fhirlink.subscriptions.follower import ACTOR
from fhirlink.write import Change, write

MAXIMUM_ATTEMPTS: Final = 8
LEASE_S: Final = 120.0
BATCH: Final = 100


def tell_all(*, time_limit_s: float) -> bool:
    """Read what Subscriptions were written, and tell who is to be told.

    Returns
    -------
    bool
        Whether there is more to do at once.
    """
    until = time.monotonic() + time_limit_s
    now = timezone.now()
    noted = Notification.objects.filter(channel=OuterRef("pk"))
    is_free = Q(lease_until=None) | Q(lease_until__lt=now)
    is_time = Q(retry_at=None) | Q(retry_at__lte=now)
    todo = Q(state=ChannelState.REQUESTED) | (
        Q(state=ChannelState.ACTIVE) & Exists(noted) & is_time
    )
    free = SubscriptionChannel.objects.filter(is_free)
    for channel in list(free.filter(todo).select_related("partition")[:BATCH]):
        if time.monotonic() >= until:
            return True
        lease = now + timedelta(seconds=LEASE_S)
        if free.filter(pk=channel.pk).update(lease_until=lease):
            try:
                _Turn(channel, until).work()
            finally:
                held = SubscriptionChannel.objects.filter(pk=channel.pk)
                held.update(lease_until=None)
    return False


class _Turn:
    """A turn with one channel."""

    def __init__(self, channel: SubscriptionChannel, until: float) -> None:
        self._channel = channel
        self._until = until

    def work(self) -> None:
        """Read the Subscription, and tell what was noted."""
        channel = self._channel
        held = current(channel.partition_id, "Subscription", channel.fhir_id)
        if held is None:
            channel.delete()
            return
        content = parse(held.json())
        if content.get("status") == "off":
            self._become(ChannelState.OFF)
            return
        try:
            asked = read(content)
            if asked.end is not None and asked.end <= timezone.now():
                self._say(held, content, ChannelState.OFF)
                return
            self._matches(asked, "0")  # says what is wrong with the search, or owner
            if channel.state == ChannelState.REQUESTED:
                self._become(ChannelState.ACTIVE, type=asked.type)
                self._say(held, content, ChannelState.ACTIVE)
            self._tell(asked)
        except (PortalError, Away) as error:
            self._failed(held, content, error)

    def _tell(self, asked: Asked) -> None:
        noted = Notification.objects.filter(channel=self._channel).order_by("version")
        with Connection(asked.endpoint) as connection:
            for each in noted[:BATCH]:
                if time.monotonic() >= self._until:
                    return
                actor = self._matches(asked, each.fhir_id)
                if actor is not None:
                    self._send(connection, asked, each, actor)
                each.delete()
        self._become(ChannelState.ACTIVE, failures=0, retry_at=None)

    def _matches(self, asked: Asked, fhir_id: str) -> Actor | None:
        """Return the owner, where a resource is what it asks for and it may see it.

        Raises
        ------
        Forbidden, NotFound
            The owner may read nothing here (any more).
        """
        owner = Account.objects.filter(username=self._channel.owner, is_active=True)
        account = owner.first()
        if account is None:
            message = "Who has written the Subscription has no account here any more."
            raise NotFound(message)
        actor = actor_of_account(account)
        seen = seen_in(actor, self._channel.partition.name)
        query = "&".join(filter(None, [asked.query, f"_id={fhir_id}"]))
        return actor if matching_ids(seen, asked.type, query, limit=1) else None

    def _send(
        self, connection: Connection, asked: Asked, each: Notification, actor: Actor
    ) -> None:
        place = f"{each.type}/{each.fhir_id}"
        if asked.has_payload:
            held = current(self._channel.partition_id, each.type, each.fhir_id)
            if held is None:
                return
            headers = {**asked.headers, "Content-Type": FHIR_JSON}
            answer = connection.ask("PUT", place, held.json(), headers)
        else:
            answer = connection.ask("POST", "", b"", asked.headers)
        if not 200 <= answer.status < 300:
            message = f"The subscriber answers {answer.status}."
            raise Away(message)
        event = audit.Event(
            actor,
            audit.Action.EXPORT,
            partition_id=self._channel.partition_id,
            detail=f"1 {each.type} by {self._channel}",
            query=place,
        )
        audit.record(event)

    def _failed(
        self, held: Version, content: dict[str, Any], error: PortalError | Away
    ) -> None:
        """Wait, or say that it cannot be done."""
        failures = self._channel.failures + 1
        is_final = isinstance(error, Invalid | Forbidden | NotFound)
        if is_final or failures >= MAXIMUM_ATTEMPTS:
            self._say(held, content, ChannelState.ERROR, error.message)
            return
        retry_at = timezone.now() + timedelta(seconds=pause_s(failures))
        state = ChannelState(self._channel.state)
        self._become(state, failures=failures, retry_at=retry_at)

    def _say(
        self,
        held: Version,
        content: dict[str, Any],
        state: ChannelState,
        error: str = "",
    ) -> None:
        """Write the state into the Subscription, unless somebody has changed it."""
        changed = {name: each for name, each in content.items() if name != "error"}
        changed["status"] = state.value
        if error:
            changed["error"] = error
        place = ("Subscription", held.fhir_id)
        check = must_be_at(held.number)
        # Who has changed it meanwhile has requested it anew.
        with suppress(PreconditionFailed), transaction.atomic(durable=True):
            self._become(state)
            change = Change(*place, "PUT", changed, check)
            write(ACTOR, self._channel.partition_id, [change])

    def _become(self, state: ChannelState, **values: Any) -> None:
        held = SubscriptionChannel.objects.filter(
            pk=self._channel.pk, version=self._channel.version
        )
        held.update(state=state, **values)
        self._channel.state = state
