"""The follower that notes what rules are to look at.

It only says so: `worklist.making.make` looks at what stands then, in transactions of
its own, so that nobody waits for a rule and any number of workers may make workitems.
What rules have made stays when the follower is rebuilt; a rebuild makes nothing twice.
"""

from collections.abc import Sequence
from typing import ClassVar, Final

from core import tasks
from core.access import system
from core.changefeed import Entry
from core.database import as_rows, raw_connection
from core.followers import Follower
from fhirlink.write import KIND as RESOURCE
from imaging.feed import KIND as INSTANCE
from worklist.making.usual import STUDY
from worklist.models import WaitingSubject

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
            if entry.partition_id is None or entry.op == "delete":
                continue
            if entry.kind == INSTANCE:
                newest[entry.partition_id, STUDY, entry.key[0]] = entry.seq
            elif entry.kind == RESOURCE:
                type_, fhir_id = entry.key
                newest[entry.partition_id, type_, fhir_id] = entry.seq
        if newest and self._note(newest):
            tasks.send(TASK)

    def reset(self) -> None:
        """Forget what waits; what was made is made."""
        WaitingSubject.objects.all().delete()

    def _note(self, newest: dict[tuple[int, str, str], int]) -> int:
        rows = as_rows(
            {"partition_id": key, "source": source, "subject": subject, "seq": seq}
            for (key, source, subject), seq in sorted(newest.items())
        )
        return raw_connection().execute(_NOTE, (rows,)).rowcount


# Of what no rule asks for nothing is kept; what waits already waits in its place.
_NOTE: Final = """
INSERT INTO worklist_waitingsubject AS held (partition_id, source, subject, seq)
SELECT new.partition_id, new.source, new.subject, new.seq
FROM json_to_recordset(%s::json) AS new (partition_id bigint, source text,
  subject text, seq bigint)
WHERE EXISTS (SELECT FROM worklist_workitemrule rule
  WHERE rule.partition_id = new.partition_id AND rule.source = new.source
    AND rule.is_enabled AND rule.after_seq < new.seq)
ORDER BY new.partition_id, new.source, new.subject
ON CONFLICT (partition_id, source, subject) DO UPDATE SET seq = excluded.seq
  WHERE held.seq < excluded.seq
"""
