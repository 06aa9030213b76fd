"""The questions that lie beside the tests, with what they mean."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def worked() -> list[dict[str, Any]]:
    """Return the thirty that the language of criteria was given with."""
    return _read("questions_worked.jsonl")


def own() -> list[dict[str, Any]]:
    """Return our own, harder ones, which were written before what reads them."""
    return _read("questions_own.jsonl")


def unseen() -> list[dict[str, Any]]:
    """Return those that were written before anybody saw how they are read."""
    return _read("questions_unseen.jsonl")


def fresh() -> list[dict[str, Any]]:
    """Return six sets more, each written before anything was changed for it."""
    return _read("questions_fresh.jsonl")


def stranger() -> list[dict[str, Any]]:
    """Return those of people who knew the data, and no rule of how it is read."""
    return _read("questions_stranger.jsonl")


def answered() -> list[dict[str, Any]]:
    """Return those of both that are not asked back."""
    return [each for each in (*worked(), *own()) if "ask" not in each["expect"]]


def _read(name: str) -> list[dict[str, Any]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
