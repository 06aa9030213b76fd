"""``manage.py followers``."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from core import changefeed, followers
from core.access import system
from core.changefeed import Change
from core.followers import Follower
from core.models import AuditRecord

pytestmark = pytest.mark.django_db


class Seen(Follower):
    """Keeps the numbers it was handed."""

    name = "seen"

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.healthy = False

    def apply(self, entries: Any) -> None:
        if not self.healthy:
            raise KeyError
        self.seqs += [entry.seq for entry in entries]

    def reset(self) -> None:
        self.seqs = []


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    follower = Seen()
    monkeypatch.setattr(followers, "_followers", {"seen": follower})
    with transaction.atomic():
        changes = [Change("thing", "create", (key,), None) for key in "ab"]
        changefeed.append(changes, actor=system("test"))
    return follower


def say(*words: str) -> str:
    out = StringIO()
    call_command("followers", *words, stdout=out)
    return out.getvalue().strip()


def test_status_replay_and_rebuild(seen: Seen) -> None:
    assert say("status").startswith("seen\tversion 1\tentry 0\tlag 2 (")
    followers.run_until_caught_up(seen)
    caught_up = "seen\tversion 1\tentry 2\tlag 0 (0 s)\tdead letters "
    assert say("status") == f"{caught_up}2"
    assert say("replay", "seen") == "replayed 0, still dead 2"
    seen.healthy = True
    assert say("replay", "seen") == "replayed 2, still dead 0"
    assert say("rebuild", "seen") == f"{caught_up}0"
    assert seen.seqs == [1, 2]


def test_an_unknown_follower_is_named(seen: Seen) -> None:
    with pytest.raises(CommandError, match="There is no follower 'other'"):
        say("rebuild", "other")


@pytest.mark.usefixtures("seen")
def test_who_has_a_follower_rebuilt_is_in_the_audit_log() -> None:
    for verb in ("rebuild", "replay"):
        call_command("followers", verb, "seen", stdout=StringIO())
    call_command("followers", "status", stdout=StringIO())
    rows = AuditRecord.objects.filter(action="operate").order_by("id")
    assert list(rows.values_list("actor", "detail")) == [
        ("system:command line", "rebuild follower seen"),
        ("system:command line", "replay follower seen"),
    ]
