"""Sessions of an account that have been ended, and that processes hear of it."""

from typing import ClassVar

from django.db import migrations, models

COLUMNS = "username, password, is_active, is_superuser, only_granted"
TRIGGER = """
DROP TRIGGER core_account_access ON core_account;
CREATE TRIGGER core_account_access AFTER DELETE OR UPDATE OF {columns}
    ON core_account FOR EACH STATEMENT EXECUTE FUNCTION core_access_changed();
"""


class Migration(migrations.Migration):
    """A session keeps what the moment makes of it: an older one is over."""

    dependencies: ClassVar = [("core", "0009_admin_lists")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="account",
            name="sessions_ended_at",
            field=models.DateTimeField(
                editable=False,
                help_text="All sessions from before are over.",
                null=True,
            ),
        ),
        migrations.RunSQL(
            TRIGGER.format(columns=f"{COLUMNS}, sessions_ended_at"),
            TRIGGER.format(columns=COLUMNS),
        ),
    ]
