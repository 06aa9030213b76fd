"""Django's admin shows the ground floor, and its actions do what they say."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from core import (
    audit,
    changefeed,
    followers,
    operations,
    partitions,
    result_files,
)
from core.access import system
from core.audit import Action, Event
from core.changefeed import Change
from core.durable import DurableTask
from core.followers import Follower
from core.models import (
    Account,
    AuditRecord,
    DeadLetter,
    FollowerCursor,
    Operation,
    OperationItemError,
    SignInFailures,
    Token,
)
from core.operations import Progress

pytestmark = pytest.mark.django_db
ACTOR = system("test")
PAGES = (
    "account", "auditrecord", "deadletter", "feedentry", "followercursor",
    "operation", "partition", "token",
)  # fmt: skip


class Nothing(Follower):
    """A follower that derives nothing."""

    name = "nothing"

    def apply(self, entries: Any) -> None:
        pass

    def reset(self) -> None:
        pass


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(Account.objects.create_superuser("ada"))
    return client


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(
        DurableTask, "send", lambda task, key: names.append(f"{task.name} {key}")
    )
    monkeypatch.setattr(followers, "_followers", {"nothing": Nothing()})
    return names


@pytest.fixture
def operation(monkeypatch: pytest.MonkeyPatch) -> Operation:
    def step(_operation: Operation) -> Progress:
        return Progress({}, 100, {})

    monkeypatch.setattr(operations, "_steps", {"work": step})
    return operations.start_operation(actor=ACTOR, kind="work", parameters={})


def act(client: Client, page: str, action: str, *keys: object) -> list[str]:
    """Use an action of a list, and return what the admin says."""
    answer = client.post(
        f"/admin/core/{page}/",
        {"action": action, "_selected_action": [str(key) for key in keys]},
        follow=True,
    )
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("page", PAGES)
def test_every_table_has_its_list(
    administrator: Client, operation: Operation, page: str
) -> None:
    with transaction.atomic():
        changefeed.append([Change("thing", "create", ("a",), None)], actor=ACTOR)
    audit.record(Event(ACTOR, Action.STORE, patient_id="P1"))
    DeadLetter.objects.create(follower="nothing", seq=1, error="odd")
    FollowerCursor.objects.create(name="nothing", version=1)
    assert administrator.get(f"/admin/core/{page}/").status_code == 200


def test_no_page_can_change_what_the_portal_writes(administrator: Client) -> None:
    for page in set(PAGES) - {"account", "partition", "token"}:
        assert administrator.get(f"/admin/core/{page}/add/").status_code == 403


def test_an_operation_shows_its_errors_and_can_be_canceled_and_tried_again(
    administrator: Client, operation: Operation
) -> None:
    operation.item_errors.create(item="a file", error="is odd")
    page = administrator.get(f"/admin/core/operation/{operation.pk}/change/")
    assert b"is odd" in page.content
    said = act(administrator, "operation", "cancel", operation.pk)
    assert said == ["1 canceled."]
    operation.refresh_from_db()
    assert operation.state == "canceled"
    assert act(administrator, "operation", "cancel", operation.pk) == [
        f"{operation}: The operation has ended already: canceled."
    ]
    act(administrator, "operation", "retry", operation.pk)
    operation.refresh_from_db()
    assert operation.state == "notStarted"


def test_the_page_of_an_operation_has_counts_files_and_its_failed_items_in_pages(
    administrator: Client, operation: Operation
) -> None:
    address = f"/admin/core/operation/{operation.pk}/change/"
    operation.progress = {"done": 1234, "total": 5000, "offset": 7}
    operation.save()
    page = administrator.get(address).content.decode()
    assert "done: 1,234<br>total: 5,000" in page
    for name, text in (("errors.log", b"x" * 2048), ("a&b", b"")):
        result_files.write(operation.pk, name, "text/plain", [text])
    href = f"operations/{operation.pk}/files/errors.log"
    operation.result = {"skipped": 250, "errorHref": href, "href": "file:///<x>"}
    operation.number_of_errors = 250
    operation.save()
    operation.item_errors.bulk_create(
        OperationItemError(operation=operation, item=f"item-{n}-", error=f"odd <{n}>")
        for n in range(250)
    )
    seen = []
    pages = {"": 100, "1": 100, "-1x": 100, "2": 200, "3": 250, "9" * 9: 250}
    for number, last in pages.items():
        page = administrator.get(f"{address}?errors={number}").content.decode()
        found = [n for n in range(250) if f"item-{n}-" in page]
        begin = (last - 1) // 100 * 100
        assert found == list(range(begin, last)), number
        assert f"odd &lt;{begin}&gt;" in page
        assert f"{begin + 1} to {last} of 250" in page
        assert ("?errors=2" in page) is (last != 200)
        seen.append(page)
    page = seen[0]
    assert f'errorHref: <a href="/dicomweb/{href}">' in page
    assert "skipped: 250<br>" in page
    assert "href: file:///&lt;x&gt;" in page
    assert f'<a href="/dicomweb/{href}">errors.log</a>' in page
    assert "2.0\xa0KB" in page
    assert "/files/a&amp;b" in page


def test_dead_letters_are_replayed_by_workers(
    administrator: Client, sent: list[str]
) -> None:
    letters = [
        DeadLetter.objects.create(follower=name, seq=seq, error="odd")
        for name, seq in (("nothing", 1), ("nothing", 2), ("gone", 1))
    ]
    said = act(administrator, "deadletter", "replay", *[one.pk for one in letters])
    assert sent == ["core.tasks.replay_follower nothing"]
    assert said == [
        "There is no follower 'gone'. The followers are: nothing.",
        "A worker does it now: nothing.",
    ]


def test_dead_letters_are_skipped_and_it_is_audited(administrator: Client) -> None:
    FollowerCursor.objects.create(name="nothing", version=1)
    one, other = (
        DeadLetter.objects.create(follower="nothing", seq=seq, error="odd")
        for seq in (1, 2)
    )
    assert act(administrator, "deadletter", "skip", one.pk) == ["1 skipped."]
    assert list(DeadLetter.objects.all()) == [other]
    record = audit_rows(action="operate")
    assert record == [("ada", "skipped entry 1 of follower nothing")]


def audit_rows(**where: str) -> list[tuple[str, str]]:
    rows = AuditRecord.objects.filter(**where).order_by("pk")
    return list(rows.values_list("actor", "detail"))


def test_an_action_of_too_many_rows_does_nothing(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.admin.base.MAXIMUM_CHOSEN", 1)
    letters = [
        DeadLetter.objects.create(follower="nothing", seq=seq, error="odd")
        for seq in (1, 2)
    ]
    said = act(administrator, "deadletter", "skip", *[one.pk for one in letters])
    assert said == ["Choose 1 rows at most: nothing was done."]
    assert DeadLetter.objects.count() == 2


def test_lists_find_by_what_identifies_a_row(
    administrator: Client, operation: Operation
) -> None:
    with transaction.atomic():
        changes = [Change("instance", "create", (uid, "2"), None) for uid in "12"]
        changefeed.append(changes, actor=ACTOR)
    SignInFailures.objects.create(
        kind="address", digest=b"x", label="10.0.0.1", number=1, since=timezone.now()
    )
    for page, term, other in (
        ("feedentry", "2", "3"),
        ("operation", str(operation.pk), "no id"),
        ("signinfailures", "10.0.0.1", "10.0"),
    ):
        for asked, number in ((term, 1), (other, 0), ("\0", 0)):
            answer = administrator.get(f"/admin/core/{page}/", {"q": asked})
            rows = answer.context["cl"].result_list
            assert len(rows) == number or asked == "\0", (page, asked)


def test_followers_are_rebuilt_and_replayed_by_workers(
    administrator: Client, sent: list[str]
) -> None:
    FollowerCursor.objects.create(name="nothing", version=1)
    for action in ("rebuild", "replay"):
        act(administrator, "followercursor", action, "nothing")
    assert sent == [
        "core.tasks.rebuild_follower nothing",
        "core.tasks.replay_follower nothing",
    ]


def test_tokens_can_be_revoked_and_do_not_show_their_digest(
    administrator: Client,
) -> None:
    token = Token.objects.create(
        account=Account.objects.get(username="ada"), name="mine", digest=b"\x07" * 32
    )
    page = administrator.get(f"/admin/core/token/{token.pk}/change/")
    assert b"mine" in page.content
    assert b"digest" not in page.content.lower()
    act(administrator, "token", "revoke", token.pk)
    token.refresh_from_db()
    assert token.revoked_at is not None


def partition_names() -> list[str]:
    return [one.name for one in partitions.list_partitions(actor=ACTOR)]


def test_partitions_are_created_and_renamed(administrator: Client) -> None:
    pages = "/admin/core/partition"
    given = {"name": "a", "assigning_authority": "site"}
    assert administrator.post(f"{pages}/add/", given).status_code == 302
    assert partition_names() == ["a"]
    key = partitions.get_partition(actor=ACTOR, name="a")
    given |= {"name": "b", "stored_as": "1.2.840.10008.1.2.5"}
    administrator.post(f"{pages}/{key}/change/", given)
    assert partition_names() == ["b"]
    assert partitions.stored_as("b") == "1.2.840.10008.1.2.5"
    where = changefeed.Filter(kind="partition")
    entries = changefeed.read(actor=ACTOR, after=0, limit=9, where=where)
    assert [(one.actor, one.reason) for one in entries] == [
        ("ada", "created a"),
        ("ada", "renamed a to b, b stores RLE Lossless"),
    ]


def test_a_refused_change_of_a_partition_is_told(administrator: Client) -> None:
    key = partitions.create_partition(actor=ACTOR, name="a").pk
    partitions.change_partition(actor=ACTOR, name="a", new_name="b")
    partitions.create_partition(actor=ACTOR, name="c")
    answer = administrator.post(
        "/admin/core/partition/add/",
        {"name": "a", "assigning_authority": ""},
        follow=True,
    )
    (said,) = answer.context["messages"]
    assert "named a a moment ago" in str(said)
    answer = administrator.post(
        f"/admin/core/partition/{key}/change/",
        {"name": "c", "assigning_authority": ""},
        follow=True,
    )
    (said,) = answer.context["messages"]
    assert str(said) == "There is a partition c already."
    assert partition_names() == ["b", "c"]


def test_partitions_are_disabled_enabled_and_deleted(administrator: Client) -> None:
    keys = [partitions.create_partition(actor=ACTOR, name=name).pk for name in "ab"]
    default = partitions.get_partition(actor=ACTOR, name="default")
    said = act(administrator, "partition", "disable", *keys, default)
    assert said == [
        "default: The default partition cannot be disabled: it is always there.",
        "2 disabled.",
    ]
    held = partitions.list_partitions(actor=ACTOR)
    assert [one.name for one in held if one.disabled_at] == ["a", "b"]
    act(administrator, "partition", "enable", keys[0])
    assert partitions.get_partition(actor=ACTOR, name="a") == keys[0]
    act(administrator, "partition", "delete_empty", *keys)
    assert partition_names() == ["default"]
    page = administrator.get(f"/admin/core/partition/{keys[0]}/change/")
    assert page.status_code == 302  # it is no more
    page = administrator.get(f"/admin/core/partition/{default}/change/")
    assert b'name="name"' not in page.content
