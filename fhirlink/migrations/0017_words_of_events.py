"""Words of events are indexed folded, of letters and digits alone."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from fhirlink.events.words import Words

INDEXES = (
    ("coding", "display", "fhirlink_coding_words"),
    ("concept", "display", "fhirlink_concept_words"),
    ("eventtext", "text", "fhirlink_eventtext_words"),
)


class Migration(migrations.Migration):
    """Makes the three indexes anew."""

    dependencies: ClassVar = [("fhirlink", "0016_documents_of_studies")]
    operations: ClassVar = [
        *(migrations.RemoveIndex(model, name) for model, _, name in INDEXES),
        *(
            migrations.AddIndex(model, GinIndex(Words(column), name=name))
            for model, column, name in INDEXES
        ),
    ]
