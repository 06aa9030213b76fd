"""Servers of others, and what waits for them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import imaging.models.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Four tables."""

    dependencies = [
        ('core', '0014_saved_views'),
        ('fhirlink', '0012_inactive_identities'),
    ]

    operations = [
        migrations.CreateModel(
            name='RemoteServer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(db_index=False, max_length=64)),
                ('base_url', models.TextField(help_text='Base address: https://host.example/fhir')),
                ('auth', models.TextField(choices=[('none', 'None'), ('bearer', 'a token'), ('smart', 'SMART backend services')], default='none')),
                ('secret', models.TextField(blank=True, default='', help_text='Hidden: the token, or the private key.')),
                ('token_url', models.TextField(blank=True, default='', help_text='SMART: who gives tokens.')),
                ('client_id', models.TextField(blank=True, default='', help_text='SMART: who we are.')),
                ('key_id', models.TextField(blank=True, default='', help_text='SMART: kid of the key that it knows.')),
                ('scope', models.TextField(blank=True, default='system/*.*', help_text='SMART.')),
                ('types_out', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Types that are sent.', size=None)),
                ('types_in', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='Types that are taken.', size=None)),
                ('overwrites_patients', models.BooleanField(default=False, help_text='Whether Patients that the other side made are written.')),
                ('is_enabled', models.BooleanField(default=True)),
                ('namespace', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('failures', models.IntegerField(default=0, help_text='In a row, of the server.')),
                ('retry_at', models.DateTimeField(help_text='Not asked before then.', null=True)),
                ('error', models.TextField(default='', help_text='What the server failed with.')),
                ('answered_at', models.DateTimeField(null=True)),
                ('lease', models.UUIDField(help_text='Of the worker that talks to it.', null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('partition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='core.partition')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RemoteResource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('fhir_id', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('remote_id', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('is_ours', models.BooleanField()),
                ('etag', models.TextField(default='')),
                ('ours', models.BinaryField(default=b'')),
                ('theirs', models.BinaryField(default=b'')),
                ('names', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('at', models.DateTimeField(auto_now=True)),
                ('server', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='fhirlink.remoteserver')),
            ],
        ),
        migrations.CreateModel(
            name='OutboxItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('fhir_id', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('version', models.BigIntegerField()),
                ('state', models.TextField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('dead', 'Dead')], db_default='waiting', default='waiting')),
                ('attempts', models.IntegerField(db_default=0, default=0)),
                ('next_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('error', models.TextField(db_default='', default='')),
                ('queued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('sent_at', models.DateTimeField(null=True)),
                ('server', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='fhirlink.remoteserver')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='InboundCursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('since', models.DateTimeField(null=True)),
                ('next_url', models.TextField(default='')),
                ('deletions_since', models.DateTimeField(null=True)),
                ('has_history', models.BooleanField(default=True)),
                ('caught_up_at', models.DateTimeField(help_text='All was taken then.', null=True)),
                ('error', models.TextField(default='')),
                ('server', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='fhirlink.remoteserver')),
            ],
            options={
                'ordering': ['server', 'type'],
            },
        ),
        migrations.AddConstraint(
            model_name='remoteserver',
            constraint=models.UniqueConstraint(fields=('name',), name='fhirlink_remoteserver_name'),
        ),
        migrations.AddConstraint(
            model_name='remoteserver',
            constraint=models.CheckConstraint(condition=models.Q(('auth__in', ['none', 'bearer', 'smart'])), name='fhirlink_remoteserver_auth'),
        ),
        migrations.AddConstraint(
            model_name='remoteresource',
            constraint=models.UniqueConstraint(fields=('server', 'type', 'fhir_id'), name='fhirlink_remote_here'),
        ),
        migrations.AddConstraint(
            model_name='remoteresource',
            constraint=models.UniqueConstraint(fields=('server', 'type', 'remote_id'), name='fhirlink_remote_there'),
        ),
        migrations.AddIndex(
            model_name='outboxitem',
            index=models.Index(condition=models.Q(('state', 'sent'), _negated=True), fields=['server', 'state', 'next_at', 'version'], name='fhirlink_outboxitem_open'),
        ),
        migrations.AddConstraint(
            model_name='outboxitem',
            constraint=models.UniqueConstraint(fields=('server', 'type', 'fhir_id'), name='fhirlink_outboxitem_of'),
        ),
        migrations.AddConstraint(
            model_name='outboxitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sent', 'dead'])), name='fhirlink_outboxitem_state'),
        ),
        migrations.AddConstraint(
            model_name='inboundcursor',
            constraint=models.UniqueConstraint(fields=('server', 'type'), name='fhirlink_inboundcursor_type'),
        ),
    ]
