"""The states that are told first after a subscription to many workitems."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from core.database import raw_connection
from worklist.access import scopes_leading_to
from worklist.events.number import Number
from worklist.events.reading import Entry
from worklist.events.reports import GLOBAL, state_report, text_of

AT_ONCE: Final = 200

# As they were when it was said, by the last entry of the feed before that.
_OF_ALL: Final = """
SELECT w.id, w.sop_instance_uid, v.information
FROM worklist_workitem w
CROSS JOIN LATERAL (SELECT e.version FROM core_feedentry e
  WHERE e.key[1] = w.sop_instance_uid AND e.kind = 'workitem'
  AND e.partition_id = w.partition_id AND e.seq < %(seq)s
  ORDER BY e.seq DESC LIMIT 1) AS last
JOIN worklist_workitemversion v ON v.id = last.version
WHERE w.partition_id = %(partition)s AND w.id > %(after)s ORDER BY w.id LIMIT %(limit)s
"""
_OF_MATCHING: Final = """
SELECT w.id, w.sop_instance_uid, v.information
FROM worklist_subscription s
JOIN worklist_workitem w ON w.id = s.workitem_id
JOIN worklist_workitemversion v ON v.id = s.initial_version
WHERE s.subscriber_id = %(subscriber)s AND s.is_made_by_filter
  AND s.from_seq = %(head)s AND w.id > %(after)s ORDER BY w.id LIMIT %(limit)s
"""


class State(NamedTuple):
    """The state of a workitem, as it is told first."""

    workitem: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some states, in the order of the workitems' keys."""

    states: list[State]
    scopes: Mapping[int, frozenset[int]]

    @property
    def is_last(self) -> bool:
        """Return whether there are no more."""
        return len(self.states) < AT_ONCE


def initial_states(entry: Entry, *, subscriber: int, after: int) -> Page:
    """Return states that a subscription tells first, after the workitem `after`.

    All have the number of the subscription's entry: who goes on in the midst of them
    gets them anew.
    """
    rows = (
        raw_connection()
        .execute(
            _OF_ALL if entry.uid == GLOBAL else _OF_MATCHING,
            {
                "seq": entry.seq,
                "partition": entry.partition_id,
                "subscriber": subscriber,
                "head": entry.version,
                "after": after,
                "limit": AT_ONCE,
            },
        )
        .fetchall()
    )
    number = Number(entry.seq, 0)
    states = [
        State(key, text_of(state_report(orjson.loads(content)), uid, number))
        for key, uid, content in rows
    ]
    return Page(states, scopes_leading_to([key for key, _ in states]))
