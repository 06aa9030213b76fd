"""Followers of the feed in the graph: for those who manage data."""

from typing import Any, Final

import pytest

from core import durable, followers
from core.audit_events import Action
from core.followers import Follower
from core.models import AuditRecord, DeadLetter
from tests.graphql.cast import acts
from tests.graphql.graph import ask, errors

pytestmark = pytest.mark.usefixtures("committing")

LIST: Final = """query ($n: Int! = 10, $a: String) { followers { name sequence lag
  lagSeconds numberOfDeadLetters deadLetters(first: $n, after: $a) {
    pageInfo { hasNextPage endCursor }
    edges { node { letterId sequence error attempts firstAt lastAt } } } } }"""
ORDER: Final = """mutation ($name: String!) { %s(name: $name) {
  ... on OrderedFollower { name } ... on Fault { code message } } }"""
SKIP: Final = """mutation ($id: BigInt!) { skipDeadLetter(letterId: $id) {
  ... on SkippedDeadLetter { letterId } ... on Fault { code } } }"""


class Idle(Follower):
    """Derives nothing."""

    name = "idle"

    def apply(self, entries: Any) -> None:
        """Do nothing."""

    def reset(self) -> None:
        """Do nothing."""


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what workers are told, in place of the broker."""
    messages: list[str] = []
    monkeypatch.setattr(
        durable,
        "_publish",
        lambda name, _queue, args, _kwargs: messages.append(f"{name} {args[0]}"),
    )
    monkeypatch.setattr(followers, "_followers", {"idle": Idle()})
    return messages


def letter(seq: int) -> DeadLetter:
    return DeadLetter.objects.create(follower="idle", seq=seq, error=f"odd {seq}")


def test_dead_letters_are_listed_in_pages_in_the_order_of_the_feed() -> None:
    for seq in (3, 1, 2):
        letter(seq)
    (first,) = ask(LIST, n=2)["followers"]
    assert (first["name"], first["numberOfDeadLetters"]) == ("idle", 3)
    page = first["deadLetters"]
    assert [edge["node"]["error"] for edge in page["edges"]] == ["odd 1", "odd 2"]
    assert page["pageInfo"]["hasNextPage"]
    (again,) = ask(LIST, a=page["pageInfo"]["endCursor"])["followers"]
    assert [e["node"]["sequence"] for e in again["deadLetters"]["edges"]] == [3]
    assert not again["deadLetters"]["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    (error,) = errors(LIST, a=cursor)
    assert (error["code"], error["path"]) == ("INVALID", "after")


@pytest.mark.parametrize(
    ("order", "task"),
    [
        ("rebuildFollower", "core.tasks.rebuild_follower idle"),
        ("replayDeadLetters", "core.tasks.replay_follower idle"),
    ],
)
def test_workers_are_told_and_it_is_audited(
    order: str, task: str, sent: list[str]
) -> None:
    assert ask(ORDER % order, name="idle")[order] == {"name": "idle"}
    assert sent == [task]
    assert AuditRecord.objects.get(action=Action.OPERATE).detail.endswith("idle")
    assert ask(ORDER % order, name="other")[order]["code"] == "NOT_FOUND"
    assert sent == [task]


def test_a_letter_is_skipped_once() -> None:
    key = letter(1).pk
    assert ask(SKIP, id=key)["skipDeadLetter"] == {"letterId": key}
    assert not DeadLetter.objects.exists()
    assert ask(SKIP, id=key)["skipDeadLetter"] == {"code": "NOT_FOUND"}


def test_who_manages_nothing_sees_and_orders_nothing(sent: list[str]) -> None:
    key = letter(1).pk
    auditor = acts("auditor")
    (error,) = errors(LIST, actor=auditor)
    assert error["code"] == "FORBIDDEN"
    for order in ("rebuildFollower", "replayDeadLetters"):
        told = ask(ORDER % order, name="idle", actor=auditor)[order]
        assert told["code"] == "FORBIDDEN"
    assert ask(SKIP, id=key, actor=auditor)["skipDeadLetter"]["code"] == "FORBIDDEN"
    assert sent == []
    assert DeadLetter.objects.exists()
