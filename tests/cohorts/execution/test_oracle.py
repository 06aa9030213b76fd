"""Random criteria on random populations: SQL, Elasticsearch and plain Python agree."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cohorts.criteria import parse_criteria
from cohorts.execution.asking import count, found, prepare
from core import followers
from core.errors import Invalid
from fhirlink.text_index.follower import TextFollower
from tests.cohorts.execution.asked import NOW, answers
from tests.cohorts.execution.oracle import Oracle, Person
from tests.cohorts.execution.population import people, resources_of, studied
from tests.cohorts.execution.random_criteria import nodes, used_in
from tests.fhirlink.events.record import ACTOR, follow, put, rows

pytestmark = pytest.mark.django_db

Json = Any


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sql_and_plain_python_agree(seed: int) -> None:
    persons = studied(people(seed, 12))
    put(*resources_of(persons))
    follow()
    all_agree(persons)


@pytest.mark.peer("elasticsearch")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_elasticsearch_and_plain_python_agree(
    seed: int, text_index: TextFollower
) -> None:
    persons = studied(people(seed, 12))
    resources = list(resources_of(persons))
    told = 2 * len(resources) // 3
    put(*resources[:told])
    follow()
    followers.run_until_caught_up(text_index)
    put(*resources[told:])  # what the index has not been told
    follow()
    before = answers()
    all_agree(persons)
    assert (answers() - before).keys() == {"answered"}


def all_agree(persons: Sequence[Person]) -> None:
    """Hold what is found of random criteria against what plain Python finds."""
    names = dict(rows("SELECT patient, substr(name, 9) FROM fhirlink_patientidentity"))

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(nodes())
    def agree(where: Json) -> None:
        try:
            query = parse_criteria({"v": 1, "where": where})
        except Invalid:
            return
        oracle = Oracle(NOW, used_in(where))
        right = {each.id for each in persons if oracle.holds(where, each, {})}
        sure = {each.id for each in persons if oracle.holds(where, each, {}, True)}
        asked = prepare(actor=ACTOR, partition="default", criteria=query, now=NOW)
        with found(asked) as relation:
            who = rows(f"SELECT patient FROM {relation.patients}")
        assert {names[key] for (key,) in who} == right
        counted = count(asked)
        assert counted.total == len(right)
        assert counted.could == len(right - sure)
        left = [len(persons)]
        parts = where.get("all", [where])
        for at in range(1, len(parts) + 1):
            so_far = {"all": parts[:at]}
            oracle = Oracle(NOW, used_in(so_far))
            left.append(sum(oracle.holds(so_far, each, {}) for each in persons))
        assert [step.count for step in counted.attrition] == left

    agree()
