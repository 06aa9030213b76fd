"""What criteria ask is answered by the indexes that are made for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from cohorts.execution.concepts import _BY_WORDS
from cohorts.execution.running import executed
from cohorts.execution.statement import Sql
from cohorts.execution.steps import counting, finding
from core.database import lift_limit
from core.partitions import get_or_create_partition
from tests.cohorts.execution.asked import asked, event
from tests.fhirlink.events.record import ACTOR, rows

pytestmark = pytest.mark.django_db

# Of 97 codes of conditions; images have one of three modalities.
EVENTS = """
INSERT INTO fhirlink_event (partition_id, patient, identity, kind, part, code, category,
    start_first, start_last, is_counted, status, words)
SELECT %s, n %% 5000, n %% 5000, 1 + n %% 13, 0, n %% 97, 1000 + n %% 3,
    DATE '2000-01-01' + n %% 9000, DATE '2000-01-01' + n %% 9000, true, 'final', ''
FROM generate_series(1, 130000) AS n RETURNING 1
"""
PEOPLE = """
INSERT INTO fhirlink_clinicalpatient (id, partition_id, birth_first, birth_last, gender,
    is_deceased)
SELECT n, %s, DATE '1930-01-01' + n * 6, DATE '1930-01-01' + n * 6, 'male', false
FROM generate_series(0, 4999) AS n RETURNING 1
"""
CODES = """
WITH made AS (INSERT INTO fhirlink_codeableconcept (id, partition_id, digest)
    SELECT n, %s, decode(lpad(to_hex(n), 32, '0'), 'hex')
    FROM generate_series(0, 1002) AS n RETURNING id),
concept AS (INSERT INTO fhirlink_concept (system, code, display, is_loaded)
    SELECT 'http://dicom.nema.org/resources/ontology/DCM', code, '', false
    FROM unnest('{CT,MR,US}'::text[]) AS code RETURNING id, code)
INSERT INTO fhirlink_coding (codeable_concept_id, position, concept_id, display)
SELECT id, 0, NULL, 'word' || id FROM made WHERE id < 1000
UNION ALL SELECT 1000 + (row_number() OVER (ORDER BY code) - 1)::int, 0, id, ''
FROM concept RETURNING 1
"""
TEXTS = """
INSERT INTO fhirlink_eventtext (event_id, text)
SELECT id, 'Report ' || id || ' of word' || id %% 500 || ' and more' FROM fhirlink_event
WHERE kind = 7 RETURNING 1
"""


@pytest.fixture(scope="module")
def population(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Hold it for all tests, which only ask, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        lift_limit()  # of the web server, which another test of this process may load
        partition = get_or_create_partition(actor=ACTOR, name="default")
        for statement in (EVENTS, PEOPLE, CODES):
            rows(statement, partition)
        with connection.cursor() as cursor:
            cursor.execute(TEXTS.replace("%%", "%"))
            cursor.execute(
                "ANALYZE fhirlink_event, fhirlink_clinicalpatient, fhirlink_eventtext,"
                " fhirlink_coding, fhirlink_codeableconcept"
            )
        yield
        transaction.set_rollback(True)


def plan(where: dict[str, Any], *, of: Any = finding) -> str:
    statement = of(asked(where))
    return explained(statement)


def explained(statement: Sql) -> str:
    found = executed(Sql(f"EXPLAIN {statement.text}", statement.values))
    return "\n".join(line for (line,) in found)


def test_a_leaf_of_a_code_is_read_from_the_index_alone(population: None) -> None:
    text = plan(event("condition", "word7"))

    assert "Index Only Scan using fhirlink_event_leaf" in text
    assert "Seq Scan on fhirlink_event " not in text


def test_what_is_near_a_rare_event_is_read_by_patient(population: None) -> None:
    near = {"near": "a", "from": "P0D", "to": "P30D"}
    text = plan(
        {
            "all": [
                event("condition", "word7", as_="a", when={"from": "2024", "to": None}),
                event("condition", "word9", when=near),
            ]
        }
    )

    assert "fhirlink_event_leaf" in text
    assert "Seq Scan on fhirlink_event " not in text


def test_a_modality_a_window_and_an_age_have_indexes(population: None) -> None:
    last = {"last": "P60D"}
    old = {"patient": {"age": {"gt": 95}}}
    text = plan({"all": [event("imaging", modality=["CT"], when=last), old]})

    assert "Seq Scan on fhirlink_event " not in text
    assert "fhirlink_clinicalpatient_born" in text


def test_what_is_not_is_an_anti_join_and_numbers_are_grouped_once(
    population: None,
) -> None:
    missing = plan({"not": event("condition", "word7")})
    many = plan(event("condition", "word7", count={"gte": 2}))

    assert "Anti Join" in missing
    assert "SubPlan" not in missing
    assert "GroupAggregate" in many or "HashAggregate" in many
    assert "SubPlan" not in many


def test_words_of_texts_and_displays_are_found_by_their_index(population: None) -> None:
    text = plan(event("report", text={"phrase": "of word77"}))
    partition = get_or_create_partition(actor=ACTOR, name="default")
    words = explained(Sql(_BY_WORDS, (partition, "word7", partition, "word7")))

    assert "fhirlink_eventtext_words" in text
    assert "fhirlink_coding_words" in words


def test_the_steps_of_attrition_are_one_statement_that_reads_each_leaf_once(
    population: None,
) -> None:
    text = plan(
        {"all": [event("condition", "word7"), event("condition", "word9")]}, of=counting
    )

    assert "Seq Scan on fhirlink_event " not in text
    assert text.count("  CTE left_") == 2
