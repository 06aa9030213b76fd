"""Triggers that keep which studies a scope leads to (`core.models.ScopedStudy`).

Whatever writes studies, projects or scopes, the table follows in the same transaction,
so that nobody sees what has left their scopes. Two things change it: a study that gets
another patient, which stores do all the time, and a change of projects or scopes, which
is rare. Each would not see the other's uncommitted rows, so the rare one waits for
stores of its partition that have begun, and has new ones wait, by an advisory lock. It
is taken after the lock of a study by the first and before none that the first needs, so
they never wait for each other in a circle.
"""

from typing import ClassVar

from django.db import migrations

GO_WITH_STUDY = """
ALTER TABLE imaging_projectstudy ADD CONSTRAINT imaging_projectstudy_study
    FOREIGN KEY (study_id) REFERENCES imaging_study (id) ON DELETE CASCADE;
"""
STAY = """
ALTER TABLE imaging_projectstudy DROP CONSTRAINT imaging_projectstudy_study;
"""

FOLLOW = """
-- The scopes that lead to a study.
CREATE FUNCTION imaging_scopes_of(study bigint, patient bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT id FROM core_scope WHERE kind = 'study' AND object_id = study
    UNION SELECT id FROM core_scope WHERE kind = 'patient' AND object_id = patient
    UNION SELECT id FROM core_scope WHERE kind = 'project' AND object_id IN (
        SELECT project_id FROM imaging_projectstudy WHERE study_id = study
        UNION ALL SELECT project_id FROM imaging_projectpatient
        WHERE patient_id = patient)
$$;

-- Plpgsql, so that each statement sees what was committed before the caller had its
-- lock. A study that is not there any more keeps its rows.
CREATE FUNCTION imaging_follow_studies(studies bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM core_scopedstudy AS seen USING imaging_study AS study
        WHERE seen.study_id = ANY(studies) AND study.id = seen.study_id
        AND seen.scope_id NOT IN (
            SELECT imaging_scopes_of(study.id, study.linked_patient_id));
    INSERT INTO core_scopedstudy AS seen
            (scope_id, partition_id, study_instance_uid, study_id)
        SELECT scope, study.partition_id, study.study_instance_uid, study.id
        FROM imaging_study AS study,
            imaging_scopes_of(study.id, study.linked_patient_id) AS scope
        WHERE study.id = ANY(studies)
        ON CONFLICT (scope_id, partition_id, study_instance_uid)
        DO UPDATE SET study_id = excluded.study_id
        WHERE seen.study_id IS DISTINCT FROM excluded.study_id;
END $$;

CREATE FUNCTION imaging_study_got_patient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(701728, NEW.partition_id::int);
    PERFORM imaging_follow_studies(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER imaging_study_scopes_insert AFTER INSERT ON imaging_study
    FOR EACH ROW WHEN (NEW.linked_patient_id IS NOT NULL)
    EXECUTE FUNCTION imaging_study_got_patient();
CREATE TRIGGER imaging_study_scopes_update AFTER UPDATE ON imaging_study
    FOR EACH ROW WHEN (OLD.linked_patient_id IS DISTINCT FROM NEW.linked_patient_id)
    EXECUTE FUNCTION imaging_study_got_patient();

-- Who saw a study that was deleted does not see another one of its UID.
CREATE FUNCTION imaging_study_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM core_scopedstudy WHERE partition_id = NEW.partition_id
        AND study_instance_uid = NEW.study_instance_uid AND study_id IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER imaging_study_new AFTER INSERT ON imaging_study
    FOR EACH ROW EXECUTE FUNCTION imaging_study_new();

CREATE FUNCTION imaging_study_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE core_scopedstudy SET study_id = NULL WHERE study_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER imaging_study_scopes_delete AFTER DELETE ON imaging_study
    FOR EACH ROW EXECUTE FUNCTION imaging_study_gone();
"""
UNFOLLOW = """
DROP FUNCTION imaging_study_gone() CASCADE;
DROP FUNCTION imaging_study_new() CASCADE;
DROP FUNCTION imaging_study_got_patient() CASCADE;
DROP FUNCTION imaging_follow_studies;
DROP FUNCTION imaging_scopes_of;
"""

CHANGES = """
CREATE FUNCTION imaging_project_studies_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(701728, key::int) FROM (
        SELECT DISTINCT project.partition_id AS key FROM changed
        JOIN imaging_project AS project ON project.id = changed.project_id
        ORDER BY key) AS locked;
    PERFORM imaging_follow_studies(ARRAY(SELECT study_id FROM changed));
    RETURN NULL;
END $$;
CREATE TRIGGER imaging_projectstudy_insert AFTER INSERT ON imaging_projectstudy
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION imaging_project_studies_changed();
CREATE TRIGGER imaging_projectstudy_delete AFTER DELETE ON imaging_projectstudy
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION imaging_project_studies_changed();

CREATE FUNCTION imaging_project_patients_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(701728, key::int) FROM (
        SELECT DISTINCT patient.partition_id AS key FROM changed
        JOIN imaging_patient AS patient ON patient.id = changed.patient_id
        ORDER BY key) AS locked;
    PERFORM imaging_follow_studies(ARRAY(SELECT study.id FROM imaging_study AS study
        JOIN changed ON changed.patient_id = study.linked_patient_id));
    RETURN NULL;
END $$;
CREATE TRIGGER imaging_projectpatient_insert AFTER INSERT ON imaging_projectpatient
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION imaging_project_patients_changed();
CREATE TRIGGER imaging_projectpatient_delete AFTER DELETE ON imaging_projectpatient
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION imaging_project_patients_changed();

CREATE FUNCTION imaging_scope_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(701728, NEW.partition_id::int);
    PERFORM imaging_follow_studies(ARRAY(
        SELECT NEW.object_id WHERE NEW.kind = 'study'
        UNION SELECT id FROM imaging_study
        WHERE NEW.kind = 'patient' AND linked_patient_id = NEW.object_id
        UNION SELECT study_id FROM imaging_projectstudy
        WHERE NEW.kind = 'project' AND project_id = NEW.object_id
        UNION SELECT study.id FROM imaging_study AS study
        JOIN imaging_projectpatient AS member
        ON member.patient_id = study.linked_patient_id
        WHERE NEW.kind = 'project' AND member.project_id = NEW.object_id));
    RETURN NULL;
END $$;
CREATE TRIGGER imaging_scope_made AFTER INSERT ON core_scope
    FOR EACH ROW EXECUTE FUNCTION imaging_scope_made();
"""
NO_CHANGES = """
DROP FUNCTION imaging_scope_made() CASCADE;
DROP FUNCTION imaging_project_patients_changed() CASCADE;
DROP FUNCTION imaging_project_studies_changed() CASCADE;
"""


class Migration(migrations.Migration):
    """What the database itself guarantees, whoever writes."""

    dependencies: ClassVar = [("imaging", "0009_projects"), ("core", "0005_grants")]
    operations: ClassVar = [
        migrations.RunSQL(GO_WITH_STUDY, STAY),
        migrations.RunSQL(FOLLOW, UNFOLLOW),
        migrations.RunSQL(CHANGES, NO_CHANGES),
    ]
