"""Which of the studies that a workitem names it opens to who has its worklist.

Whoever writes workitems may name any study; so what a name opens is decided as it is
written, and kept (`worklist.models.NamedStudy`, decision 0049): for somebody who sees
who all patients of the partition are, whatever study has this UID, now or later; for
others the study that they see, where their sight does not end by itself; for a rule of
the portal the study that it looked at, and those of the same patient. A name that was
there before opens what it did. Where somebody moves a workitem to another worklist, it
goes on to open what they see themselves.

Rows only: triggers say at once which studies the worklist leads to.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from core.access import Actor, Verb, values_within, within
from core.accounts.actors import lasting
from core.database import as_rows, raw_connection


class Origin(NamedTuple):
    """Where the names in a workitem that the portal itself makes come from.

    Attributes
    ----------
    replaces
        Key of the workitem in whose place it is: it opens what that does.
    by_rule
        Whether a rule makes it: it opens studies of the patient whose workitem it is.
    subject
        The UID of the study that the rule has looked at, which it opens.
    """

    replaces: int | None = None
    by_rule: bool = False
    subject: str = ""


BY_WRITER: Final = Origin()
"""Names are the writer's own."""


class Naming(NamedTuple):
    """What a workitem names, as it is written."""

    workitem_id: int
    worklist_id: int
    patient_id: str
    issuer_of_patient_id: str
    study_instance_uids: Sequence[str]
    origin: Origin = BY_WRITER


def name_studies(actor: Actor, partition_id: int, named: Iterable[Naming]) -> None:
    """Keep what workitems name, and which of it they open: one statement.

    Inside the transaction of who writes them, who has begun to (`worklist.writers`).
    """
    rows = [_row(each) for each in named]
    if not rows:
        return
    reach = lasting(actor).reach(Verb.VIEW_PHI)
    sees_all = reach.has_whole(partition_id)
    partitions, _, scopes = values_within(reach.within(partition_id))
    raw_connection().execute(
        _NAME,
        {
            "rows": as_rows(rows),
            "partition": partition_id,
            "sees_all": sees_all,
            # What has no account says where its names come from.
            "is_somebody": actor.account_id is not None,
            "lasts": sees_all or actor.gives_until is None,
            "partitions": partitions,
            "scopes": scopes,
        },
    )


def _row(named: Naming) -> dict[str, object]:
    return {
        "id": named.workitem_id,
        "worklist_id": named.worklist_id,
        "patient_id": named.patient_id,
        "issuer": named.issuer_of_patient_id,
        "uids": list(named.study_instance_uids),
        "replaces": named.origin.replaces,
        "by_rule": named.origin.by_rule,
        "subject": named.origin.subject,
    }


_SEEN: Final = within(
    "s.id", "s.partition_id", partitions="%(partitions)s", scopes="%(scopes)s"
)
# The parts of a statement see what was there before it: no row is touched by two.
_NAME: Final = f"""
WITH given AS MATERIALIZED (
  SELECT given.* FROM worklist_lock_named(%(partition)s, %(rows)s::json) AS locked,
    json_to_recordset(%(rows)s::json) AS given (id bigint, worklist_id bigint,
    patient_id text, issuer text, uids text[], replaces bigint, by_rule boolean,
    subject text)
), named AS MATERIALIZED (
  SELECT given.*, uid, held.worklist_id AS list_before,
    CASE WHEN %(lasts)s AND (NOT %(sees_all)s OR uid = subject) THEN (
      SELECT s.id FROM imaging_study s WHERE s.study_instance_uid = uid
        AND s.partition_id = %(partition)s AND {_SEEN}) END AS seen
  FROM given CROSS JOIN unnest(given.uids) AS uid
  LEFT JOIN worklist_namedstudy held
    ON held.workitem_id = given.id AND held.study_instance_uid = uid
  WHERE held.worklist_id IS DISTINCT FROM given.worklist_id
), gone AS (
  DELETE FROM worklist_namedstudy held USING given
  WHERE held.workitem_id = given.id AND held.study_instance_uid <> ALL(given.uids)
), moved AS (
  UPDATE worklist_namedstudy held SET worklist_id = named.worklist_id,
    opens = CASE WHEN %(sees_all)s THEN held.opens
      WHEN worklist_opens(held, named.seen) THEN 'this' ELSE 'nothing' END,
    study_id = CASE WHEN %(sees_all)s THEN held.study_id ELSE named.seen END
  FROM named WHERE list_before IS NOT NULL
    AND held.workitem_id = named.id AND held.study_instance_uid = uid
)
INSERT INTO worklist_namedstudy (workitem_id, study_instance_uid, partition_id,
  worklist_id, opens, study_id, patient_id, issuer_of_patient_id)
SELECT named.id, uid, %(partition)s, named.worklist_id,
  CASE WHEN replaces IS NOT NULL THEN coalesce(before.opens, 'nothing')
    WHEN by_rule AND named.patient_id <> '' THEN 'patient'
    WHEN by_rule AND seen IS NOT NULL THEN 'this'
    WHEN by_rule OR NOT %(is_somebody)s THEN 'nothing'
    WHEN %(sees_all)s THEN 'any'
    WHEN seen IS NOT NULL THEN 'this'
    ELSE 'nothing' END,
  CASE WHEN replaces IS NOT NULL THEN before.study_id ELSE seen END,
  CASE WHEN replaces IS NOT NULL THEN coalesce(before.patient_id, '')
    ELSE named.patient_id END,
  CASE WHEN replaces IS NOT NULL THEN coalesce(before.issuer_of_patient_id, '')
    ELSE named.issuer END
FROM named LEFT JOIN worklist_namedstudy before ON before.workitem_id = replaces
  AND before.study_instance_uid = uid AND before.worklist_id = named.worklist_id
WHERE list_before IS NULL
"""  # noqa: S608 own names
