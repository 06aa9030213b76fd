"""The functions and triggers behind the change feed and the audit log."""

from typing import ClassVar

from django.db import migrations

APPEND_ONLY = """
-- Refuses any change of a row, and its removal unless the session says that it is
-- retention: SET portal.retention = 'on'.
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        OR coalesce(current_setting('portal.retention', true), '') <> 'on'
    THEN
        RAISE EXCEPTION '% of % is refused: its rows are never changed',
            TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER core_feedentry_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON core_feedentry
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER core_auditrecord_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON core_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
"""
REMOVE_APPEND_ONLY = "DROP FUNCTION core_refuse_change() CASCADE;"

# VOLATILE plpgsql: the statements after the lock see what others committed while this
# one waited for it. In a single SQL statement they would not.
APPEND = """
CREATE FUNCTION core_append(
    kinds text[], ops text[], keys text[], partitions bigint[], versions bigint[],
    reasons text[], actor text
) RETURNS bigint LANGUAGE plpgsql VOLATILE SET lock_timeout = '10s' AS $$
DECLARE
    head bigint;
    moment timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(7017281941);
    SELECT entry.seq, entry.at INTO head, moment
        FROM core_feedentry AS entry ORDER BY entry.seq DESC LIMIT 1;
    head := coalesce(head, 0);
    INSERT INTO core_feedentry
        (seq, at, kind, op, key, partition_id, version, actor, reason)
        SELECT head + n, greatest(clock_timestamp(), moment), kind, op,
            string_to_array(key, E'\\x1f'), partition_id, version,
            core_append.actor, reason
        FROM unnest(kinds, ops, keys, partitions, versions, reasons)
            WITH ORDINALITY AS change (kind, op, key, partition_id, version, reason, n);
    head := head + cardinality(kinds);
    PERFORM pg_notify('changefeed', head::text);
    -- The lock is held until the commit: a writer that hangs must not keep it.
    PERFORM set_config('idle_in_transaction_session_timeout', '15s', true);
    RETURN head;
END $$;
"""
REMOVE_APPEND = "DROP FUNCTION core_append;"

CHAIN = """
-- Continues the chain of the row's writer. A writer is one thread, so nobody else
-- appends to its chain; where two did, the unique key refuses the second.
CREATE FUNCTION core_chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT record.sequence, record.hash INTO NEW.sequence, NEW.previous_hash
        FROM core_auditrecord AS record WHERE record.writer = NEW.writer
        ORDER BY record.sequence DESC LIMIT 1;
    NEW.sequence := coalesce(NEW.sequence, 0) + 1;
    NEW.previous_hash := coalesce(NEW.previous_hash, ''::bytea);
    NEW.hash := sha256(NEW.previous_hash || convert_to(json_build_array(
        NEW.writer, NEW.sequence, (extract(epoch FROM NEW.at) * 1000000)::bigint,
        NEW.actor, NEW.account_id, NEW.action, NEW.outcome, NEW.partition_id,
        NEW.patient_id, NEW.study_instance_uid, NEW.detail, NEW.source,
        NEW.request_id)::text, 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER core_auditrecord_chain BEFORE INSERT ON core_auditrecord
    FOR EACH ROW EXECUTE FUNCTION core_chain_audit();
"""
REMOVE_CHAIN = "DROP FUNCTION core_chain_audit() CASCADE;"


class Migration(migrations.Migration):
    """What the database itself guarantees, whoever writes."""

    dependencies: ClassVar = [("core", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(APPEND_ONLY, REMOVE_APPEND_ONLY),
        migrations.RunSQL(APPEND, REMOVE_APPEND),
        migrations.RunSQL(CHAIN, REMOVE_CHAIN),
    ]
