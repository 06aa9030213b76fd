"""The change feed takes its entries as rows of JSON: one parameter, not six arrays."""

from typing import ClassVar

from django.db import migrations

# VOLATILE plpgsql: the statements after the lock see what others committed while this
# one waited for it. In a single SQL statement they would not.
APPEND = """
CREATE FUNCTION core_append(changes json, actor text)
    RETURNS bigint LANGUAGE plpgsql VOLATILE SET lock_timeout = '10s' AS $$
DECLARE
    head bigint;
    moment timestamptz;
    appended bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7017281941);
    SELECT entry.seq, entry.at INTO head, moment
        FROM core_feedentry AS entry ORDER BY entry.seq DESC LIMIT 1;
    head := coalesce(head, 0);
    INSERT INTO core_feedentry
        (seq, at, kind, op, key, partition_id, version, actor, reason)
        SELECT head + n, greatest(clock_timestamp(), moment), kind, op, key,
            partition_id, version, core_append.actor, reason
        FROM ROWS FROM (json_to_recordset(changes) AS (
            kind text, op text, key text[], partition_id bigint, version bigint,
            reason text)) WITH ORDINALITY AS change (
            kind, op, key, partition_id, version, reason, n);
    GET DIAGNOSTICS appended = ROW_COUNT;
    head := head + appended;
    PERFORM pg_notify('changefeed', head::text);
    -- The lock is held until the commit: a writer that hangs must not keep it.
    PERFORM set_config('idle_in_transaction_session_timeout', '15s', true);
    RETURN head;
END $$;
DROP FUNCTION core_append(
    text[], text[], text[], bigint[], bigint[], text[], text);
"""


class Migration(migrations.Migration):
    """Another signature; what an entry says stays the same."""

    dependencies: ClassVar = [("core", "0002_guards")]
    operations: ClassVar = [migrations.RunSQL(APPEND, migrations.RunSQL.noop)]
