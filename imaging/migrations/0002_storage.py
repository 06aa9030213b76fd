"""How PostgreSQL lays out the hot tables."""

from django.db import migrations

# Metadata is compressed already: a second attempt costs time and gains nothing. A
# version's row stays in one piece up to a page, so that a series' metadata is read
# from consecutive pages. A frame table is read in slices, which needs EXTERNAL too.
# Study and series rows are updated by each store: room for updates within the page.
FORWARD = """
ALTER TABLE imaging_instanceversion SET (toast_tuple_target = 8160);
ALTER TABLE imaging_instanceversion ALTER COLUMN metadata SET STORAGE EXTERNAL;
ALTER TABLE imaging_instanceversion ALTER COLUMN frames SET STORAGE EXTERNAL;
ALTER TABLE imaging_study SET (fillfactor = 80);
ALTER TABLE imaging_series SET (fillfactor = 80);
"""


class Migration(migrations.Migration):
    """Storage parameters: they change no data."""

    dependencies = [("imaging", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
