"""``/metrics``: what is looked up at the time of asking."""

import pytest
from django.db import OperationalError
from django.test import Client

from core import followers
from imaging.usage import UsageFollower
from portal.pages import metrics
from tests.imaging.stores import received, store

pytestmark = pytest.mark.usefixtures("committing")


def lines(client: Client) -> set[str]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return set(answer.content.decode().splitlines())


def test_usage_and_followers_have_their_gauges(client: Client) -> None:
    store(received("1", "2", "3"), received("1", "2", "4"))
    store(received("1", "2", "3"), partition="site-1")
    found = lines(client)
    assert 'portal_follower_lag_entries{follower="usage"} 4.0' in found
    assert not any(line.startswith("portal_instances{") for line in found)
    followers.run_until_caught_up(UsageFollower())
    assert lines(client) >= {
        'portal_instances{partition="default"} 2.0',
        'portal_instances{partition="site-1"} 1.0',
        'portal_bytes{partition="default"} 2.0',
        'portal_follower_lag_entries{follower="usage"} 0.0',
        'portal_follower_lag_seconds{follower="usage"} 0.0',
        'portal_follower_dead_letters{follower="usage"} 0.0',
    }


def test_the_page_answers_where_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(metrics, "list_usage", away)
    found = lines(client)
    assert "# TYPE portal_bytes gauge" in found
    assert not any(line.startswith("portal_bytes{") for line in found)
