"""Subscribers: who they are, whose, and how far they have been told."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from core import audit, changefeed
from core.access import Actor, Verb
from core.database import raw_connection
from core.errors import Forbidden, Invalid
from worklist.events.number import Number

_AE: Final = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}")


class Own(NamedTuple):
    """A subscriber that somebody uses."""

    id: int
    aetitle: str


class Opened(NamedTuple):
    """A subscriber whose channel has been opened.

    Attributes
    ----------
    after
        What it has been told of, so that its events go on after it.
    missed
        After which event, and up to which entry of the feed, events were not kept for
        it; None: all were.
    lost
        How many workitems were deleted in spite of its deletion locks, since then.
    was_away
        Whether this server has started since its channel was open last.
    """

    id: int
    partition_id: int
    aetitle: str
    after: Number
    missed: tuple[Number, int] | None
    lost: int
    was_away: bool


def checked_aetitle(text: str) -> str:
    """Return an AE title without padding (DICOM PS3.5 6.2).

    Raises
    ------
    Invalid
        It is none.
    """
    title = text.strip(" ")
    if not title or not _AE.fullmatch(title):
        message = "An AE title has 1 to 16 characters of ASCII, and no backslash."
        raise Invalid(message, path="aetitle")
    return title


def own_subscriber(
    actor: Actor, partition_id: int, aetitle: str, *, may_manage: bool = False
) -> Own:
    """Return the subscriber of an AE title, locked; made where there is none.

    Parameters
    ----------
    may_manage
        Whether who manages the data of the partition may do it for others.

    Raises
    ------
    Forbidden
        It is of somebody else.
    """
    connection = raw_connection()
    connection.execute(
        "INSERT INTO worklist_subscriber (partition_id, aetitle, owner, account_id,"
        " delivered_seq) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (partition_id, aetitle, actor.name, actor.account_id, changefeed.head()),
    )
    # Who writes workitems refers to it meanwhile, by what a filter has found.
    row = connection.execute(
        "SELECT id, owner, account_id FROM worklist_subscriber"
        " WHERE partition_id = %s AND aetitle = %s FOR NO KEY UPDATE",
        (partition_id, aetitle),
    ).fetchone()
    assert row is not None  # noqa: S101 it has just been made
    key, owner, account = row
    is_own = owner == actor.name if account is None else account == actor.account_id
    manages = may_manage and actor.reach(Verb.MANAGE).has_whole(partition_id)
    if not is_own and not manages:
        message = "This AE title is used by somebody else."
        raise Forbidden(message, path="aetitle")
    return Own(key, aetitle)


# Of a row that is locked.
_OPEN: Final = """
UPDATE worklist_subscriber held SET holder = %(holder)s, seen_at = now(),
  delivered_seq = coalesce(%(after)s::bigint, held.delivered_seq)
FROM worklist_subscriber before
WHERE held.id = %(id)s AND before.id = held.id
RETURNING held.delivered_seq, before.seen_at < %(started)s, held.lost, held.lost_seq
"""


def first_kept(partition_id: int) -> int:
    """Return the number of the feed up to which events may not be kept any more.

    By ``PORTAL_EVENTS_KEPT`` and ``PORTAL_EVENT_DAYS``, whichever is less.
    """
    row = (
        raw_connection()
        .execute(
            "SELECT greatest((SELECT seq FROM core_feedentry WHERE partition_id = %s"
            " AND kind IN ('workitem', 'workitem_subscription')"
            " ORDER BY seq DESC OFFSET %s LIMIT 1),"
            " (SELECT seq FROM core_feedentry WHERE at < now() - %s * interval '1 day'"
            " ORDER BY at DESC, seq DESC LIMIT 1), 0)",
            (partition_id, settings.EVENTS_KEPT, settings.EVENT_DAYS),
        )
        .fetchone()
    )
    return int(row[0]) if row else 0


def open_channel(
    *,
    actor: Actor,
    partition_id: int,
    aetitle: str,
    holder: UUID,
    started_at: datetime,
    cursor: Number | None,
) -> Opened:
    """Return the subscriber of an AE title, whose channel is this one from now on.

    Parameters
    ----------
    holder
        Names the channel; one that was opened before is told no more.
    started_at
        When this server started.
    cursor
        The event after which to go on; None: where its last channel was.

    Raises
    ------
    Forbidden
        The AE title is used by somebody else.
    Invalid
        The AE title, or the cursor, cannot be.
    """
    title = checked_aetitle(aetitle)
    with transaction.atomic():
        own = own_subscriber(actor, partition_id, title)
        head = changefeed.head()
        if cursor is not None and cursor.seq > head:
            message = "The cursor is of no event that there is."
            raise Invalid(message, path="cursor")
        row = (
            raw_connection()
            .execute(
                _OPEN,
                {
                    "holder": holder,
                    "after": None if cursor is None else cursor.complete_seq,
                    "id": own.id,
                    "started": started_at,
                },
            )
            .fetchone()
        )
        assert row is not None  # noqa: S101 it is locked
        after = Number(row[0]) if cursor is None else cursor
        kept = first_kept(partition_id)
        audit.record(
            audit.Event(
                actor,
                audit.Action.READ_FEED,
                partition_id=partition_id,
                detail=f"events of workitems as {title}, after {after}",
            )
        )
    missed = (after, kept) if after.seq < kept else None
    return Opened(
        id=own.id,
        partition_id=partition_id,
        aetitle=title,
        after=Number(kept) if missed else after,
        missed=missed,
        lost=row[2] if after.complete_seq < row[3] else 0,
        was_away=bool(row[1]),
    )


class Delivered(NamedTuple):
    """How far a channel has told its subscriber."""

    subscriber: int
    holder: UUID
    seq: int


def keep_delivered(told: Sequence[Delivered]) -> set[int]:
    """Write down how far channels have come, and that they are open.

    Returns
    -------
    set of int
        The keys of the subscribers whose channel is another one by now.
    """
    rows = raw_connection().execute(
        "UPDATE worklist_subscriber held SET delivered_seq = told.seq, seen_at = now()"
        " FROM (SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[])"
        " AS told (id, holder, seq) ORDER BY id) AS told"
        " WHERE held.id = told.id AND held.holder = told.holder RETURNING held.id",
        tuple(list(column) for column in zip(*told, strict=True)),
    )
    return {each.subscriber for each in told} - {key for (key,) in rows}
