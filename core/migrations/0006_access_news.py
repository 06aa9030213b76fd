"""Triggers that notify web processes of whatever changes who may do what."""

from typing import ClassVar

from django.db import migrations

NOTIFY = """
CREATE FUNCTION core_access_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('access', '');
    RETURN NULL;
END $$;
CREATE TRIGGER core_account_access
    AFTER DELETE OR UPDATE OF username, password, is_active, is_superuser, only_granted
    ON core_account FOR EACH STATEMENT EXECUTE FUNCTION core_access_changed();
CREATE TRIGGER core_token_access
    AFTER DELETE OR UPDATE OF revoked_at, expires_at
    ON core_token FOR EACH STATEMENT EXECUTE FUNCTION core_access_changed();
CREATE TRIGGER core_account_groups_access AFTER INSERT OR UPDATE OR DELETE
    ON core_account_groups FOR EACH STATEMENT EXECUTE FUNCTION core_access_changed();
CREATE TRIGGER core_account_user_permissions_access AFTER INSERT OR UPDATE OR DELETE
    ON core_account_user_permissions
    FOR EACH STATEMENT EXECUTE FUNCTION core_access_changed();
CREATE TRIGGER auth_group_permissions_access AFTER INSERT OR UPDATE OR DELETE
    ON auth_group_permissions
    FOR EACH STATEMENT EXECUTE FUNCTION core_access_changed();
CREATE TRIGGER core_accountgrant_access AFTER INSERT OR UPDATE OR DELETE
    ON core_accountgrant FOR EACH STATEMENT EXECUTE FUNCTION core_access_changed();
CREATE TRIGGER core_groupgrant_access AFTER INSERT OR UPDATE OR DELETE
    ON core_groupgrant FOR EACH STATEMENT EXECUTE FUNCTION core_access_changed();
"""
STOP = "DROP FUNCTION core_access_changed() CASCADE;"


class Migration(migrations.Migration):
    """What the database itself tells, whoever writes."""

    dependencies: ClassVar = [
        ("core", "0005_grants"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations: ClassVar = [migrations.RunSQL(NOTIFY, STOP)]
