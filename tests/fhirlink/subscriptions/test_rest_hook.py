"""Subscription with a rest-hook: who is told what, when, and until when (FHIR R4)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group

from core.followers import run_until_caught_up
from core.models import Account, AuditRecord
from fhirlink.json_text import parse
from fhirlink.models import Notification, SubscriptionChannel
from fhirlink.subscriptions.follower import SubscriptionFollower
from fhirlink.subscriptions.telling import MAXIMUM_ATTEMPTS, tell_all
from tests.fhirlink.remote.crafted import Crafted, Reply, crafted
from tests.fhirlink.service import Fhir

pytestmark = pytest.mark.usefixtures("committing", "clerk")

WEIGHT: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "w",
    "status": "final",
    "code": {"coding": [{"system": "urn:x", "code": "weight"}]},
}


@pytest.fixture
def there(settings: Any) -> Iterator[Crafted]:
    settings.EXPORT_HOSTS = ["127.0.0.1"]
    with crafted() as made:
        made.answer = lambda request: Reply(200)
        yield made


@pytest.fixture
def clerk() -> Account:
    """Give the actor that writes an account, with its role."""
    account = Account.objects.create_user("clerk")
    account.groups.add(Group.objects.get(name="Administrator"))
    return account


def subscription(endpoint: str, **more: Any) -> dict[str, Any]:
    channel = {
        "type": "rest-hook",
        "endpoint": endpoint,
        "payload": "application/fhir+json",
        "header": ["Authorization: Bearer of-the-subscriber"],
    }
    return {
        "resourceType": "Subscription",
        "id": "s",
        "status": "requested",
        "reason": "a test",
        "criteria": "Observation?code=urn:x|weight",
        "channel": channel | more.pop("channel", {}),
        **more,
    }


def put(fhir: Fhir, resource: dict[str, Any]) -> None:
    path = f"{resource['resourceType']}/{resource['id']}"
    answer = fhir.put(path, resource)
    assert answer.status_code in {200, 201}, answer.text


def work() -> None:
    for _ in range(2):  # what is written of a Subscription is an entry of the feed
        run_until_caught_up(SubscriptionFollower())
        SubscriptionChannel.objects.update(retry_at=None)
        tell_all(time_limit_s=60)


def said(fhir: Fhir) -> tuple[str, str]:
    """Return the status of the Subscription, and its error."""
    held = fhir.get("Subscription/s").json()
    return held["status"], held.get("error", "")


def test_a_subscriber_is_told_of_what_matches_and_of_each_change_in_order(
    there: Crafted,
) -> None:
    fhir = Fhir()
    put(fhir, WEIGHT)
    put(fhir, subscription(there.url))
    work()
    assert said(fhir) == ("active", "")
    assert there.asked == []
    for fhir_id, code in (("a", "weight"), ("b", "height"), ("c", "weight")):
        coding = {"system": "urn:x", "code": code}
        put(fhir, {**WEIGHT, "id": fhir_id, "code": {"coding": [coding]}})
    put(fhir, {**WEIGHT, "id": "a", "status": "amended"})

    work()

    told = [(request.method, request.path) for request in there.asked]
    first, second, third = told
    assert first == third == ("PUT", "Observation/a")
    assert second == ("PUT", "Observation/c")
    assert parse(there.asked[2].body)["status"] == "amended"
    headers = there.asked[0].headers
    assert headers["authorization"] == "Bearer of-the-subscriber"
    assert headers["content-type"] == "application/fhir+json"
    assert not Notification.objects.exists()
    told_of = AuditRecord.objects.filter(action="export", actor="clerk")
    assert told_of.count() == 3
    work()
    assert len(there.asked) == 3


def test_without_payload_only_that_something_has_changed_is_told(
    there: Crafted,
) -> None:
    fhir = Fhir()
    channel = subscription(there.url)["channel"]
    del channel["payload"]
    put(fhir, {**subscription(there.url), "channel": channel})
    work()
    put(fhir, WEIGHT)
    work()

    (request,) = there.asked
    assert (request.method, request.body) == ("POST", b"")


def test_a_subscriber_that_fails_is_told_later_and_given_up_in_the_end(
    there: Crafted,
) -> None:
    fhir = Fhir()
    put(fhir, subscription(there.url))
    work()
    there.answer = lambda request: Reply(503)
    put(fhir, WEIGHT)
    work()
    assert said(fhir) == ("active", "")
    there.answer = lambda request: Reply(200)
    work()
    assert not Notification.objects.exists()
    there.answer = lambda request: Reply(500)
    put(fhir, {**WEIGHT, "status": "amended"})
    for _ in range(MAXIMUM_ATTEMPTS):
        work()
    assert said(fhir) == ("error", "The subscriber answers 500.")
    number = len(there.asked)
    work()
    assert len(there.asked) == number
    there.answer = lambda request: Reply(200)
    put(fhir, subscription(there.url))
    work()
    assert said(fhir) == ("active", "")
    assert len(there.asked) == number + 1


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"channel": {"endpoint": "http://10.0.0.1/hook"}}, "PORTAL_EXPORT_HOSTS"),
        ({"channel": {"type": "email"}}, "rest-hook"),
        ({"channel": {"payload": "application/fhir+xml"}}, "payload"),
        ({"channel": {"header": ["Host: elsewhere"]}}, "header"),
        ({"criteria": "Observation?nothing=1"}, "nothing"),
        ({"criteria": "Nothing?code=1"}, "criteria"),
    ],
)
def test_what_cannot_be_done_is_said_in_the_subscription(
    there: Crafted, more: dict[str, Any], word: str
) -> None:
    fhir = Fhir()
    put(fhir, subscription(there.url, **more))
    work()

    status, error = said(fhir)
    assert status == "error"
    assert word in error


def test_who_may_see_nothing_any_more_is_told_nothing(
    there: Crafted, clerk: Account
) -> None:
    fhir = Fhir()
    put(fhir, subscription(there.url))
    work()
    clerk.groups.clear()
    put(fhir, WEIGHT)
    work()

    assert there.asked == []
    assert said(fhir)[0] == "error"


def test_it_ends_when_it_says_and_when_it_is_off_or_deleted(there: Crafted) -> None:
    fhir = Fhir()
    put(fhir, subscription(there.url, end="2020-01-01T00:00:00Z"))
    work()
    assert said(fhir) == ("off", "")
    put(fhir, subscription(there.url))
    work()
    put(fhir, subscription(there.url, status="off"))
    work()
    put(fhir, WEIGHT)
    work()
    assert said(fhir) == ("off", "")
    put(fhir, subscription(there.url))
    work()
    fhir.ask("DELETE", "Subscription/s")
    put(fhir, {**WEIGHT, "status": "amended"})
    work()

    assert there.asked == []
