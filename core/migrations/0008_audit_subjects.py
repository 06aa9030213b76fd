"""Audit rows name patients and studies, the query, and through what somebody acted."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

CHAIN = """
-- As before, with the columns that have come since. Rows from before keep their hashes:
-- their patients are NULL, those of new rows never are.
CREATE OR REPLACE FUNCTION core_chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT record.sequence, record.hash INTO NEW.sequence, NEW.previous_hash
        FROM core_auditrecord AS record WHERE record.writer = NEW.writer
        ORDER BY record.sequence DESC LIMIT 1;
    NEW.sequence := coalesce(NEW.sequence, 0) + 1;
    NEW.previous_hash := coalesce(NEW.previous_hash, ''::bytea);
    NEW.patients := coalesce(NEW.patients, '{}');
    NEW.studies := coalesce(NEW.studies, '{}');
    NEW.hash := sha256(NEW.previous_hash || convert_to(json_build_array(
        NEW.writer, NEW.sequence, (extract(epoch FROM NEW.at) * 1000000)::bigint,
        NEW.actor, NEW.account_id, NEW.action, NEW.outcome, NEW.partition_id,
        NEW.patient_id, NEW.study_instance_uid, NEW.detail, NEW.source,
        NEW.request_id, NEW.via, NEW.query, array_to_string(NEW.patients, ','),
        array_to_string(NEW.studies, ','))::text, 'UTF8'));
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    """Indexes end with time and key: the order of pages."""

    dependencies: ClassVar = [
        ('core', '0007_accounts'),
    ]

    operations: ClassVar = [
        migrations.AlterModelOptions(
            name='auditrecord',
            options={'ordering': ['-at', '-id']},
        ),
        migrations.RemoveIndex(
            model_name='auditrecord',
            name='core_auditrecord_at',
        ),
        migrations.RemoveIndex(
            model_name='auditrecord',
            name='core_auditrecord_patient',
        ),
        migrations.RemoveIndex(
            model_name='auditrecord',
            name='core_auditrecord_study',
        ),
        migrations.AddField(
            model_name='auditrecord',
            name='patients',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='Keys of the patients whose data were given, where several may be.', null=True, size=None),
        ),
        migrations.AddField(
            model_name='auditrecord',
            name='query',
            field=models.TextField(blank=True, db_default='', help_text='What was asked for, in its words.'),
        ),
        migrations.AddField(
            model_name='auditrecord',
            name='studies',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='The studies among what was given that have no patient.', null=True, size=None),
        ),
        migrations.AddField(
            model_name='auditrecord',
            name='via',
            field=models.TextField(blank=True, db_default='', help_text="With which token, by session, or by which operation of the actor's."),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='detail',
            field=models.TextField(blank=True, help_text='What was done, and how much.'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['at', 'id'], name='core_auditrecord_at'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['actor', 'at', 'id'], name='core_auditrecord_actor'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['action', 'at', 'id'], name='core_auditrecord_action'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['source', 'at', 'id'], name='core_auditrecord_source'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['partition_id', 'at', 'id'], name='core_auditrecord_partition'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(condition=models.Q(('outcome__gt', 0)), fields=['outcome', 'at', 'id'], name='core_auditrecord_failure'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(condition=models.Q(('request_id', ''), _negated=True), fields=['request_id', 'at', 'id'], name='core_auditrecord_request'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(condition=models.Q(('patient_id', ''), _negated=True), fields=['partition_id', 'patient_id', 'at', 'id'], name='core_auditrecord_patient'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(condition=models.Q(('study_instance_uid', ''), _negated=True), fields=['study_instance_uid', 'at', 'id'], name='core_auditrecord_study'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('patients__gt', [])), fields=['patients'], gin_pending_list_limit=16384, name='core_auditrecord_patients'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('studies__gt', [])), fields=['studies'], name='core_auditrecord_studies'),
        ),
        migrations.RunSQL(CHAIN, migrations.RunSQL.noop),
    ]
