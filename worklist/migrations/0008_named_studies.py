"""Which studies workitems name, and triggers that keep what a worklist leads to.

`core.ScopedStudy` has a row for each scope of kind ``worklist`` and each study that a
workitem on it opens (decision 0049), in the transaction of whatever has changed: what
workitems name, a study that comes, gets its patient or goes, the first grant on a list.

Who changes one of these does not see what another has not committed. So of one study
(by partition and UID) who names it goes alone, and who changes it goes with others who
do; and the first grant on a list waits for those who have begun to write workitems
(`worklist.writers`) or to change studies of the partition, before it takes the lock of
projects and scopes (imaging's migration 0010). Locks of studies are taken before their
rows are touched, in one order; where many are named on a list that nobody was granted,
none is taken.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import imaging.models.fields

GO_WITH_WORKITEM = """
ALTER TABLE worklist_namedstudy ADD CONSTRAINT worklist_named_workitem
    FOREIGN KEY (workitem_id) REFERENCES worklist_workitem (id) ON DELETE CASCADE;
"""
STAY = """
ALTER TABLE worklist_namedstudy DROP CONSTRAINT worklist_named_workitem;
"""

OPENING = """
-- Whether a name opens a study of its partition and UID.
CREATE FUNCTION worklist_opens(named worklist_namedstudy, study bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT study IS NOT NULL AND CASE named.opens
        WHEN 'any' THEN true
        WHEN 'this' THEN named.study_id IS NOT DISTINCT FROM study
        WHEN 'patient' THEN named.study_id IS NOT DISTINCT FROM study
            OR EXISTS (SELECT FROM imaging_study AS held
                JOIN imaging_patient AS patient ON patient.id = held.linked_patient_id
                WHERE held.id = study AND patient.patient_id = named.patient_id
                AND patient.issuer_of_patient_id = named.issuer_of_patient_id)
        ELSE false END
$$;

CREATE FUNCTION worklist_lock_of(partition bigint, uid text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$ SELECT hashtext(partition || ' ' || uid) $$;

-- Plpgsql, so that each statement sees what was committed before the caller had its
-- locks. Of a study that is not there any more the row stays while the list names it.
CREATE FUNCTION worklist_follow(partition bigint, lists bigint[], uids text[])
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM core_scopedstudy AS seen USING core_scope AS scope
        WHERE scope.kind = 'worklist' AND scope.object_id = ANY(lists)
        AND seen.scope_id = scope.id AND seen.partition_id = partition
        AND seen.study_instance_uid = ANY(uids)
        AND NOT EXISTS (SELECT FROM worklist_namedstudy AS named
            WHERE named.worklist_id = scope.object_id
            AND named.study_instance_uid = seen.study_instance_uid
            AND named.partition_id = partition AND named.opens <> 'nothing'
            AND (seen.study_id IS NULL OR worklist_opens(named, seen.study_id)));
    INSERT INTO core_scopedstudy AS seen
            (scope_id, partition_id, study_instance_uid, study_id)
        SELECT DISTINCT scope.id, partition, study.study_instance_uid, study.id
        FROM worklist_namedstudy AS named
        JOIN core_scope AS scope
            ON scope.kind = 'worklist' AND scope.object_id = named.worklist_id
        JOIN imaging_study AS study ON study.partition_id = partition
            AND study.study_instance_uid = named.study_instance_uid
        WHERE named.worklist_id = ANY(lists) AND named.partition_id = partition
        AND named.study_instance_uid = ANY(uids) AND named.opens <> 'nothing'
        AND worklist_opens(named, study.id)
        ON CONFLICT (scope_id, partition_id, study_instance_uid)
        DO UPDATE SET study_id = excluded.study_id
        WHERE seen.study_id IS DISTINCT FROM excluded.study_id;
END $$;
"""
NO_OPENING = """
DROP FUNCTION worklist_follow;
DROP FUNCTION worklist_lock_of;
DROP FUNCTION worklist_opens;
"""

NAMING = """
-- Locks the studies that workitems are about to name, or to name no more, all in one
-- order, where it matters to a list that somebody was granted.
CREATE FUNCTION worklist_lock_named(place bigint, given json) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(701749, key) FROM (
        SELECT DISTINCT worklist_lock_of(place, named.uid) AS key
        FROM json_to_recordset(given) AS new (id bigint, worklist_id bigint,
            uids text[])
        CROSS JOIN LATERAL (
            SELECT uid, new.worklist_id AS list FROM unnest(new.uids) AS uid
            WHERE NOT EXISTS (SELECT FROM worklist_namedstudy AS held
                WHERE held.workitem_id = new.id AND held.study_instance_uid = uid
                AND held.worklist_id = new.worklist_id)
            UNION ALL SELECT held.study_instance_uid, held.worklist_id
            FROM worklist_namedstudy AS held WHERE held.workitem_id = new.id
            AND (held.study_instance_uid <> ALL(new.uids)
                OR held.worklist_id <> new.worklist_id)) AS named
        JOIN core_scope AS scope
            ON scope.kind = 'worklist' AND scope.object_id = named.list
        ORDER BY key) AS locked;
END $$;

-- What is not on a list that somebody was granted is passed over. The first lock is
-- that of who writes workitems: no list is granted meanwhile.
CREATE FUNCTION worklist_follow_named(
    partitions bigint[], lists bigint[], uids text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    granted bigint[];
    named text[];
BEGIN
    FOR place IN SELECT DISTINCT key FROM unnest(partitions) AS key ORDER BY key LOOP
        PERFORM pg_advisory_xact_lock_shared(701745, place::int);
        SELECT array_agg(DISTINCT given.list), array_agg(DISTINCT given.uid)
            INTO granted, named
            FROM unnest(partitions, lists, uids) AS given (partition, list, uid)
            JOIN core_scope AS scope
                ON scope.kind = 'worklist' AND scope.object_id = given.list
            WHERE given.partition = place;
        CONTINUE WHEN granted IS NULL;
        PERFORM pg_advisory_xact_lock(701749, key) FROM (
            SELECT DISTINCT worklist_lock_of(place, uid) AS key
            FROM unnest(named) AS uid ORDER BY key) AS locked;
        PERFORM worklist_follow(place, granted, named);
    END LOOP;
END $$;

CREATE FUNCTION worklist_named_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM worklist_follow_named(
        array_agg(partition_id), array_agg(worklist_id), array_agg(study_instance_uid)
    ) FROM changed WHERE opens <> 'nothing' HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER worklist_named_insert AFTER INSERT ON worklist_namedstudy
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION worklist_named_changed();
CREATE TRIGGER worklist_named_delete AFTER DELETE ON worklist_namedstudy
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION worklist_named_changed();

CREATE FUNCTION worklist_named_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM worklist_follow_named(
        array_agg(partition_id), array_agg(worklist_id), array_agg(study_instance_uid)
    ) FROM (SELECT * FROM before UNION ALL SELECT * FROM after) AS changed
    WHERE opens <> 'nothing' HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER worklist_named_update AFTER UPDATE ON worklist_namedstudy
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION worklist_named_moved();
"""
NO_NAMING = """
-- Locks the studies that workitems are about to name, or to name no more, all in one
-- order, where it matters to a list that somebody was granted.
CREATE FUNCTION worklist_lock_named(place bigint, given json) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(701749, key) FROM (
        SELECT DISTINCT worklist_lock_of(place, named.uid) AS key
        FROM json_to_recordset(given) AS new (id bigint, worklist_id bigint,
            uids text[])
        CROSS JOIN LATERAL (
            SELECT uid, new.worklist_id AS list FROM unnest(new.uids) AS uid
            WHERE NOT EXISTS (SELECT FROM worklist_namedstudy AS held
                WHERE held.workitem_id = new.id AND held.study_instance_uid = uid
                AND held.worklist_id = new.worklist_id)
            UNION ALL SELECT held.study_instance_uid, held.worklist_id
            FROM worklist_namedstudy AS held WHERE held.workitem_id = new.id
            AND (held.study_instance_uid <> ALL(new.uids)
                OR held.worklist_id <> new.worklist_id)) AS named
        JOIN core_scope AS scope
            ON scope.kind = 'worklist' AND scope.object_id = named.list
        ORDER BY key) AS locked;
END $$;

DROP FUNCTION worklist_named_moved() CASCADE;
DROP FUNCTION worklist_named_changed() CASCADE;
DROP FUNCTION worklist_follow_named;
DROP FUNCTION worklist_lock_named;
"""

# By their names these come before imaging's triggers, which touch rows of the study.
STUDIES = """
CREATE FUNCTION worklist_study_locked(partition bigint, uid text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(701750, partition::int);
    PERFORM pg_advisory_xact_lock_shared(701749, worklist_lock_of(partition, uid));
END $$;

CREATE FUNCTION worklist_study_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lists bigint[];
BEGIN
    PERFORM worklist_study_locked(NEW.partition_id, NEW.study_instance_uid);
    SELECT array_agg(DISTINCT worklist_id) INTO lists FROM worklist_namedstudy
        WHERE study_instance_uid = NEW.study_instance_uid
        AND partition_id = NEW.partition_id AND opens <> 'nothing';
    IF lists IS NOT NULL THEN
        PERFORM worklist_follow(
            NEW.partition_id, lists, ARRAY[NEW.study_instance_uid]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER imaging_study_is_named_insert AFTER INSERT ON imaging_study
    FOR EACH ROW EXECUTE FUNCTION worklist_study_changed();
CREATE TRIGGER imaging_study_is_named_update AFTER UPDATE ON imaging_study
    FOR EACH ROW WHEN (OLD.linked_patient_id IS DISTINCT FROM NEW.linked_patient_id)
    EXECUTE FUNCTION worklist_study_changed();

CREATE FUNCTION worklist_study_going() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM worklist_study_locked(OLD.partition_id, OLD.study_instance_uid);
    RETURN OLD;
END $$;
CREATE TRIGGER imaging_study_is_named_delete BEFORE DELETE ON imaging_study
    FOR EACH ROW EXECUTE FUNCTION worklist_study_going();
"""
NO_STUDIES = """
DROP FUNCTION worklist_study_going() CASCADE;
DROP FUNCTION worklist_study_changed() CASCADE;
DROP FUNCTION worklist_study_locked;
"""

GRANTS = """
CREATE FUNCTION worklist_scope_coming() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(701745, NEW.partition_id::int);
    PERFORM pg_advisory_xact_lock(701750, NEW.partition_id::int);
    RETURN NEW;
END $$;
CREATE TRIGGER worklist_scope_coming BEFORE INSERT ON core_scope
    FOR EACH ROW WHEN (NEW.kind = 'worklist')
    EXECUTE FUNCTION worklist_scope_coming();

CREATE FUNCTION worklist_scope_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM worklist_follow(NEW.partition_id, ARRAY[NEW.object_id], ARRAY(
        SELECT DISTINCT study_instance_uid FROM worklist_namedstudy
        WHERE worklist_id = NEW.object_id AND opens <> 'nothing'));
    RETURN NULL;
END $$;
CREATE TRIGGER worklist_scope_made AFTER INSERT ON core_scope
    FOR EACH ROW WHEN (NEW.kind = 'worklist')
    EXECUTE FUNCTION worklist_scope_made();
"""
NO_GRANTS = """
DROP FUNCTION worklist_scope_made() CASCADE;
DROP FUNCTION worklist_scope_coming() CASCADE;
"""

# Django has references checked at the commit. There whoever writes workitems has the
# feed's lock, and would wait for another who has locked their worklist and waits for
# that: both in vain. They can still be deferred by name.
IMMEDIATE = """
DO $$
DECLARE
    reference record;
BEGIN
    FOR reference IN
        SELECT conrelid::regclass AS place, conname AS name FROM pg_constraint
        WHERE contype = 'f' AND condeferred
        AND conrelid::regclass::text LIKE 'worklist\\_%'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY IMMEDIATE',
            reference.place, reference.name);
    END LOOP;
END $$;
"""

# Nobody knows what the writers of workitems that are there saw. Those of rules open the
# study that the rule looked at; a name that is made anew opens as any other.
NAMED_BEFORE = """
INSERT INTO worklist_namedstudy (workitem_id, study_instance_uid, partition_id,
    worklist_id, opens, patient_id, issuer_of_patient_id)
SELECT w.id, uid, w.partition_id, w.worklist_id,
    CASE WHEN w.patient_id <> '' AND EXISTS (
        SELECT FROM worklist_madeworkitem AS made
        WHERE made.sop_instance_uid = w.sop_instance_uid
        AND made.partition_id = w.partition_id AND made.subject = uid)
    THEN 'patient' ELSE 'nothing' END,
    w.patient_id, w.issuer_of_patient_id
FROM worklist_workitem AS w CROSS JOIN unnest(w.study_instance_uids) AS uid;
"""


class Migration(migrations.Migration):
    """The table, and what the database itself guarantees, whoever writes."""

    dependencies: ClassVar = [
        ("worklist", "0007_subscribers_of_accounts"),
        ("imaging", "0019_scopes_of_others"),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="NamedStudy",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workitem_id",
                        "study_instance_uid",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("study_instance_uid", imaging.models.fields.Uid(max_length=64)),
                ("partition_id", models.BigIntegerField()),
                (
                    "worklist_id",
                    models.BigIntegerField(help_text="That of its workitem."),
                ),
                (
                    "opens",
                    models.CharField(
                        choices=[
                            ("nothing", "None: its writer did not see it"),
                            ("this", "The one that its writer saw"),
                            (
                                "patient",
                                "That one, or any of the patient whose workitem it is",
                            ),
                            ("any", "Any of this UID, whenever it comes"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "study_id",
                    models.BigIntegerField(
                        help_text="Key of the study that its writer saw.", null=True
                    ),
                ),
                (
                    "patient_id",
                    imaging.models.fields.Text(
                        help_text="Whose workitem it was when it was named."
                    ),
                ),
                ("issuer_of_patient_id", imaging.models.fields.Text()),
                (
                    "workitem",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="The database itself removes the row with it.",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="worklist.workitem",
                    ),
                ),
            ],
            options={
                "default_permissions": [],
                "indexes": [
                    models.Index(
                        condition=models.Q(("opens", "nothing"), _negated=True),
                        fields=["study_instance_uid", "partition_id", "worklist_id"],
                        name="worklist_named_study",
                    ),
                    models.Index(
                        condition=models.Q(("opens", "nothing"), _negated=True),
                        fields=["worklist_id", "study_instance_uid"],
                        name="worklist_named_list",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens__in", ["nothing", "this", "patient", "any"])
                        ),
                        name="worklist_named_opens",
                    )
                ],
            },
        ),
        migrations.RunSQL(GO_WITH_WORKITEM, STAY),
        migrations.RunSQL(OPENING, NO_OPENING),
        migrations.RunSQL(NAMING, NO_NAMING),
        migrations.RunSQL(STUDIES, NO_STUDIES),
        migrations.RunSQL(GRANTS, NO_GRANTS),
        migrations.RunSQL(IMMEDIATE, migrations.RunSQL.noop),
        migrations.RunSQL(NAMED_BEFORE, migrations.RunSQL.noop),
    ]
