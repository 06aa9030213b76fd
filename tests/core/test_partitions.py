"""Data partitions: found, created once, hidden from who may not see them."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core import changefeed
from core.access import Actor, Verb, system
from core.errors import Forbidden, Invalid, NotFound
from core.models import Partition
from core.partitions import (
    get_or_create_partition,
    get_partition,
    list_partitions,
)
from tests.actors import READING, acting

ADMIN = system("test")


def said(op: changefeed.Op, name: str) -> list[str]:
    """Return what the feed tells of partitions in whose entry the name stands."""
    where = changefeed.Filter(kind="partition", op=op)
    entries = changefeed.read(actor=ADMIN, after=0, limit=1000, where=where)
    return [entry.reason for entry in entries if name in entry.reason]


def bound(*keys: int) -> Actor:
    return acting(1, "bound", frozenset({Verb.READ, Verb.STORE}), frozenset(keys))


@pytest.mark.django_db
def test_the_default_is_always_there() -> None:
    key = get_partition(actor=ADMIN, name="default")
    assert get_or_create_partition(actor=ADMIN, name="default") == key


@pytest.mark.django_db
def test_a_store_creates_one_and_a_look_up_does_not() -> None:
    with pytest.raises(NotFound):
        get_partition(actor=ADMIN, name="site-1")
    key = get_or_create_partition(actor=ADMIN, name="site-1")
    assert get_partition(actor=ADMIN, name="site-1") == key
    assert get_or_create_partition(actor=ADMIN, name="site-1") == key


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "a b", "é", "a/b", "a" * 65, "a\n", "a\0", "٣"])
def test_names_have_a_form(name: str) -> None:
    with pytest.raises(Invalid):
        get_partition(actor=ADMIN, name=name)
    with pytest.raises(Invalid):
        get_or_create_partition(actor=ADMIN, name=name)


@pytest.mark.django_db
def test_who_is_bound_sees_and_stores_there_only() -> None:
    mine = get_or_create_partition(actor=ADMIN, name="mine")
    get_or_create_partition(actor=ADMIN, name="theirs")
    assert get_or_create_partition(actor=bound(mine), name="mine") == mine
    for name in ("theirs", "new"):
        with pytest.raises(NotFound):
            get_partition(actor=bound(mine), name=name)
        with pytest.raises(NotFound):
            get_or_create_partition(actor=bound(mine), name=name)
    assert not Partition.objects.filter(name="new").exists()
    assert [each.name for each in list_partitions(actor=bound(mine))] == ["mine"]
    assert {"mine", "theirs"} <= {each.name for each in list_partitions(actor=ADMIN)}


@pytest.mark.django_db
def test_a_reader_creates_none_and_a_writer_lists_none() -> None:
    with pytest.raises(Forbidden):
        get_or_create_partition(actor=acting(1, "reader", READING), name="site-1")
    with pytest.raises(Forbidden):
        list_partitions(actor=acting(1, "writer", frozenset({Verb.STORE})))


@pytest.mark.usefixtures("committing")
def test_writers_that_meet_in_a_new_partition_share_it() -> None:
    name = f"p-{secrets.token_hex(8)}"

    def create(_number: int) -> int:
        try:
            return get_or_create_partition(actor=ADMIN, name=name)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        keys = set(threads.map(create, range(8)))
    assert keys == {get_partition(actor=ADMIN, name=name)}
    assert said("create", name) == [f"created {name} by a store"]  # told once
