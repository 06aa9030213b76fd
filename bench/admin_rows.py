"""A million rows for each list of the admin, written past all triggers."""

from typing import Final

from django.db import connection, transaction

MARK: Final = "bench-"
"""What the names of all rows begin with that have one."""

_PARTITION: Final = (
    "(SELECT array_agg(id ORDER BY id) FROM core_partition)"
    "[1 + n % (SELECT count(*) FROM core_partition)]"
)
_NAMED: Final = {
    "core_account": (
        "(password, is_superuser, username, first_name, last_name, email, is_staff,"
        " is_active, date_joined, only_granted, issuer, subject)"
        " SELECT '', false, 'bench-' || n, '', 'Name' || n % 5000,"
        " 'bench-' || n || '@example.org', false, n % 100 > 0, now(), false, '', ''"
    ),
    "core_account_groups": (
        "(account_id, group_id) SELECT account.id, (SELECT min(id) FROM auth_group)"
        " FROM (SELECT id FROM core_account WHERE username LIKE 'bench-%') AS account,"
        " generate_series(1, 1)"
    ),
    "core_token": (
        "(account_id, name, digest, created_at, revoked_at)"
        " SELECT (SELECT min(id) FROM core_account) + n % 1000, 'bench-' || n,"
        " sha256(('bench-' || n)::bytea), now(), CASE WHEN n % 2 = 0 THEN now() END"
    ),
    "core_signinfailures": (
        "(kind, digest, label, number, since) SELECT 'address',"
        " sha256(('bench-' || n)::bytea), CASE WHEN n % 2 = 0 THEN 'bench-' || n"
        " ELSE '' END, n % 200, now() - n * interval '1 ms'"
    ),
    "core_scope": (
        "(kind, object_id, partition_id) SELECT 'study', 1000000000 + n,"
        " (SELECT min(id) FROM core_partition)"
    ),
    "core_accountgrant": (
        "(permission_id, user_id, content_object_id, granted_at, granted_by, reason)"
        " SELECT (SELECT id FROM auth_permission WHERE codename = 'see_scope'),"
        " (SELECT min(id) FROM core_account) + n % 1000,"
        " (SELECT max(id) FROM core_scope) - n, now(), 'bench-', 'bench-' || n"
    ),
    "core_groupgrant": (
        "(permission_id, group_id, content_object_id, granted_at, granted_by, reason)"
        " SELECT (SELECT id FROM auth_permission WHERE codename = 'see_scope'),"
        " (SELECT min(id) FROM auth_group) + n % 5,"
        " (SELECT max(id) FROM core_scope) - n, now(), 'bench-', 'bench-' || n"
    ),
    "core_deadletter": (
        "(follower, seq, error, attempts, first_at, last_at)"
        " SELECT CASE WHEN n % 2 = 0 THEN 'usage' ELSE 'other' END, n, 'bench-' || n,"
        " 1, now(), now()"
    ),
    "core_operation": (
        "(id, kind, state, percent, actor, parameters, progress, error,"
        " number_of_errors, created_at, updated_at, attempt,"
        " attempts_without_progress, cancel_requested)"
        " SELECT gen_random_uuid(), 'import', CASE WHEN n % 1000 = 0 THEN 'failed'"
        " ELSE 'succeeded' END, 100, 'bench-' || n, '{}', '{}', '', 0,"
        " now() - n * interval '1 s', now(), 1, 0, false"
    ),
    "core_auditrecord": (
        "(at, actor, action, outcome, partition_id, patient_id, study_instance_uid,"
        " detail, source, request_id, writer, sequence, previous_hash, hash, patients,"
        " studies) SELECT now() - n * interval '7 s', 'bench-' || n % 10000,"
        " CASE WHEN n % 10000 = 0 THEN 'export' ELSE 'retrieve' END,"
        " CASE WHEN n % 1000 = 0 THEN 4 ELSE 0 END, n % 1000, 'P' || n % 200000,"
        " '1.2.' || n % 300000, '', '10.0.' || n % 250 || '.5', 'bench-' || n,"
        " 'bench-', n, '', '', '{}', '{}'"
    ),
    "imaging_patient": (
        "(partition_id, patient_id, issuer_of_patient_id)"
        f" SELECT {_PARTITION}, 'bench-' || n,"
        " CASE WHEN n % 10 = 0 THEN 'bench-' || n % 100 ELSE '' END"
    ),
    "imaging_project": (
        "(partition_id, name, description, created_at)"
        " SELECT (SELECT min(id) FROM core_partition), 'bench-' || n, '', now()"
    ),
    "imaging_usage": (
        "(partition_id, day, instances_stored, instances_replaced, instances_deleted,"
        " bytes_stored, bytes_freed, instances_held, bytes_held)"
        f" SELECT {_PARTITION},"
        " current_date - 1 - (n / 1000)::int, 1, 1, 1, 1, 1, 1, 1"
    ),
    "fhirlink_resource": (
        "(partition_id, type, fhir_id, version_id, number, updated_at, is_deleted,"
        f" terms) SELECT {_PARTITION}, CASE WHEN n % 10000 = 0 THEN 'Patient'"
        " ELSE 'Observation' END, 'bench-' || n, -n, 1, now(), n % 10 = 0, '{}'"
    ),
    "fhirlink_linkconflict": (
        "(partition_id, study_instance_uid, kind, detail, found_at, resolved_at,"
        f" resolved_by, resolution) SELECT {_PARTITION}, '1.2.' || n,"
        " CASE WHEN n % 10000 = 0 THEN 'several' ELSE 'unlinked' END, '{}', now(),"
        " CASE WHEN n % 2 = 0 THEN now() END, '', ''"
    ),
    "fhirlink_linkdecision": (
        "(partition_id, action, first, second, actor, reason, decided_at, undone_by)"
        f" SELECT {_PARTITION}, 'split', 'bench-' || n, '', 'bench-', '', now(), ''"
    ),
    "imaging_freedblob": "(blob_key, freed_at) SELECT 'bench-' || n, now()",
}
"""What is written into each table, for the numbers n."""


def fill(rows: int) -> None:
    """Add rows to all tables, once."""
    for table, words in _NAMED.items():
        if _is_filled(table, rows):
            continue
        numbers = f" FROM generate_series(1, {rows}) AS n"
        end = "" if " FROM (" in words else numbers
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"INSERT INTO {table} {words}{end} ON CONFLICT DO NOTHING")
            number = cursor.rowcount
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            print(f"{table}: {number:,} rows more", flush=True)
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _is_filled(table: str, rows: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return bool(cursor.fetchone()[0] >= rows)
