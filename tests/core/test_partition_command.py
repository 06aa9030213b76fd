"""``manage.py partition``."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def say(*words: str) -> list[list[str]]:
    """Run the command and return what it prints, by line and column."""
    out = StringIO()
    call_command("partition", *words, stdout=out)
    return [line.split("\t") for line in out.getvalue().splitlines()]


def listed() -> list[tuple[str, str]]:
    return [(name, state) for _key, name, state, _created in say("list")]


def test_a_partition_lives_and_ends() -> None:
    assert say("create", "a") == []
    say("create", "b")
    assert listed() == [("a", "in use"), ("b", "in use")]
    say("rename", "a", "c")
    say("disable", "c")
    assert listed() == [("c", "disabled"), ("b", "in use")]
    say("enable", "c")
    assert listed() == [("c", "in use"), ("b", "in use")]
    say("delete", "c")
    assert listed() == [("b", "in use")]


def test_a_refusal_is_told() -> None:
    with pytest.raises(CommandError, match="No such partition"):
        say("rename", "a", "b")
