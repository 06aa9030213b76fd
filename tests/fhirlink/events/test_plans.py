"""What questions and time lines ask of the event table is answered by its indexes."""

import pytest
from django.db import connection

from core.partitions import get_or_create_partition
from tests.fhirlink.events.record import ACTOR, rows

pytestmark = pytest.mark.django_db

FILL = """
INSERT INTO fhirlink_event (partition_id, patient, identity, kind, part, code, category,
    start_first, start_last, is_counted, status, words)
SELECT %s, n %% 2000, n %% 2000, 1 + n %% 13, 0, n %% 97, n %% 5,
    DATE '2000-01-01' + n %% 9000, DATE '2000-01-01' + n %% 9000, true, 'final', ''
FROM generate_series(1, 40000) AS n
"""
LEAF = (
    "SELECT DISTINCT patient FROM fhirlink_event WHERE partition_id = %s AND kind = 1"
    " AND code = ANY('{3,4}') AND is_counted AND start_first <= '2010-12-31'"
    " AND start_last >= '2010-01-01'"
)
ONE = "SELECT id FROM fhirlink_event WHERE patient = 7"
MODALITY = (
    "SELECT patient FROM fhirlink_event WHERE partition_id = %s AND kind = 11"
    " AND category = 3 AND start_first <= '2010-12-31'"
)
AGE = (
    "SELECT id FROM fhirlink_clinicalpatient WHERE partition_id = %s"
    " AND birth_first < '1950-01-01'"
)


def plan(sql: str, *values: object) -> str:
    return "\n".join(row[0] for row in rows(f"EXPLAIN {sql}", *values))


def test_leaves_and_time_lines_read_the_index_that_is_made_for_them() -> None:
    partition = get_or_create_partition(actor=ACTOR, name="default")
    rows(f"{FILL} RETURNING 1", partition)
    rows(
        "INSERT INTO fhirlink_clinicalpatient (id, partition_id, birth_first,"
        " birth_last, gender, is_deceased) SELECT n, %s, DATE '1940-01-01' + n * 14,"
        " DATE '1940-01-01' + n * 14, 'male', false FROM generate_series(0, 1999) AS n"
        " RETURNING 1",
        partition,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE fhirlink_event, fhirlink_clinicalpatient")

    assert "Index Only Scan using fhirlink_event_leaf" in plan(LEAF, partition)
    assert "fhirlink_event_patient" in plan(ONE)
    assert "fhirlink_event_modality" in plan(MODALITY, partition)
    assert "fhirlink_clinicalpatient_born" in plan(AGE, partition)
