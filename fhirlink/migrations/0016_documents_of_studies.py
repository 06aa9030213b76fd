"""Documents are linked with studies as reports are; who tells what is kept."""

import imaging.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns, and the constraint with one of them."""

    dependencies = [("fhirlink", "0015_made_patient_id")]

    operations = [
        migrations.AddField(
            model_name="linksource",
            name="is_suspended",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether Endpoints say that the service is out of use for"
                " now.",
            ),
        ),
        migrations.AddField(
            model_name="linkedstudy",
            name="of_record",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="Elements of its ImagingStudy that the record tells.",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="reportlink", name="fhirlink_report_link"
        ),
        migrations.AddField(
            model_name="reportlink",
            name="type",
            field=imaging.models.fields.Text(
                blank=True,
                db_collation="C",
                db_default="DiagnosticReport",
                default="DiagnosticReport",
                help_text="What it is.",
            ),
        ),
        migrations.AlterField(
            model_name="reportlink",
            name="report",
            field=imaging.models.fields.Text(
                blank=True,
                db_collation="C",
                db_default="",
                default="",
                help_text="Id of the report or document.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportlink",
            constraint=models.UniqueConstraint(
                fields=["partition", "type", "report", "study_instance_uid"],
                name="fhirlink_report_link",
            ),
        ),
    ]
