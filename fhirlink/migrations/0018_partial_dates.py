"""Whose dates are partial is in an index."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Adds it."""

    dependencies: ClassVar = [("fhirlink", "0017_words_of_events")]
    operations: ClassVar = [
        migrations.AddIndex(
            "event",
            models.Index(
                fields=["patient"],
                condition=Q(start_first__lt=F("start_last"))
                | Q(end_first__lt=F("end_last")),
                name="fhirlink_event_partial",
            ),
        )
    ]
