"""Each search of the audit log reads an index, however many rows there are.

100,000 rows are enough for the planner to choose as it does for more: what a page costs
is then its own length, and for a patient or a study the number of its rows.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from core import audit_search
from core.audit import Action, Outcome
from core.audit_search import AuditFilter, matching

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def large(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Hold 100,000 rows of half a year, and statistics of them; no chains."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditrecord DISABLE TRIGGER USER")
        cursor.execute(_LARGE, [START])
        cursor.execute("ANALYZE core_auditrecord")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_auditrecord")
        cursor.execute("ALTER TABLE core_auditrecord ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({}, "core_auditrecord_at"),
        ({"since": START + timedelta(days=2), "until": START + timedelta(days=3)},
         "core_auditrecord_at"),
        ({"actor": "actor 5000"}, "core_auditrecord_actor"),
        ({"action": Action.EXPORT}, "core_auditrecord_action"),
        ({"outcome": Outcome.MINOR_FAILURE}, "core_auditrecord_failure"),
        ({"partition_id": 77}, "core_auditrecord_partition"),
        ({"study_instance_uid": "1.2.500"}, "core_auditrecord_study"),
        ({"study_instance_uid": "1.2.500"}, "core_auditrecord_studies"),
        ({"partition_id": 2, "patient_id": "P1"}, "core_auditrecord_patient"),
        ({"partition_id": 2, "patient_id": "P1"}, "core_auditrecord_patients"),
        ({"source": "10.0.0.5"}, "core_auditrecord_source"),
        ({"request_id": "request 500"}, "core_auditrecord_request"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("large")
def test_a_page_of_many_rows_comes_from_an_index(
    where: dict[str, Any], index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As `imaging` finds the keys of a patient.
    monkeypatch.setattr(audit_search, "_patient_keys", [lambda *_asked: [41, 42]])
    for rows in (matching(AuditFilter(**where)), _second_page(where)):
        plan = rows[:101].explain()
        assert f"{index} " in f"{plan} ".replace("\n", " "), plan
        assert "Seq Scan" not in plan, plan


def _second_page(where: dict[str, Any]) -> Any:
    after = audit_search._after(START + timedelta(days=90), 50_000)
    return matching(AuditFilter(**where)).filter(after)


_LARGE = """
INSERT INTO core_auditrecord (at, actor, action, outcome, partition_id, patient_id,
  study_instance_uid, detail, source, request_id, writer, sequence, previous_hash,
  hash, patients, studies)
SELECT %s + n * interval '150 seconds', 'actor ' || n %% 10000,
  CASE WHEN n %% 10000 = 0 THEN 'export' ELSE 'retrieve' END,
  CASE WHEN n %% 1000 = 0 THEN 4 ELSE 0 END, CASE WHEN n %% 5000 = 0 THEN 77
  ELSE n %% 3 END, 'P' || n %% 20000, '1.2.' || n %% 30000, '', '10.0.' || n %% 250
  || '.5', 'request ' || n, 'w', n, '', '',
  CASE WHEN n %% 10 = 0 THEN ARRAY[n %% 5000, n %% 7001] ELSE '{}' END,
  CASE WHEN n %% 100 = 0 THEN ARRAY['1.2.' || n] ELSE '{}' END
FROM generate_series(1, 100000) AS n
"""
