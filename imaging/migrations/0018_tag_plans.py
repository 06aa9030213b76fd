"""What PostgreSQL needs to choose well among values of query tags, and below studies."""

from typing import ClassVar

from django.db import migrations, models

# Of values alone it would not know that each is of a tag or two: by independence, what
# half of all have would seem to be what a hundredth has.
TOGETHER = """
CREATE STATISTICS imaging_tagvalue_of_tag (dependencies, mcv)
    ON tag_id, text FROM imaging_tagvalue;
ANALYZE imaging_tagvalue;
"""
APART = "DROP STATISTICS imaging_tagvalue_of_tag;"


class Migration(migrations.Migration):
    """Statistics, and indexes in an order, or with a key, that serves pages."""

    dependencies: ClassVar = [("imaging", "0017_words")]

    operations: ClassVar = [
        migrations.RemoveIndex("tagvalue", "imaging_tagvalue_of_row"),
        migrations.AddIndex(
            "tagvalue",
            models.Index(fields=["tag_id", "row_id"], name="imaging_tagvalue_of_row"),
        ),
        migrations.RemoveConstraint("series", "imaging_series_uid"),
        migrations.AddConstraint(
            "series",
            models.UniqueConstraint(
                fields=["study", "series_instance_uid"],
                include=["id"],
                name="imaging_series_uid",
            ),
        ),
        migrations.RunSQL(TOGETHER, APART),
    ]
