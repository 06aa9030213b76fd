"""What PostgreSQL needs to choose well among values of workitems."""

from typing import ClassVar

from django.db import migrations

# Of texts alone it would not know that each is of an attribute or two: by independence,
# what half of all have would seem to be what a hundredth has.
TOGETHER = """
CREATE STATISTICS worklist_workitemvalue_of_path (dependencies, mcv)
    ON path, text FROM worklist_workitemvalue;
ALTER STATISTICS worklist_workitemvalue_of_path SET STATISTICS 1000;
ANALYZE worklist_workitemvalue;
"""
APART = "DROP STATISTICS worklist_workitemvalue_of_path;"


class Migration(migrations.Migration):
    """Statistics of path and text together."""

    dependencies: ClassVar = [("worklist", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(TOGETHER, APART)]
