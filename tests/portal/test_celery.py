"""The way of a message: from any process of the portal to its own Redis."""

from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis

from core import tasks
from core.durable import QUEUE
from portal.celery import broker_url


@pytest.mark.django_db(transaction=True)
def test_a_message_lies_in_the_portals_redis_until_a_worker_takes_it() -> None:
    redis = Redis.from_url(settings.REDIS_URL)
    before = redis.llen(QUEUE)

    tasks.run_follower.send("nobody")

    assert redis.llen(QUEUE) == before + 1
    newest = redis.lpop(QUEUE)
    assert isinstance(newest, bytes)
    assert b'"core.tasks.run_follower"' in newest


def test_who_sends_does_not_wait_for_a_broker_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", pauses.append)
    url = f"redis+socket://{tmp_path}/none.sock"
    with (
        current_app.connection_for_write(url) as away,
        pytest.raises(OperationalError),
    ):
        current_app.send_task("core.tasks.wake_followers", connection=away, retry=False)
    assert sum(pauses) == 0


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        (
            "unix:///run/redis.sock?db=3",
            "redis+socket:///run/redis.sock?virtual_host=3",
        ),
        ("redis://broker:6379/3", "redis://broker:6379/3"),
    ],
)
def test_the_broker_is_the_redis_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, redis_url: str, expected: str
) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", redis_url)
    assert broker_url() == expected


def test_every_process_that_has_django_sends_through_the_portals_application() -> None:
    assert current_app.main == "portal"
    assert current_app.conf.broker_url == broker_url()
