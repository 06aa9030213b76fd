"""Partitions and operations in the graph."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from core.access import Verb
from core.models import Account, Operation, Partition
from tests.actors import ALL_VERBS, READING, acting
from tests.graphql.graph import ask, errors

pytestmark = pytest.mark.usefixtures("committing")

CREATE = """
mutation ($n: String!) { createPartition(name: $n) {
  ... on ChangedPartition { partition { name createdAt disabledAt assigningAuthority } }
  ... on Fault { code path } } }
"""
RENAME = """
mutation ($n: String!, $m: String!) { renamePartition(name: $n, newName: $m) {
  ... on ChangedPartition { partition { id name } } ... on Fault { code path } } }
"""
RLE, JPEG = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50"
STORE_AS = """
mutation ($n: String!, $s: String!) {
  storePartitionAs(name: $n, transferSyntaxUid: $s) {
  ... on ChangedPartition { partition { name storedAs } } ... on Fault { code path } } }
"""
DELETE = """
mutation ($n: String!) { deletePartition(name: $n) {
  ... on DeletedPartition { name } ... on Fault { code path } } }
"""


def test_a_partition_lives() -> None:
    made = ask(CREATE, n="site-1")["createPartition"]["partition"]
    assert (made["name"], made["disabledAt"]) == ("site-1", None)
    assert ask(CREATE, n="site-1")["createPartition"]["code"] == "CONFLICT"
    assert ask(CREATE, n="a/b")["createPartition"]["code"] == "INVALID"
    renamed = ask(RENAME, n="site-1", m="site-2")["renamePartition"]["partition"]
    assert renamed["name"] == "site-2"
    again = "query ($id: ID!) { node(id: $id) { ... on Partition { name } } }"
    assert ask(again, id=renamed["id"]) == {"node": {"name": "site-2"}}
    assert ask(DELETE, n="site-2") == {"deletePartition": {"name": "site-2"}}
    assert ask(DELETE, n="site-2")["deletePartition"]["code"] == "NOT_FOUND"
    assert ask('{ partition(name: "site-2") { name } }') == {"partition": None}


def test_a_partition_stores_images_in_one_form() -> None:
    ask(CREATE, n="site-1")
    made = ask(STORE_AS, n="site-1", s=RLE)["storePartitionAs"]["partition"]
    assert made == {"name": "site-1", "storedAs": RLE}
    assert ask('{ partition(name: "site-1") { storedAs } }') == {
        "partition": {"storedAs": RLE}
    }
    assert ask(STORE_AS, n="site-1", s=JPEG)["storePartitionAs"] == {
        "code": "INVALID",
        "path": "storedAs",
    }
    made = ask(STORE_AS, n="site-1", s="")["storePartitionAs"]["partition"]
    assert made["storedAs"] == ""


def test_who_may_not_manage_changes_nothing() -> None:
    ask(CREATE, n="site-1")
    reader = acting(None, "reader", READING)
    for query, more in ((CREATE, {"n": "other"}), (RENAME, {"n": "site-1", "m": "x"})):
        (done,) = ask(query, actor=reader, **more).values()
        assert done["code"] == "FORBIDDEN"
    assert ask(DELETE, n="site-1", actor=reader)["deletePartition"]["code"]
    names = Partition.objects.filter(deleted_at=None).values_list("name", flat=True)
    assert list(names) == ["site-1"]


def test_pages_of_partitions() -> None:
    for number in range(3):
        ask(CREATE, n=f"p{number}")
    query = "query ($a: String) { partitions(first: 2, after: $a) { totalCount"
    query += " pageInfo { hasNextPage endCursor } edges { node { name } } } }"
    page = ask(query)["partitions"]
    assert [each["node"]["name"] for each in page["edges"]] == ["p0", "p1"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    page = ask(query, a=page["pageInfo"]["endCursor"])["partitions"]
    assert [each["node"]["name"] for each in page["edges"]] == ["p2"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert errors(query, a="p9")[0]["path"] == "after"


def test_operations_are_seen_by_who_started_them() -> None:
    ada = Account.objects.create(username="ada")
    mine = [_operation(ada, seconds=n) for n in range(5)]
    _operation(None, seconds=9)
    actor = acting(ada.pk, "ada", READING)
    query = "query ($a: String) { operations(first: 2, after: $a) { totalCount"
    query += " pageInfo { hasNextPage endCursor } edges { node { operationId state"
    query += " percent startedBy kind result error numberOfErrors } } } }"
    seen = []
    after = None
    while True:
        page = ask(query, actor=actor, a=after)["operations"]
        assert page["totalCount"] == 5
        seen += [each["node"]["operationId"] for each in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [str(each.pk) for each in reversed(mine)]
    assert ask(query)["operations"]["totalCount"] == 6
    assert errors(query, a="no")[0]["path"] == "after"
    assert errors(query, a=str(uuid4()), actor=actor)[0]["code"] == "NOT_FOUND"


def test_what_could_not_be_done_is_told_page_by_page() -> None:
    ada = Account.objects.create(username="ada")
    held, other = _operation(ada, seconds=0), _operation(ada, seconds=1)
    for number in range(5):
        held.item_errors.create(item=f"<b>{number}", error="It is no DICOM.")
    other.item_errors.create(item="1.2.3", error="It is not there.")
    query = "query ($first: Int!, $a: String) { operations { edges { node {"
    query += (
        " itemErrors(first: $first, after: $a) { pageInfo { hasNextPage endCursor }"
    )
    query += " edges { node { item error } } } } } } }"
    actor = acting(ada.pk, "ada", READING)
    seen: list[str] = []
    after = None
    while True:
        found = ask(query, actor=actor, first=2, a=after)["operations"]["edges"]
        page = found[1]["node"]["itemErrors"]
        seen += [each["node"]["item"] for each in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == [f"<b>{number}" for number in range(5)]
    assert [each["node"]["itemErrors"]["edges"] for each in found[:1]] in (
        [[{"node": {"item": "1.2.3", "error": "It is not there."}}]],
        [[]],  # its only one lies before that page
    )
    assert errors(query, actor=actor, first=2, a="x")[0]["path"] == "after"


def test_an_operation_is_canceled_and_tried_again() -> None:
    ada = Account.objects.create(username="ada")
    held = _operation(ada, seconds=0)
    actor = acting(ada.pk, "ada", ALL_VERBS)
    stranger = acting(ada.pk + 1, "bob", {Verb.MANAGE}, frozenset({1}))
    former = acting(ada.pk, "ada", {Verb.READ})
    query = "mutation ($id: UUID!) { %sOperation(operationId: $id) { ... on"
    query += " ChangedOperation { operation { state } } ... on Fault { code } } }"
    cancel, retry = query % "cancel", query % "retry"
    done = ask(cancel, id=str(held.pk), actor=stranger)
    assert done == {"cancelOperation": {"code": "NOT_FOUND"}}
    done = ask(cancel, id=str(held.pk), actor=former)
    assert done == {"cancelOperation": {"code": "FORBIDDEN"}}
    done = ask(cancel, id=str(held.pk), actor=actor)
    assert done == {"cancelOperation": {"operation": {"state": "CANCELED"}}}
    done = ask(cancel, id=str(held.pk), actor=actor)
    assert done == {"cancelOperation": {"code": "CONFLICT"}}
    done = ask(retry, id=str(held.pk), actor=actor)
    assert done == {"retryOperation": {"operation": {"state": "NOT_STARTED"}}}


def _operation(account: Account | None, *, seconds: int) -> Operation:
    held = Operation.objects.create(kind="test", account=account, actor="ada")
    at = timezone.now() + timedelta(seconds=seconds)
    Operation.objects.filter(pk=held.pk).update(created_at=at)
    return held
