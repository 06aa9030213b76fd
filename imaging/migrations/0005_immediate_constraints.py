"""References are checked when a row is written, not at the commit."""

from django.db import migrations

# Django defers them. Then thousands would be checked while the commit holds the feed's
# lock and every other writer waits. They can still be deferred by name.
FORWARD = """
DO $$
DECLARE
    reference record;
BEGIN
    FOR reference IN
        SELECT conrelid::regclass AS place, conname AS name FROM pg_constraint
        WHERE contype = 'f' AND conrelid::regclass::text LIKE 'imaging\\_%'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY IMMEDIATE',
            reference.place, reference.name);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """No data and no rule changes, only when it is looked at."""

    dependencies = [("imaging", "0004_usage")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
