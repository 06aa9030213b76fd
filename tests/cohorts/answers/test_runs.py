"""How long an answer is kept; what comes of it when rights or the record change."""

from datetime import timedelta
from typing import Any, Final

import pytest
from django.utils import timezone

from cohorts.answers.event_rows import count_events, page_of_events
from cohorts.answers.found_runs import find_run, has_changed_since, remove_expired
from cohorts.answers.patient_rows import page_of_patients
from cohorts.answers.reading import reading_of
from cohorts.answers.running import answer_cohort
from cohorts.models import CohortRun, CohortRunPart
from core import followers
from core.access import Actor
from core.accounts.grants import scope_of
from core.errors import Gone, Invalid, NotFound
from core.models import Account, ScopeKind
from core.partitions import get_or_create_partition
from imaging.projects import create_project
from tests.actors import READING, acting
from tests.cohorts.execution.asked import condition, study
from tests.cohorts.execution.test_access import seeing
from tests.fhirlink.events.record import ACTOR, FOLLOWER, follow, patient, put, rows

pytestmark = pytest.mark.django_db

CRITERIA: Final[dict[str, Any]] = {
    "v": 1,
    "where": {"event": {"type": "imaging"}},
    "output": [{"what": "imaging"}, {"what": "condition"}, {"what": "count"}],
}


@pytest.fixture(autouse=True)
def _record() -> None:
    put(
        patient("a"),
        patient("b"),
        condition("a", "flu", "2024-01-01", "a"),
        condition("b", "flu", "2024-01-01", "b"),
        study("1", "2024-01-01", ("CT", "Chest", 1), patient="a"),
        study("2", "2024-01-01", ("CT", "Chest", 1), patient="b"),
    )
    follow()


def run(actor: Actor = ACTOR) -> CohortRun:
    return answer_cohort(actor=actor, partition="default", criteria=CRITERIA).run


def listed(actor: Actor, run: CohortRun, output: int = 0) -> list[str]:
    page = page_of_events(reading_of(actor, run.pk), output=output, limit=10)
    assert count_events(reading_of(actor, run.pk), output=output) == len(page.rows)
    return [uid for row in page.rows for uid in row.event.studies]


def test_what_has_expired_is_not_found_and_removed() -> None:
    old, new = run(), run()
    ended = timezone.now() - timedelta(seconds=1)
    CohortRun.objects.filter(pk=old.pk).update(expires_at=ended)
    with pytest.raises(NotFound):
        find_run(actor=ACTOR, run_id=old.pk)
    assert find_run(actor=ACTOR, run_id=new.pk).run == new
    assert (remove_expired(), remove_expired()) == (1, 0)
    assert {part.run_id for part in CohortRunPart.objects.all()} == {new.pk}


def test_a_run_tells_that_something_was_written_since() -> None:
    made = run()
    assert not has_changed_since(made)
    put(patient("c"), partition="elsewhere")
    follow()
    assert not has_changed_since(made)
    put(patient("c"))
    assert not has_changed_since(made)  # nothing is derived from it yet
    follow()
    assert has_changed_since(made)


def test_a_table_that_was_derived_anew_knows_nobody_of_a_run() -> None:
    made = run()
    followers.rebuild(FOLLOWER)
    follow()
    with pytest.raises(Gone, match="ask again"):
        page_of_patients(reading_of(ACTOR, made.pk), limit=1)


def test_pages_show_what_is_seen_when_they_are_read() -> None:
    account = Account.objects.create(username="x").pk
    everything = acting(account, "x", READING)
    made = run(everything)
    assert sorted(listed(everything, made)) == ["1.2.1", "1.2.2"]

    key = get_or_create_partition(actor=ACTOR, name="default")
    project = create_project(actor=ACTOR, partition="default", name="Lungs")
    scope = scope_of(ScopeKind.PROJECT, project.pk, key)
    rows(
        "INSERT INTO core_scopedstudy (scope_id, partition_id, study_instance_uid)"
        " VALUES (%s, %s, '1.2.1') RETURNING 1",
        scope.pk,
        key,
    )
    some = Actor(account, "x", seeing(scope).reaches)
    assert listed(some, made) == ["1.2.1"]
    assert listed(some, made, output=1) == []
    people = page_of_patients(reading_of(some, made.pk), limit=10)
    assert [row.person.fhir_ids for row in people.rows] == [["a"]]
    assert {each.event.studies for row in people.rows for each in row.reasons} == {
        ("1.2.1",)
    }
    with pytest.raises(NotFound):
        listed(acting(account, "x", READING, frozenset({0})), made)


@pytest.mark.parametrize("cursor", ["x", "MQ==", "MS4yLjMueA==", "LjAuMC4w", "\u2028"])
def test_a_cursor_that_was_made_up_is_refused(cursor: str) -> None:
    made = run()
    with pytest.raises(Invalid):
        page_of_events(reading_of(ACTOR, made.pk), output=0, limit=1, after=cursor)


@pytest.mark.parametrize("output", [-1, 2, 3])
def test_an_output_without_rows_of_events_has_none(output: int) -> None:
    made = run()
    with pytest.raises(Invalid):
        page_of_events(reading_of(ACTOR, made.pk), output=output, limit=1)
