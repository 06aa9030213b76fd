"""A Patient that images have made is found by its id."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """An index."""

    dependencies = [
        ("core", "0014_saved_views"),
        ("fhirlink", "0014_subscriptions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="madepatient",
            index=models.Index(
                fields=["partition", "fhir_id"], name="fhirlink_made_patient_fhir"
            ),
        ),
    ]
