"""How well questions in English are read: against files of worked questions.

    python -m bench.language QUESTIONS.jsonl … [--wrong]

Exact: the criteria are the expected ones in one form. Partial: F1 over what the leaves
say. Silent: answered, wrong, and no word of the question was told to be unused. Asks:
how often it asks back where it should, and only there. What is expected of a question
is its criteria; ``ask`` with a slot, ``*`` for any; or ``told``: criteria cannot say
it, and it is asked back or told to be unused.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bench.criteria_form import f1, one_form
from cohorts.criteria import parse_criteria
from cohorts.criteria.model import dumped
from cohorts.language.asking import Answer, ask
from cohorts.language.english import english

Json = Any


@dataclass
class Score:
    """Counts of some questions."""

    number: int = 0
    exact: int = 0
    f1: float = 0.0
    silent: int = 0
    answered: int = 0
    should_ask: int = 0
    asked: int = 0
    rightly: int = 0
    same_slot: int = 0
    told: int = 0
    round_trips: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def rate(questions: Iterable[Json]) -> dict[str, Score]:
    """Return the scores of questions by category, and of all of them."""
    scores: dict[str, Score] = defaultdict(Score)
    for each in questions:
        now = date.fromisoformat(each["now"])
        start = time.process_time()
        answer = ask(each["question"], now)
        seconds = time.process_time() - start
        for name in (each["tags"][0], "all"):
            scores[name].seconds.append(seconds)
            _rate_one(scores[name], each, answer, now)
    return scores


def _rate_one(score: Score, question: Json, answer: Answer, now: date) -> None:
    expected = question["expect"]
    if "told" in expected:
        _rate_told(score, question, answer)
        return
    wanted = [each["slot"] for each in expected.get("ask", ())]
    score.number += 1
    score.asked += bool(answer.ask)
    score.should_ask += bool(wanted)
    if wanted:
        slots = [each.slot for each in answer.ask]
        score.rightly += bool(answer.ask)
        score.same_slot += _same(wanted, slots)
        score.exact += _same(wanted, slots)
        score.f1 += bool(answer.ask)
        is_right = bool(answer.ask)
        told = f"asked {slots}"
        if not _same(wanted, slots):
            score.wrong.append(_line(question, told))
    elif answer.criteria is None:
        is_right = True  # not silent
        score.wrong.append(_line(question, f"asked {answer.ask}"))
    else:
        found = dumped(answer.criteria)
        is_right = one_form(found) == one_form(expected)
        score.exact += is_right
        score.f1 += f1(found, expected)
        if not is_right:
            score.wrong.append(_line(question, json.dumps(found), answer))
    if answer.criteria is not None:
        score.answered += 1
        score.silent += not is_right and not answer.unused
    if not wanted:
        again = ask(english(parse_criteria(expected)), now)
        score.round_trips += again.criteria is not None and one_form(
            dumped(again.criteria)
        ) == one_form(expected)


def _same(wanted: list[str], slots: list[str]) -> bool:
    """Tell whether it asks for what is wanted; ``*`` is whatever it asks for."""
    return wanted == slots or (wanted == ["*"] and bool(slots))


def _rate_told(score: Score, question: Json, answer: Answer) -> None:
    """Rate a question that criteria cannot say: it is asked back or told unused."""
    is_told = answer.criteria is None or bool(answer.unused)
    score.number += 1
    score.told += 1
    score.answered += answer.criteria is not None
    score.exact += is_told
    score.f1 += is_told
    score.silent += not is_told
    if not is_told and answer.criteria is not None:
        found = json.dumps(dumped(answer.criteria))
        score.wrong.append(_line(question, found, answer))


def _line(question: Json, told: str, answer: Answer | None = None) -> str:
    unused = [each.text for each in answer.unused] if answer else []
    expected = json.dumps(question["expect"])
    return (
        f"{question['id']} {question['question']}\n  unused {unused}\n"
        f"  expected {expected}\n  found    {told}"
    )


def table(scores: dict[str, Score]) -> str:
    """Return the scores as a table in Markdown."""
    lines = [
        "| category | n | exact | partial | silent wrong | should ask | asked rightly"
        " | asked in vain | round trips | CPU ms, most |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, score in sorted(scores.items(), key=lambda pair: pair[0] == "all"):
        answers = score.number - score.should_ask - score.told
        lines.append(
            f"| {name} | {score.number} | {score.exact} | {score.f1 / score.number:.3f}"
            f" | {score.silent} | {score.should_ask} | {score.rightly}"
            f" | {score.asked - score.rightly} | {score.round_trips}/{answers}"
            f" | {max(score.seconds) * 1000:.0f} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Print the table of each file; with ``--wrong`` what was read wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    for path in options.files:
        lines = path.read_text().splitlines()
        scores = rate(json.loads(line) for line in lines if line.strip())
        print(f"{path.name}\n\n{table(scores)}\n")
        if options.wrong:
            print("\n".join(scores["all"].wrong), "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
