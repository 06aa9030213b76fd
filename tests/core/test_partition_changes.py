"""Partitions are created, renamed, disabled and deleted; each change is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import changefeed, partitions
from core.access import Verb, system
from core.errors import Busy, Conflict, Forbidden, Invalid, NotFound
from core.models import AuditRecord, FormerPartitionName, Partition
from core.partitions import (
    change_partition,
    contents,
    create_partition,
    delete_partition,
    disabled_partitions,
    find_partition,
    get_or_create_partition,
    get_partition,
    known_partition,
    list_partitions,
    names,
)
from tests.actors import acting

pytestmark = pytest.mark.django_db
ADMIN = system("test")


def told() -> list[tuple[str, str]]:
    """Return operation and reason of all entries about partitions."""
    where = changefeed.Filter(kind="partition")
    entries = changefeed.read(actor=ADMIN, after=0, limit=100, where=where)
    audited = AuditRecord.objects.filter(action="configure").order_by("pk")
    assert [entry.reason for entry in entries] == [one.detail for one in audited]
    return [(entry.op, entry.reason) for entry in entries]


def rested() -> None:
    """Let so much time go by that nobody remembers any name."""
    past = timezone.now() - timedelta(seconds=names.RESTS_S + 1)
    FormerPartitionName.objects.update(given_up_at=past)


def test_each_change_is_told_once() -> None:
    held = create_partition(actor=ADMIN, name="a")
    change_partition(actor=ADMIN, name="a", new_name="b", is_disabled=True)
    change_partition(actor=ADMIN, name="b", new_name="b", is_disabled=True)
    change_partition(actor=ADMIN, name="b", is_disabled=False)
    delete_partition(actor=ADMIN, name="b")
    assert told() == [
        ("create", "created a"),
        ("update", "renamed a to b, disabled b"),
        ("update", "enabled b"),
        ("delete", "deleted b"),
    ]
    (entry, *_) = changefeed.read(actor=ADMIN, after=0, limit=1)
    assert (entry.key, entry.partition_id) == ((str(held.pk),), held.pk)


def test_a_renamed_partition_is_found_by_its_new_name_only() -> None:
    key = create_partition(actor=ADMIN, name="a").pk
    assert get_partition(actor=ADMIN, name="a") == key
    change_partition(actor=ADMIN, name="a", new_name="b")
    assert get_partition(actor=ADMIN, name="b") == key
    with pytest.raises(NotFound):
        get_partition(actor=ADMIN, name="a")
    assert [each.name for each in list_partitions(actor=ADMIN)] == ["b"]


def test_a_name_that_was_given_up_rests_before_another_gets_it() -> None:
    key = create_partition(actor=ADMIN, name="a").pk
    create_partition(actor=ADMIN, name="other")
    change_partition(actor=ADMIN, name="a", new_name="b")
    with pytest.raises(Busy) as caught:
        create_partition(actor=ADMIN, name="a")
    assert caught.value.retry_after_s == 10
    with pytest.raises(Busy):
        get_or_create_partition(actor=ADMIN, name="a")
    with pytest.raises(Busy):
        change_partition(actor=ADMIN, name="other", new_name="a")
    assert not Partition.objects.filter(name="a").exists()
    change_partition(actor=ADMIN, name="b", new_name="a")  # whose it was
    assert get_partition(actor=ADMIN, name="a") == key
    rested()
    assert get_or_create_partition(actor=ADMIN, name="b") != key


def test_a_deleted_one_leaves_its_name_and_its_row() -> None:
    key = create_partition(actor=ADMIN, name="a").pk
    delete_partition(actor=ADMIN, name="a")
    for look_up in (get_partition, find_partition):
        with pytest.raises(NotFound):
            look_up(actor=ADMIN, name="a")
    with pytest.raises(NotFound):
        delete_partition(actor=ADMIN, name="a")
    assert list_partitions(actor=ADMIN) == []
    with pytest.raises(Busy):
        create_partition(actor=ADMIN, name="a")
    rested()
    assert create_partition(actor=ADMIN, name="a").pk != key
    assert Partition.objects.get(pk=key).deleted_at is not None


def test_one_that_holds_something_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    key = create_partition(actor=ADMIN, name="a").pk
    held = {"studies": lambda pk: 3 * (pk == key), "toys": lambda _pk: 0}
    monkeypatch.setattr(contents, "_counts", held)
    with pytest.raises(Conflict, match="holds 3 studies"):
        delete_partition(actor=ADMIN, name="a")
    create_partition(actor=ADMIN, name="b")
    delete_partition(actor=ADMIN, name="b")
    assert [each.name for each in list_partitions(actor=ADMIN)] == ["a"]


def test_in_a_disabled_one_nothing_is_read_or_stored() -> None:
    key = create_partition(actor=ADMIN, name="a").pk
    create_partition(actor=ADMIN, name="b")
    change_partition(actor=ADMIN, name="a", is_disabled=True)
    for _ in range(2):  # looked up, and remembered
        for look_up in (get_partition, get_or_create_partition):
            with pytest.raises(Conflict, match="disabled"):
                look_up(actor=ADMIN, name="a")
    assert disabled_partitions() == {key}
    assert find_partition(actor=ADMIN, name="a").disabled_at is not None
    assert [each.name for each in list_partitions(actor=ADMIN)] == ["a", "b"]
    change_partition(actor=ADMIN, name="a", is_disabled=False)
    assert get_partition(actor=ADMIN, name="a")
    assert not disabled_partitions()


def test_what_a_hot_path_knows_says_the_same() -> None:
    key = create_partition(actor=ADMIN, name="a").pk
    names._known["a"] = names.Named(key, is_disabled=False, until=float("inf"))
    assert known_partition(actor=ADMIN, name="a") == key
    names._known["a"] = names.Named(key, is_disabled=True, until=float("inf"))
    with pytest.raises(Conflict):
        known_partition(actor=ADMIN, name="a")
    names._known["a"] = names.Named(key, is_disabled=False, until=0.0)
    assert known_partition(actor=ADMIN, name="a") is None


def test_the_default_is_always_there_under_its_name() -> None:
    get_partition(actor=ADMIN, name="default")
    for change in (
        {"new_name": "other"},
        {"is_disabled": True},
    ):
        with pytest.raises(Conflict, match="default"):
            change_partition(actor=ADMIN, name="default", **change)
    with pytest.raises(Conflict, match="default"):
        delete_partition(actor=ADMIN, name="default")
    assert told() == []


def test_names_are_unique_and_have_a_form() -> None:
    create_partition(actor=ADMIN, name="a")
    create_partition(actor=ADMIN, name="b")
    with pytest.raises(Conflict, match="There is a partition a already"):
        create_partition(actor=ADMIN, name="a")
    with pytest.raises(Conflict, match="There is a partition a already"):
        change_partition(actor=ADMIN, name="b", new_name="a")
    for name in ("", "a b", "*", "a" * 65):
        with pytest.raises(Invalid):
            create_partition(actor=ADMIN, name=name)
        with pytest.raises(Invalid):
            change_partition(actor=ADMIN, name="a", new_name=name)
    assert len(told()) == 2


WRITER = acting(1, "writer", frozenset({Verb.STORE, Verb.READ}))


@pytest.mark.parametrize(
    ("change", "arguments"),
    [
        (create_partition, {"name": "new"}),
        (change_partition, {"name": "a", "new_name": "b"}),
        (change_partition, {"name": "no-such"}),
        (delete_partition, {"name": "a"}),
        (delete_partition, {"name": "no-such"}),
    ],
)
def test_who_may_not_manage_changes_nothing(change: Any, arguments: Any) -> None:
    create_partition(actor=ADMIN, name="a")
    with pytest.raises(Forbidden):
        change(actor=WRITER, **arguments)
    assert len(told()) == 1


def test_who_is_bound_manages_what_it_sees() -> None:
    mine = create_partition(actor=ADMIN, name="mine").pk
    create_partition(actor=ADMIN, name="theirs")
    verbs = frozenset({Verb.READ, Verb.MANAGE})
    manager = acting(1, "manager", verbs, frozenset({mine}))
    with pytest.raises(Forbidden):
        create_partition(actor=manager, name="new")
    with pytest.raises(NotFound):
        change_partition(actor=manager, name="theirs", is_disabled=True)
    with pytest.raises(NotFound):
        delete_partition(actor=manager, name="theirs")
    with pytest.raises(NotFound):
        find_partition(actor=manager, name="theirs")
    change_partition(actor=manager, name="mine", is_disabled=True)
    delete_partition(actor=manager, name="mine")


def test_contents_of_one_name_are_registered_once() -> None:
    with pytest.raises(ValueError, match="studies"):
        partitions.register_contents("studies", lambda _key: 0)
