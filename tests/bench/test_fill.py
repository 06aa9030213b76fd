from collections import Counter
from dataclasses import replace
from typing import Final

import pytest

from bench.client import WrongAnswer
from bench.fill import Press, fill, values_of
from bench.inside import Side, ask, compare
from bench.population import SERIES_SIZES, WHOLE, Population, Study
from bench.questions import PATIENT, Who, questions, studies_seen, visible
from bench.stamp import Cut
from bench.template import Kind, template_bytes
from core import partitions
from core.database import raw_connection
from core.models import FeedEntry
from imaging.models import Instance, Patient
from imaging.receive import Incoming, Received
from tests.actors import ALL_VERBS, acting
from tests.crash.rebuild import check_rebuild

POPULATION: Final = Population(30)
SPREAD: Final = Population(30, number_of_partitions=10)
ADMIN: Final = acting(None, "test", ALL_VERBS)
FILE: Final = Cut(template_bytes(Kind.SMALL))


def read(content: bytes) -> Received:
    incoming = Incoming()
    incoming.write(content)
    received = incoming.finish()
    assert isinstance(received, Received)
    received.durable.result()
    received.discard()
    return received


def file_of(study: Study, uid: str, number: int) -> bytes:
    values = values_of(study)
    values["sop_instance_uid"] = uid.encode()
    values["instance_number"] = f"{number:<6}".encode()
    values["patient_name"] = values["patient_name"].ljust(32)
    values["modality"] = values["modality"].ljust(8)
    return FILE.filled(values)


@pytest.mark.parametrize("number", [3, 4, 5])
def test_a_stamped_instance_is_what_is_received_from_its_file(number: int) -> None:
    study = list(POPULATION.studies())[number]

    for place, stamped in enumerate(Press().instances(study), 1):
        from_file = read(file_of(study, stamped.instance.sop_instance_uid, place))
        assert from_file == replace(
            stamped,
            blob_key=from_file.blob_key,
            durable=from_file.durable,
            sha256=from_file.sha256,
        )


def test_the_rows_of_a_fill_are_what_a_rebuild_gives(committing: None) -> None:
    assert fill(POPULATION) == POPULATION.number_of_instances

    assert list(check_rebuild(raw_connection().psycopg)) == []
    assert Instance.objects.count() == POPULATION.number_of_instances
    told = FeedEntry.objects.filter(kind="instance", op="create")
    assert told.count() == POPULATION.number_of_instances
    assert Patient.objects.count() == 25 + len(SERIES_SIZES)


def test_a_fill_goes_on_where_it_ended(committing: None) -> None:
    first = fill(SPREAD, share=0, shares=2)

    assert 0 < first < SPREAD.number_of_instances
    assert fill(SPREAD) == SPREAD.number_of_instances - first
    assert fill(SPREAD) == 0


def test_every_question_is_answered_right(committing: None) -> None:
    fill(POPULATION)

    for row, asked in questions(POPULATION, page=20).items():
        assert len(asked) == 1 or len(asked) > 2, row
        for question in asked:
            ask(question, actor=ADMIN, partition=WHOLE)


def test_a_question_is_not_answered_by_half_a_population(committing: None) -> None:
    fill(Population(3))

    unlike = 0
    for question in questions(POPULATION)[PATIENT]:
        try:
            ask(question, actor=ADMIN, partition=WHOLE)
        except WrongAnswer:
            unlike += 1
    assert unlike >= 22


@pytest.mark.parametrize("number_of_studies", [250, 5000])
def test_a_search_finds_as_much_in_a_population_of_any_size(
    number_of_studies: int,
) -> None:
    studies = list(Population(number_of_studies).studies())
    for attribute, most in (("patient_id", 2), ("study_date", 4), ("family_name", 12)):
        found = Counter(getattr(study, attribute) for study in studies)
        assert max(found.values()) <= most
        assert len(studies) / len(found) > most / 3
    assert len({study.study_instance_uid for study in studies}) == number_of_studies


def test_a_member_sees_a_tenth_of_what_is_spread() -> None:
    population = Population(5000, number_of_partitions=1000)

    names = visible(population, Who.MEMBER)

    assert names is not None
    assert len(set(names)) == 100
    assert len(studies_seen(population, names)) == pytest.approx(500, abs=5)


def test_the_cost_of_each_row_is_measured_on_both_sides(committing: None) -> None:
    population = Population(12)
    fill(population)
    asked = questions(population, page=10)
    sides = [Side(partitions.forget, ADMIN, WHOLE, asked) for _ in range(2)]

    rows = compare(sides, seconds=0.02, rounds=2)

    assert list(rows) == list(questions(population))
    for costs in rows.values():
        assert isinstance(costs, list)
        for cost in costs:
            assert cost["statements"] == 2  # the search, and its line in the audit log
            assert cost["searches"] >= 2  # one each round
            assert 0 < cost["p50_ms"] <= cost["p95_ms"]


def test_a_wrong_answer_is_no_cost(committing: None) -> None:
    fill(Population(3))
    side = Side(partitions.forget, ADMIN, WHOLE, questions(Population(12)))

    rows = compare([side], seconds=0.02, rounds=1)

    assert all(str(costs).startswith("WrongAnswer: ") for costs in rows.values())
