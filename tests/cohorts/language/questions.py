"""The worked questions that lie beside the tests."""

import json
from pathlib import Path
from typing import Any

OWN = Path(__file__).with_name("questions_own.jsonl")


def all_questions() -> list[dict[str, Any]]:
    """Return the questions with what they mean."""
    return [json.loads(line) for line in OWN.read_text().splitlines()]


def answered() -> list[dict[str, Any]]:
    """Return those that are not asked back."""
    return [each for each in all_questions() if "ask" not in each["expect"]]
