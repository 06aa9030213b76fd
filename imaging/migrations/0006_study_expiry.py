from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('imaging', '0005_immediate_constraints'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='expires_at',
            field=models.DateTimeField(blank=True, help_text='When the study is deleted; the last store into it says so.', null=True),
        ),
        migrations.AddIndex(
            model_name='study',
            index=models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at', 'id'], name='imaging_study_expiry'),
        ),
    ]
