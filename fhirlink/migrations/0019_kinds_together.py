"""What PostgreSQL needs to choose well among events of a kind and a code."""

from typing import ClassVar

from django.db import migrations

# Of columns alone it would not know that a code is one of a kind: by independence, what
# a fifth of all patients have would seem to be what one of five hundred has, and they
# would be looked up one by one.
TOGETHER = """
CREATE STATISTICS fhirlink_event_of_kind (dependencies, mcv)
    ON partition_id, kind, code FROM fhirlink_event;
ALTER STATISTICS fhirlink_event_of_kind SET STATISTICS 1000;
ANALYZE fhirlink_event;
"""
APART = "DROP STATISTICS fhirlink_event_of_kind;"


class Migration(migrations.Migration):
    """Statistics of columns together."""

    dependencies: ClassVar = [("fhirlink", "0018_partial_dates")]

    operations: ClassVar = [migrations.RunSQL(TOGETHER, APART)]
