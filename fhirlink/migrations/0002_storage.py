"""How PostgreSQL lays out the tables of resources."""

from django.db import migrations

# Bodies are compressed already. A version's row stays in one piece up to a page, so
# that one look gives it. Resources are updated: room for that within the page.
FORWARD = """
ALTER TABLE fhirlink_resourceversion SET (toast_tuple_target = 8160);
ALTER TABLE fhirlink_resourceversion ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE fhirlink_resource SET (fillfactor = 90);
"""


class Migration(migrations.Migration):
    """Storage parameters: they change no data."""

    dependencies = [("fhirlink", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
