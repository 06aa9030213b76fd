"""Who is told of events of workitems, and a way to these in the feed."""

import django.db.models.deletion
import imaging.models.fields
from django.db import migrations, models


# A subscriber that comes back reads what concerns workitems, however many images were
# stored meanwhile.
IN_THE_FEED = """
CREATE INDEX core_feedentry_worklist ON core_feedentry (partition_id, seq)
    WHERE kind IN ('workitem', 'workitem_subscription');
"""
NOT_IN_THE_FEED = "DROP INDEX core_feedentry_worklist;"


class Migration(migrations.Migration):
    """Subscribers and subscriptions."""

    dependencies = [
        ('core', '0015_worklist_scopes'),
        ('worklist', '0002_values_together'),
    ]

    operations = [
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('aetitle', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='', max_length=16)),
                ('owner', models.TextField(help_text='As feed and audit log call who uses it.')),
                ('delivered_seq', models.BigIntegerField(help_text='All entries of the feed up to this number count as told.')),
                ('seen_at', models.DateTimeField(help_text='When its channel was open last; empty: never.', null=True)),
                ('holder', models.UUIDField(help_text='Of its channel that was opened last: no other one tells.', null=True)),
                ('partition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.partition')),
            ],
            options={
                'ordering': ['aetitle', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filter', imaging.models.fields.Text(blank=True, db_collation='C', db_default='', default='', help_text='Matching keys, as a query string; empty: none.')),
                ('is_on', models.BooleanField(default=True, help_text='Off: of this workitem nothing is told.')),
                ('deletion_lock', models.BooleanField(default=False, help_text='Whether workitems stay while it is there.')),
                ('is_made_by_filter', models.BooleanField(default=False)),
                ('from_seq', models.BigIntegerField(help_text='Entries of the feed after this number are told.')),
                ('initial_version', models.BigIntegerField(help_text='Of the state that is told first, where a filter made it.', null=True)),
                ('above', models.BigIntegerField(default=0, help_text='Key of a workitem.')),
                ('up_to', models.BigIntegerField(help_text='Key of a workitem; empty: all that are to come.', null=True)),
                ('subscriber', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='worklist.subscriber')),
                ('workitem', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='worklist.workitem')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.UniqueConstraint(fields=('partition', 'aetitle'), name='worklist_subscriber_aetitle'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(fields=['subscriber', 'id'], name='worklist_subscription_of'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(condition=models.Q(('workitem__isnull', False)), fields=('workitem', 'subscriber'), name='worklist_subscription_workitem'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(condition=models.Q(('filter', ''), ('workitem__isnull', True)), fields=('subscriber', 'above'), name='worklist_subscription_range'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(condition=models.Q(('filter', ''), _negated=True), fields=('subscriber', 'filter'), name='worklist_subscription_filter'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('workitem__isnull', True), ('filter', ''), _connector='OR'), name='worklist_subscription_of_one_kind'),
        ),
        migrations.RunSQL(IN_THE_FEED, NOT_IN_THE_FEED),
    ]
