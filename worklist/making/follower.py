"""The follower that notes what rules are to look at, and what goes out of step.

It only says so: `worklist.making.waiting` looks at what stands then, in transactions of
its own, so that nobody waits for a rule and any number of workers may make workitems.
What rules have made stays when the follower is rebuilt; a rebuild makes nothing twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from core import tasks
from core.access import system
from core.changefeed import Entry
from core.database import as_rows, raw_connection
from core.followers import Follower
from worklist.making.usual import STUDY
from worklist.models import RestlessSubject, WaitingSubject

OF_WORKITEM: Final = "workitem"
"""As a source: a workitem that has changed, whose Task may have to be told."""
OF_TASK: Final = "task of a workitem"
"""As a source: a Task that others have changed, whose workitem may have to follow."""

OF_ENDED: Final = "workitem of what has ended"
"""As a source: what a rule has made (`MadeWorkitem`) of an order that is no more."""

ACTOR: Final = system("worklist rules")
TASK: Final = "worklist.tasks.make_workitems"


class RuleFollower(Follower):
    """Notes studies and resources of which there are rules."""

    name = "worklist"
    batch: ClassVar[int] = 2_000

    def apply(self, entries: Sequence[Entry]) -> None:
        """Note what entries are about, and wake who looks at it."""
        newest: dict[tuple[int, str, str], int] = {}
        for entry in entries:
            if entry.partition_id is None or _is_gone(entry):
                continue
            for source, subject in _subjects(entry):
                newest[entry.partition_id, source, subject] = entry.seq
        if newest and note(newest):
            tasks.send(TASK)

    def reset(self) -> None:
        """Forget what waits; what was made is made."""
        WaitingSubject.objects.all().delete()
        RestlessSubject.objects.all().delete()


def note(newest: Mapping[tuple[int, str, str], int]) -> int:
    """Have subjects looked at, if anybody asks for them; return how many are new.

    Parameters
    ----------
    newest
        The entry of the feed of each, by partition, source and subject.
    """
    rows = as_rows(
        {"partition_id": key, "source": source, "subject": subject, "seq": seq}
        for (key, source, subject), seq in sorted(newest.items())
    )
    return raw_connection().execute(_NOTE, (rows,)).rowcount


def _is_gone(entry: Entry) -> bool:
    """Return whether there is nothing to look at; a deleted order has ended."""
    return entry.op == "delete" and entry.kind != "resource"


def _subjects(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield as what an entry is looked at."""
    match entry.kind, entry.key:
        case "instance", (study, *_):
            yield STUDY, study
        case "resource", (type_, fhir_id):
            yield type_, fhir_id
            # What was written to keep it in step is not answered again.
            if type_ == "Task" and entry.actor != ACTOR.name:
                yield OF_TASK, fhir_id
        case "workitem", (uid,):
            yield OF_WORKITEM, uid


_MADE_OF: Final = (
    "EXISTS (SELECT FROM worklist_madeworkitem made WHERE made.subject = {}"
    " AND made.subject LIKE '%%/%%' AND made.partition_id = new.partition_id)"
)
# Of what no rule asks for nothing is kept; what waits already waits in its place.
_NOTE: Final = f"""
INSERT INTO worklist_waitingsubject AS held (partition_id, source, subject, seq)
SELECT new.partition_id, new.source, new.subject, new.seq
FROM json_to_recordset(%s::json) AS new (partition_id bigint, source text,
  subject text, seq bigint)
WHERE CASE new.source
  WHEN '{OF_WORKITEM}' THEN EXISTS (SELECT FROM worklist_madeworkitem made
    WHERE made.sop_instance_uid = new.subject
      AND made.partition_id = new.partition_id
      AND (made.subject LIKE 'Task/%%' OR made.ended_at IS NOT NULL))
  WHEN '{OF_TASK}' THEN {_MADE_OF.format("'Task/' || new.subject")}
  WHEN '{OF_ENDED}' THEN true
  ELSE EXISTS (SELECT FROM worklist_workitemrule rule
    WHERE rule.partition_id = new.partition_id AND rule.source = new.source
      AND rule.is_enabled AND rule.after_seq < new.seq)
    OR new.source <> '{STUDY}'
      AND {_MADE_OF.format("new.source || '/' || new.subject")}
  END
ORDER BY new.partition_id, new.source, new.subject
ON CONFLICT (partition_id, source, subject) DO UPDATE SET seq = excluded.seq
  WHERE held.seq < excluded.seq
"""  # noqa: S608 own names
