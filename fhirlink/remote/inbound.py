"""Taking what has changed on a server: by asking what was updated last, type by type.

The moments asked for overlap, because servers commit out of order; what is known
already shows by its version or its hash. What was sent from here is known, too, so that
nothing goes in a circle. A page is written as a whole, with where it leads to.

References
----------
FHIR R4 3.1.1.5.3 ``_lastUpdated``, 3.1.1.3 paging, 3.1.0.10 history.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db import transaction
from django.utils import timezone

from core.access import Actor
from core.errors import PortalError, Upstream
from fhirlink.document import instant
from fhirlink.models import InboundCursor, RemoteServer
from fhirlink.remote.api import PAGE, Held, Page, Remote, held_in, matches
from fhirlink.remote.links import links_there, remember
from fhirlink.remote.taking import Plan, Taking
from fhirlink.validation.check import require_valid
from fhirlink.write import Change, write

OVERLAP: Final = timedelta(seconds=30)
ROUNDS: Final = 3  # of fetching what is referred to
_CHUNK: Final = 50


class Inbound:
    """Takes from one server into its partition."""

    def __init__(self, server: RemoteServer, remote: Remote, actor: Actor) -> None:
        self._server = server
        self._remote = remote
        self._actor = actor

    def take(self, type_: str, *, polled: datetime, until: float) -> bool:
        """Take what is new of a type; return whether there is more.

        Parameters
        ----------
        polled
            Nothing is asked where that was done since.

        Raises
        ------
        Away
            The server does not answer.
        """
        cursor, _ = InboundCursor.objects.get_or_create(server=self._server, type=type_)
        if cursor.caught_up_at and cursor.caught_up_at > polled and not cursor.next_url:
            return False
        try:
            more = self._take(cursor, until)
            if not more:
                self._delete(cursor)
        except Upstream as error:
            # Of this type alone: others go on. A page is perhaps there no more.
            cursor.error, cursor.next_url = error.message, ""
            cursor.caught_up_at = timezone.now()
            cursor.save()
            return False
        return more

    def _take(self, cursor: InboundCursor, until: float) -> bool:
        target = cursor.next_url or _question(cursor)
        cursor.error = ""
        while True:
            page = self._remote.page(target)
            self._take_page(cursor, page)
            target = page.next_url
            if not target:
                cursor.caught_up_at = timezone.now()
                cursor.save()
                return False
            if time.monotonic() >= until:
                return True

    def _take_page(self, cursor: InboundCursor, page: Page) -> None:
        found = self._valid(
            cursor, [held_in(e, cursor.type) for e in matches(page, cursor.type)]
        )
        moments = [moment for each in found if (moment := _updated(each.content))]
        taking = Taking(self._server)
        taking.add(found)
        for _ in range(ROUNDS):
            missing = taking.missing()
            if not missing:
                break
            for type_, ids in missing.items():
                for at in range(0, len(ids), _CHUNK):
                    held = self._remote.several(type_, ids[at : at + _CHUNK])
                    taking.add(self._valid(cursor, held))
            taking.give_up(missing)
        cursor.since = max(
            [*moments, *([cursor.since] if cursor.since else [])], default=None
        )
        cursor.next_url = page.next_url
        plans = taking.plans()
        try:
            self._write(cursor, plans)
        except PortalError:
            self._write_singly(cursor, plans)

    def _valid(self, cursor: InboundCursor, found: list[Held]) -> list[Held]:
        """Return what is valid; of the rest the cursor tells."""
        valid = []
        for each in found:
            try:
                require_valid(each.content)
            except PortalError as error:
                _refuse(cursor, each.type, each.fhir_id, error)
            else:
                valid.append(each)
        return valid

    def _write(self, cursor: InboundCursor, plans: list[Plan]) -> None:
        for plan in plans:
            if plan.change is not None and plan.change.content is not None:
                require_valid(plan.change.content)
        with transaction.atomic(durable=True):
            remember([plan.link for plan in plans])
            cursor.save()
            write(
                self._actor,
                self._server.partition_id,
                [plan.change for plan in plans if plan.change is not None],
            )

    def _write_singly(self, cursor: InboundCursor, plans: list[Plan]) -> None:
        """Write what can be; the cursor tells of the last one that cannot."""
        for plan in plans:
            try:
                self._write(cursor, [plan])
            except PortalError as error:
                _refuse(cursor, plan.link.type, plan.link.remote_id, error)
        cursor.save()

    def _delete(self, cursor: InboundCursor) -> None:
        """Delete what was deleted there: what was made here stays, unlinked."""
        if not cursor.has_history:
            return
        now, since = self._remote.now, cursor.deletions_since
        if since is not None:
            asked = urlencode({"_since": instant(since - OVERLAP), "_count": PAGE})
            target = f"{cursor.type}/_history?{asked}"
            ids: set[str] = set()
            back: set[str] = set()  # made anew since: the newest comes first
            try:
                while target:
                    page = self._remote.page(target)
                    for fhir_id, is_gone in _history(page, cursor.type):
                        if is_gone and fhir_id not in back:
                            ids.add(fhir_id)
                        back.add(fhir_id)
                    target = page.next_url
            except Upstream:  # a server need not have histories
                cursor.has_history = False
            self._forget(cursor.type, ids)
        cursor.deletions_since = now
        cursor.save()

    def _forget(self, type_: str, ids: set[str]) -> None:
        links = links_there(self._server, [(type_, each) for each in ids])
        gone = [each.fhir_id for each in links.values() if not each.is_ours]
        with transaction.atomic(durable=True):
            for link in links.values():
                link.delete()
            changes = [Change(type_, each, "DELETE", None) for each in sorted(gone)]
            if changes:
                write(self._actor, self._server.partition_id, changes)


def _question(cursor: InboundCursor) -> str:
    asked = {"_sort": "_lastUpdated", "_count": str(PAGE)}
    if cursor.since is not None:
        asked["_lastUpdated"] = f"gt{instant(cursor.since - OVERLAP)}"
    return f"{cursor.type}?{urlencode(asked)}"


def _refuse(
    cursor: InboundCursor, type_: str, fhir_id: str, error: PortalError
) -> None:
    place = f"{type_}/{fhir_id}"[:100]
    cursor.error = f"{place} was not taken: {error.message}"


def _updated(content: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(content["meta"]["lastUpdated"])
    except (KeyError, TypeError, ValueError):
        return None
    return at if at.tzinfo else None


def _history(page: Page, type_: str) -> list[tuple[str, bool]]:
    """Return ids with whether they were deleted, in the order of a history."""
    found = []
    for entry in page.entries:
        request, resource = entry.get("request"), entry.get("resource")
        if not isinstance(request, dict):
            continue
        parts = str(request.get("url", "")).split("?")[0].split("/")
        fhir_id = str(resource.get("id", "")) if isinstance(resource, dict) else ""
        if not fhir_id and type_ in parts[:-1]:
            fhir_id = parts[parts.index(type_) + 1]
        if fhir_id:
            found.append((fhir_id, request.get("method") == "DELETE"))
    return found
