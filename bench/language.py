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
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from cohorts.criteria import canonical, parse_criteria
from cohorts.criteria.model import dumped
from cohorts.language.asking import Answer, ask
from cohorts.language.english import english
from cohorts.language.lexicon import own_lexicon

Json = Any
_DAYS: Final = {"lt": ("lte", -1), "gt": ("gte", 1)}


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


def one_form(criteria: Json) -> Json:
    """Return criteria in a form in which what means the same is the same.

    Beyond `cohorts.criteria.canonical`: names by their order, those that nothing uses
    left out, all members of ``all`` sorted, one patient in an ``all``, the negation of
    any taken apart, a count of at least one left out, bounds of days with their day.
    """
    plain = _sorted(_simple(canonical(criteria)))
    return _sorted(_renamed(plain))


def _simple(value: Json) -> Json:
    if isinstance(value, list):
        return [_simple(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _simple(each) for key, each in value.items()}
    if found.get("count") == {"gte": 1}:
        found.pop("count")
    if found.get("descendants") is False:
        found.pop("descendants")
    if isinstance(found.get("text"), str) and "code" not in found:
        found["text"] = _concept(found["text"])
    if "birth" in found:
        found["birth"] = _days(found["birth"])
    denied = found.get("not")
    if isinstance(denied, dict) and set(denied) == {"any"}:
        found = {"all": [{"not": each} for each in denied["any"]]}
    if set(found) == {"all"} and isinstance(found["all"][0], dict):
        return _all(found["all"])
    return found


def _concept(text: str) -> str:
    """Return what our lexicon calls a concept: "lupus" has the same codes."""
    found = [each for each in own_lexicon().named(text) if each.is_own]
    return found[0].name if found else text


def _days(bounds: Json) -> Json:
    found = {}
    for name, day in bounds.items():
        other, step = _DAYS.get(name, (name, 0))
        moved = date.fromisoformat(day) + timedelta(days=step)
        found[other] = moved.isoformat()
    return found


def _all(members: list[Json]) -> Json:
    person: dict[str, Any] = {}
    rest: list[Json] = []
    flat = [e for m in members for e in (m["all"] if set(m) == {"all"} else [m])]
    for each in flat:
        told = each.get("patient")
        if told is not None and not set(told) & set(person):
            person.update(told)
        else:
            rest.append(each)
    found = [{"patient": person}, *rest] if person else rest
    return found[0] if len(found) == 1 else {"all": found}


def _sorted(value: Json) -> Json:
    if isinstance(value, list):
        return sorted((_sorted(e) for e in value), key=_key)
    if isinstance(value, dict):
        return {key: _sorted(each) for key, each in value.items()}
    return value


def _key(value: Json) -> str:
    """Return what sorts the same whatever names there are."""
    text = json.dumps(value, sort_keys=True)
    return (
        text
        if not isinstance(value, dict)
        else json.dumps(_nameless(value), sort_keys=True) + text
    )


def _nameless(value: Json) -> Json:
    if isinstance(value, list):
        return [_nameless(each) for each in value]
    if isinstance(value, dict):
        return {
            key: "" if key in {"as", "near", "during"} else _nameless(each)
            for key, each in value.items()
        }
    return value


def _renamed(plain: Json) -> Json:
    used = set(_used(plain))
    names = {
        name: f"n{at}"
        for at, name in enumerate(
            dict.fromkeys(name for name in _bound(plain) if name in used)
        )
    }
    return _replaced(plain, names)


def _bound(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("as"), str) and "type" in value:
            yield value["as"]
        for each in value.values():
            yield from _bound(each)
    elif isinstance(value, list):
        for each in value:
            yield from _bound(each)


def _used(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in {"near", "during"} and isinstance(each, str):
                yield each.removesuffix(".end")
            elif key == "at" and isinstance(each, str) and each.startswith("@"):
                yield each[1:]
            yield from _used(each)
    elif isinstance(value, list):
        for each in value:
            yield from _used(each)


def _replaced(value: Json, names: dict[str, str]) -> Json:
    if isinstance(value, list):
        return [_replaced(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, each in value.items():
        if key == "as" and "type" in value:
            if each in names:
                found[key] = names[each]
        elif key in {"near", "during"} and isinstance(each, str):
            name, dot, end = each.partition(".")
            found[key] = names.get(name, name) + dot + end
        elif key == "at" and isinstance(each, str) and each.startswith("@"):
            found[key] = "@" + names.get(each[1:], each[1:])
        else:
            found[key] = _replaced(each, names)
    return found


def atoms_of(criteria: Json) -> Counter[str]:
    """Return what the leaves and outputs say, one line for each member."""
    return Counter(_atoms(one_form(criteria), ""))


def _atoms(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in {"v", "as", "all"}:
                yield from _atoms(each, path) if key == "all" else ()
            elif key in {"when", "code", "body", "value", "age", "text", "count"}:
                yield f"{path}/{key}={json.dumps(each, sort_keys=True)}"
            else:
                yield from _atoms(each, f"{path}/{key}")
    elif isinstance(value, list):
        for each in value:
            yield from _atoms(each, path)
    else:
        yield f"{path}={value}"


def f1(found: Json, expected: Json) -> float:
    """Return the harmonic mean of precision and recall over atoms."""
    one, other = atoms_of(found), atoms_of(expected)
    shared = sum((one & other).values())
    total = sum(one.values()) + sum(other.values())
    return 2 * shared / total if total else 1.0


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
