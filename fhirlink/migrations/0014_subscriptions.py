"""Who is told of what changes, and of what."""

import django.db.models.deletion
import imaging.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ('core', '0014_saved_views'),
        ('fhirlink', '0013_remote'),
    ]

    operations = [
        migrations.CreateModel(
            name='SubscriptionChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fhir_id', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('version', models.BigIntegerField()),
                ('owner', models.TextField()),
                ('type', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='', help_text='The type of its criteria; empty until it was read.')),
                ('state', models.TextField(choices=[('requested', 'Requested'), ('active', 'Active'), ('error', 'Error'), ('off', 'Off')], db_default='requested', default='requested')),
                ('failures', models.IntegerField(db_default=0, default=0)),
                ('retry_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('partition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='core.partition')),
            ],
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField()),
                ('type', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('fhir_id', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='')),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='fhirlink.subscriptionchannel')),
            ],
        ),
        migrations.AddConstraint(
            model_name='subscriptionchannel',
            constraint=models.UniqueConstraint(fields=('partition', 'fhir_id'), name='fhirlink_channel_id'),
        ),
        migrations.AddConstraint(
            model_name='subscriptionchannel',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['requested', 'active', 'error', 'off'])), name='fhirlink_channel_state'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('channel', 'version'), name='fhirlink_notification_once'),
        ),
    ]
