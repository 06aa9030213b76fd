"""Bars behind bars are counted once a minute, and for who sees all alone."""

import time
from collections.abc import Mapping

import pytest

from cohorts.answers import everybody as kept
from cohorts.answers.charts import ChartName, charts_of_run
from cohorts.answers.reading import reading_of
from cohorts.answers.running import answer_cohort
from core.access import Actor
from tests.cohorts.definitions.saved import person
from tests.cohorts.execution.projects import lungs_of_one_of_two
from tests.fhirlink.events.record import ACTOR


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_kept", type(kept._kept)())


def test_values_are_counted_once_until_they_are_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[list[str]] = []
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def count(values: list[str]) -> Mapping[str, int]:
        asked.append(values)
        return {each: len(each) for each in values if each != "nobody's"}

    def told(*values: str, key: str = "x") -> Mapping[str, int]:
        return kept.everybody(key, values, count)

    assert told("a", "nobody's") == {"a": 1}
    assert told("nobody's", "bb", "a") == {"bb": 2, "a": 1}
    assert told("a", key="y") == {"a": 1}
    now[0] += kept.FRESH_S + 1
    assert told("a") == {"a": 1}
    assert asked == [["a", "nobody's"], ["bb"], ["a"], ["a"]]


@pytest.mark.django_db
def test_who_sees_a_part_is_told_of_that_part_and_not_what_others_were() -> None:
    scope = lungs_of_one_of_two()

    def of_all(actor: Actor) -> int | None:
        criteria = {"v": 1, "where": {"event": {"type": "imaging"}}}
        run = answer_cohort(actor=actor, partition="default", criteria=criteria).run
        names = [ChartName.MODALITY]
        charts = charts_of_run(reading_of(actor, run.pk), names)
        ((bar,),) = charts.values()
        return bar.of_all.value

    member = person("member", scope)
    assert of_all(member) == 1
    assert of_all(ACTOR) == 2
    assert of_all(member) == 1
