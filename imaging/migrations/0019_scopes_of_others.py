"""Rows of scopes that lead to studies by other ways than imaging's stay as they are.

What a worklist leads to, the worklist itself keeps (its migration of named studies).
"""

from typing import ClassVar

from django.db import migrations

_FOLLOW = """
CREATE OR REPLACE FUNCTION imaging_follow_studies(studies bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM core_scopedstudy AS seen USING imaging_study AS study
        WHERE seen.study_id = ANY(studies) AND study.id = seen.study_id
        AND seen.scope_id NOT IN (
            SELECT imaging_scopes_of(study.id, study.linked_patient_id)){ours};
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
"""
_OURS = """
        AND EXISTS (SELECT FROM core_scope AS scope WHERE scope.id = seen.scope_id
            AND scope.kind IN ('study', 'patient', 'project'))"""


class Migration(migrations.Migration):
    """The function of migration 0010, which looked at all scopes."""

    dependencies: ClassVar = [
        ("imaging", "0018_tag_plans"),
        ("core", "0015_worklist_scopes"),
    ]
    operations: ClassVar = [
        migrations.RunSQL(_FOLLOW.format(ours=_OURS), _FOLLOW.format(ours=""))
    ]
