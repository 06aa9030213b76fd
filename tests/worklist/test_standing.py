"""What waits for subscribers, as who looks after them sees it."""

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Account, FeedEntry
from tests.worklist.steps import claim, schedule, send
from worklist.events.reports import GLOBAL
from worklist.events.standing import Standing, standing_of
from worklist.models import Subscriber

pytestmark = pytest.mark.usefixtures("committing")


def subscribe(ae: str, uid: str, query: str = "") -> None:
    path = f"/workitems/{uid}/subscribers/{ae}{query}"
    assert send(path, "POST").status_code == 201


def standing(ae: str) -> Standing:
    key = Subscriber.objects.get(aetitle=ae).pk
    return standing_of([key])[key]


def test_changes_wait_for_those_alone_who_are_told_of_them() -> None:
    old = schedule()
    subscribe("ONE", old, "?deletionlock=true")
    subscribe("ALL", GLOBAL)
    new = schedule()
    claim(old)
    claimed_at = FeedEntry.objects.latest("seq").at
    assert standing("ONE") == Standing(1, 1, 1, claimed_at)
    assert standing("ALL")[:3] == (1, 0, 2)
    off = f"/workitems/{new}/subscribers/ALL"
    assert send(off, "POST").status_code == 201
    assert send(off, "DELETE").status_code == 200
    claim(new)
    assert standing("ALL")[:3] == (1, 0, 1)  # of the new one it is not told any more


def test_what_was_told_does_not_wait() -> None:
    uid = schedule()
    subscribe("ONE", uid)
    claim(uid)
    assert standing("ONE").waiting == 1
    head = FeedEntry.objects.latest("seq").seq
    Subscriber.objects.update(delivered_seq=head)
    assert standing("ONE") == Standing(1, 0, 0, None)


def test_all_subscriptions_of_an_ae_are_ended_in_the_admin() -> None:
    uid = schedule()
    subscribe("ONE", uid, "?deletionlock=true")
    claim(uid)
    Account.objects.create_superuser("root", password="x")
    client = Client()
    client.force_login(Account.objects.get(username="root"))
    place = reverse("admin:worklist_subscriber_changelist")
    (row,) = client.get(place).context["cl"].result_list
    assert row.stands[:3] == (1, 1, 1)
    page = reverse("admin:worklist_subscriber_change", args=[row.pk])
    assert client.get(page).status_code == 200
    chosen = {"action": "end_subscriptions", "_selected_action": [row.pk]}
    answer = client.post(place, chosen, follow=True)
    assert "1 told of nothing any more." in answer.content.decode()
    assert standing("ONE")[:3] == (0, 0, 0)
