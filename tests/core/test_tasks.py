"""Messages to workers: sent on commit, lost without harm."""

from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from core import changefeed, tasks
from core.access import system
from core.changefeed import Change
from core.durable import SCHEDULE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    messages: list[tuple[Any, ...]] = []

    def send_task(name: str, **options: Any) -> None:
        messages.append((name, options["args"], options["queue"]))

    monkeypatch.setattr(current_app, "send_task", send_task)
    return messages


def test_a_message_is_sent_on_commit(sent: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        tasks.run_follower.send("usage")
        assert sent == []
    assert sent == [("core.tasks.run_follower", ("usage",), "celery")]


def test_a_rolled_back_transaction_sends_nothing(sent: list[tuple[Any, ...]]) -> None:
    with pytest.raises(KeyError), transaction.atomic():
        tasks.run_follower.send("usage")
        raise KeyError
    assert sent == []


def test_a_broker_that_is_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def send_task(name: str, **options: Any) -> None:
        raise OperationalError(name)

    monkeypatch.setattr(current_app, "send_task", send_task)
    tasks.run_follower.send("usage")


def test_the_beat_sends_tasks_that_exist() -> None:
    named = {f"core.tasks.{name}" for name in tasks.__all__}
    assert set(SCHEDULE) <= named
    assert {entry["task"] for entry in SCHEDULE.values()} == set(SCHEDULE)


def test_tasks_wait_for_their_end_before_they_are_acknowledged() -> None:
    task = current_app.tasks["core.tasks.run_operation"]
    assert task.acks_late
    assert task.ignore_result


def test_a_follower_whose_turn_is_over_goes_on_after_others(
    sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        entry = Change("partition", "create", (str(uuid4()),), None)
        changefeed.append([entry], actor=system("test"))
    monkeypatch.setattr(tasks, "TURN_S", 0.0)
    tasks.run_follower("usage")
    assert sent == [("core.tasks.run_follower", ("usage",), "celery")]
    tasks.run_follower("usage")  # there is nothing more
    assert len(sent) == 1
