"""Counts of whoever may only count: of a real population, by all ways of asking."""

from datetime import timedelta
from itertools import permutations
from random import Random
from statistics import mean
from typing import Any, Final
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from cohorts.answers import disclosure, question_log
from cohorts.answers.charts import ChartName, charts_of_run
from cohorts.answers.counting import count_cohort
from cohorts.answers.found_runs import find_run
from cohorts.answers.reading import reading_of
from cohorts.answers.running import answer_cohort
from cohorts.models import CohortRun, CountedQuestion, ToldCount
from cohorts.tasks import forget_expired_runs
from core.access import Actor, Verb
from core.errors import Forbidden, Gone, TooMany
from core.models import Account, AuditRecord
from tests.actors import READING, acting
from tests.cohorts.execution.asked import NOW, event
from tests.fhirlink.events.record import ACTOR, follow, patient, put, resource

pytestmark = pytest.mark.django_db

Json = dict[str, Any]
MANY: Final = 120
TARGETS: Final = range(40, 60)
"""Patients of whom alone something happened on a day of their own."""


def day_of(number: int) -> str:
    return f"2025-{1 + number // 28:02}-{1 + number % 28:02}"


def gout(id_: str, who: str) -> Json:
    """Return the diagnosis, with a code: words of charts are those of codes."""
    coding = {"system": "http://snomed.info/sct", "code": "90560007", "display": "gout"}
    return resource(
        "Condition", id_, who, code={"coding": [coding]}, onsetDateTime="2024"
    )


@pytest.fixture
def ill() -> set[int]:
    """Return who of a population has the diagnosis; each has a visit on its day."""
    random = Random(7)
    found = {each for each in range(MANY) if random.random() < 0.5}
    record: list[Json] = []
    for each in range(MANY):
        who = f"p{each}"
        sex = "female" if each % 3 else "male"
        record += [
            patient(who, gender=sex, birthDate=f"{1940 + each % 60}-06-15"),
            resource("Procedure", f"v{each}", who, status="completed",
                     performedDateTime=day_of(each), code={"text": "visit"}),
            *([gout(f"d{each}", who)] if each in found else []),
        ]  # fmt: skip
    put(*record)
    follow()
    return found


@pytest.fixture
def counter() -> Actor:
    """Return somebody who may count, and not see who patients are."""
    account = Account.objects.create(username="carl")
    return acting(account.pk, "carl", {Verb.READ})


def count(actor: Actor, where: Json) -> Any:
    criteria = {"v": 1, "where": where}
    return count_cohort(actor=actor, partition="default", criteria=criteria, now=NOW)


def told(actor: Actor, where: Json) -> int | None:
    value: int | None = count(actor, where).total.value
    return value


GOUT: Final = event("condition", "gout")


def visited(first: int, last: int) -> Json:
    return event("procedure", "visit", when={"from": day_of(first), "to": day_of(last)})


def pairs_about(target: int, random: Random) -> list[tuple[Json, Json]]:
    """Return questions about whoever is ill, and the same without a target."""
    first, last = target - random.randint(5, 39), target + random.randint(5, 39)
    window, me = visited(first, last), visited(target, target)
    women = {"patient": {"gender": "female"}}
    apart = {"any": [visited(first, target - 1), visited(target + 1, last)]}
    return [
        ({"all": [window, GOUT]}, {"all": [window, GOUT, {"not": me}]}),
        ({"all": [GOUT, window]}, {"all": [apart, GOUT]}),
        (
            {"atleast": {"n": 2, "of": [window, GOUT]}},
            {"all": [{"atleast": {"n": 2, "of": [window, GOUT]}}, {"not": me}]},
        ),
        (
            {"any": [{"all": [apart, GOUT]}, {"all": [me, GOUT]}]},
            {"any": [{"all": [apart, GOUT]}, {"all": [me, GOUT, {"not": me}]}]},
        ),
        (
            {"all": [GOUT, {"any": [women, window]}]},
            {"all": [GOUT, {"any": [women, window]}, {"not": me}]},
        ),
    ]


def guesses(actor: Actor, ill: set[int], rounds: int = 5) -> list[bool]:
    """Return which guesses are right: of a thousand questions, in five rounds."""
    random = Random(3)
    right = []
    for target in TARGETS:
        differences = [
            (told(actor, one) or 2) - (told(actor, other) or 2)
            for _ in range(rounds)
            for one, other in pairs_about(target, random)
        ]
        right.append((mean(differences) > 0.5) == (target in ill))
    return right


@pytest.mark.timeout(600)
def test_a_thousand_overlapping_questions_tell_nothing_of_anybody(
    ill: set[int], counter: Actor, settings: Any
) -> None:
    settings.COHORT_QUESTIONS_A_DAY = 2_000
    assert all(guesses(ACTOR, ill, rounds=1))  # it is an attack
    # What everybody is guessed to be is right for those who are not.
    well = mean(target not in ill for target in TARGETS)
    assert mean(guesses(counter, ill)) == well
    values = ToldCount.objects.values_list("value", flat=True)
    assert {value % 5 for value in values if value is not None} == {0}
    assert min(value for value in values if value is not None) >= 5
    assert CountedQuestion.objects.filter(account__username="carl").count() > 800


def test_all_wordings_of_a_question_are_told_one_number(
    ill: set[int], counter: Actor
) -> None:
    parts = [visited(10, 90), GOUT, {"patient": {"gender": "female"}}]
    wordings: list[Json] = [{"all": list(each)} for each in permutations(parts)]
    wordings += [
        {"all": [parts[0], {"all": parts[1:]}]},
        {"not": {"any": [{"not": each} for each in parts]}},
        {"atleast": {"n": 3, "of": parts}},
        {"any": [{"all": parts}, {"all": parts}]},
    ]
    found = {told(counter, each) for each in wordings}
    assert len(found) == 1
    exact = told(ACTOR, wordings[0])
    assert exact is not None
    assert abs((found.pop() or 4) - exact) <= 9


def test_steps_and_few_and_nobody_are_told_alike(ill: set[int], counter: Actor) -> None:
    steps = [visited(0, 100), visited(0, 80), GOUT, visited(0, 20), visited(3, 6)]
    found = count(counter, {"all": steps})
    numbers = [step.number.value or 0 for step in found.attrition]
    assert numbers == sorted(numbers, reverse=True)
    assert {number % 5 for number in numbers} == {0}
    few = {"all": [visited(3, 6), {"patient": {"gender": "female"}}]}
    nobody = event("device")
    for where in (few, nobody):
        cell = count(counter, where).total
        assert (cell.value, cell.text, cell.is_protected) == (None, "<5", True)
    assert told(ACTOR, few) not in {None, 0}
    # Where no day is asked for, all know that none can be partial.
    assert count(counter, nobody).possible.value == 0
    assert count(counter, visited(0, 100)).possible.text == "<5"


def test_a_run_keeps_and_draws_what_was_told(ill: set[int], counter: Actor) -> None:
    criteria = {"v": 1, "where": {"patient": {"gender": "female"}}}
    run = answer_cohort(
        actor=counter, partition="default", criteria=criteria, now=NOW
    ).run
    exact = told(ACTOR, criteria["where"])  # type: ignore[arg-type]
    assert exact == 80
    assert run.is_protected
    assert run.number_of_patients == told(counter, criteria["where"])  # type: ignore[arg-type]
    assert abs((run.number_of_patients or 0) - exact) <= 9
    charts = charts_of_run(reading_of(counter, run.pk), list(ChartName))
    for bars in charts.values():
        for bar in bars:
            assert bar.number.is_protected
            assert bar.number.value
            assert bar.number.value % 5 == 0
            assert bar.of_all.value
            assert bar.of_all.value >= bar.number.value
    assert [bar.value for bar in charts[ChartName.GENDER]] == ["female"]
    assert charts[ChartName.CONDITION][0].label == "gout"
    again = charts_of_run(reading_of(counter, run.pk), list(ChartName))
    assert again == charts
    detail = AuditRecord.objects.filter(actor="carl", detail__contains="counted")
    assert {each.detail for each in detail} == {
        f"{run.number_of_patients} patients counted"
    }


def test_who_is_told_few_is_drawn_nothing(ill: set[int], counter: Actor) -> None:
    criteria = {"v": 1, "where": visited(0, 8)}
    run = answer_cohort(
        actor=counter, partition="default", criteria=criteria, now=NOW
    ).run
    charts = charts_of_run(reading_of(counter, run.pk), [ChartName.GENDER])
    assert charts == {ChartName.GENDER: []}


def test_an_answer_is_of_the_rights_that_it_was_asked_with(
    ill: set[int], counter: Actor
) -> None:
    clinician = acting(counter.account_id, "carl", READING)
    criteria = {"v": 1, "where": visited(0, 2)}
    exact = answer_cohort(
        actor=clinician, partition="default", criteria=criteria, now=NOW
    ).run
    assert exact.number_of_patients == 3
    with pytest.raises(Gone):
        find_run(actor=counter, run_id=exact.pk)
    told = answer_cohort(
        actor=counter, partition="default", criteria=criteria, now=NOW
    ).run
    assert (told.number_of_patients, told.is_protected) == (None, True)
    with pytest.raises(Gone):
        find_run(actor=clinician, run_id=told.pk)
    assert find_run(actor=counter, run_id=told.pk).run.pk == UUID(str(told.pk))


def test_births_are_counted_by_their_year(ill: set[int], counter: Actor) -> None:
    assert told(counter, {"patient": {"birth": {"gte": "1940", "lt": "1980"}}})
    for patient_ in (
        {"birth": {"eq": "1960-06-15"}},
        {"birth": {"gte": "1960-06"}},
        {"age": {"eq": 40, "at": "2024-06-15"}},
    ):
        where = {"any": [GOUT, {"not": {"patient": patient_}}]}
        assert told(ACTOR, where)
        with pytest.raises(Forbidden, match="year of a birth"):
            told(counter, where)


def test_questions_are_kept_once_a_day_and_limited(
    ill: set[int], counter: Actor, settings: Any
) -> None:
    settings.COHORT_QUESTIONS_A_DAY = 2
    assert count(counter, GOUT).looks == (1, 2)
    assert count(counter, {"all": [GOUT]}).looks == (1, 2)
    assert count(counter, visited(0, 50)).looks == (2, 2)
    with pytest.raises(TooMany, match="2 different questions") as refused:
        count(counter, visited(0, 51))
    assert 0 < refused.value.retry_after_s <= 86_400
    with pytest.raises(TooMany):
        answer_cohort(
            actor=counter,
            partition="default",
            criteria={"v": 1, "where": visited(0, 52)},
            now=NOW,
        )
    assert not CohortRun.objects.exists()
    assert count(counter, GOUT).looks == (2, 2)  # what was asked may be asked again
    assert count(ACTOR, visited(0, 51)).looks is None
    kept = CountedQuestion.objects.order_by("pk")
    assert [each.times for each in kept] == [3, 1]
    assert all(each.told for each in kept)


def test_what_was_asked_and_told_long_ago_is_forgotten(
    ill: set[int], counter: Actor
) -> None:
    count(counter, GOUT)
    long_ago = timezone.localdate() - timedelta(
        days=django_settings.COHORT_LOG_DAYS + 1
    )
    assert (disclosure.remove_old(), question_log.remove_old()) == (0, 0)
    CountedQuestion.objects.update(day=long_ago)
    ToldCount.objects.filter(value__isnull=False).update(day=long_ago)
    forget_expired_runs()
    assert not CountedQuestion.objects.exists()
    assert not ToldCount.objects.filter(value__isnull=False).exists()
