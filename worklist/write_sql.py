"""The statements that write workitems: set-based, and prepared by PostgreSQL."""

from typing import Final

FIND_LISTS: Final = """
SELECT label, id FROM worklist_worklist WHERE partition_id = %s AND label = ANY(%s)
"""
# What another transaction has just made is updated to itself, so that it is returned.
MAKE_LISTS: Final = """
INSERT INTO worklist_worklist AS held (partition_id, label, label_folded)
SELECT %s, label, folded FROM unnest(%s::text[], %s::text[]) AS wanted (label, folded)
ORDER BY label
ON CONFLICT (partition_id, label) DO UPDATE SET label = held.label
RETURNING label, id
"""
_COLUMNS: Final = (
    "id bigint, partition_id int, sop_instance_uid text, state text,"
    " transaction_uid text, content text, worklist_id bigint, rank smallint,"
    " start_at timestamptz, modified_at timestamptz, ended_at timestamptz,"
    " due_at timestamptz, claimed_by_id bigint, is_claimed_here boolean,"
    " patient_id text, issuer_of_patient_id text, study_instance_uids text[]"
)
_VERSION: Final = "nextval('worklist_workitemversion_id_seq')"
INSERT: Final = f"""
INSERT INTO worklist_workitem (partition_id, sop_instance_uid, state, transaction_uid,
  version_id, content, worklist_id, rank, start_at, modified_at, ended_at,
  due_at, claimed_by_id, is_claimed_here, patient_id, issuer_of_patient_id,
  study_instance_uids)
SELECT partition_id, sop_instance_uid, state, transaction_uid, {_VERSION},
  decode(content, 'base64'), worklist_id, rank, start_at, modified_at, ended_at,
  due_at, claimed_by_id, is_claimed_here, patient_id, issuer_of_patient_id,
  study_instance_uids
FROM json_to_recordset(%s::json) AS new ({_COLUMNS})
ORDER BY sop_instance_uid
ON CONFLICT (partition_id, sop_instance_uid) DO NOTHING
RETURNING sop_instance_uid, id, version_id
"""  # noqa: S608 own names
UPDATE: Final = f"""
UPDATE worklist_workitem AS held SET state = new.state,
  transaction_uid = new.transaction_uid, version_id = {_VERSION},
  content = decode(new.content, 'base64'), worklist_id = new.worklist_id,
  rank = new.rank, start_at = new.start_at, modified_at = new.modified_at,
  ended_at = new.ended_at, due_at = new.due_at,
  claimed_by_id = new.claimed_by_id, is_claimed_here = new.is_claimed_here,
  patient_id = new.patient_id,
  issuer_of_patient_id = new.issuer_of_patient_id,
  study_instance_uids = new.study_instance_uids
FROM json_to_recordset(%s::json) AS new ({_COLUMNS})
WHERE held.id = new.id
RETURNING held.sop_instance_uid, held.id, held.version_id
"""  # noqa: S608 own names
WRITE_VERSIONS: Final = """
INSERT INTO worklist_workitemversion (id, partition_id, sop_instance_uid, at, actor,
  happened, state, passed, information)
SELECT id, %s, sop_instance_uid, at, %s, happened, state, passed,
  decode(information, 'base64')
FROM json_to_recordset(%s::json) AS new (id bigint, sop_instance_uid text,
  at timestamptz, happened text[], state text, passed text[], information text)
"""
