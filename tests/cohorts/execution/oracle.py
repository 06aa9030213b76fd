"""Criteria read anew in plain Python, on plain facts: what SQL has to agree with.

Written from `docs/criteria.md`, not from the compiler: names are bound by trying all
events, partial dates by trying all days.
"""

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cohorts.criteria.durations import parse_duration

Json = Any
Days = tuple[date, date]
UNITS = {"mg/dL": ("glucose", 1.0), "mmol/L": ("glucose", 18.0156), "kg": ("kg", 1.0)}
UNITS["g"] = ("kg", 0.001)
BAD = {"entered-in-error", "refuted", "not-done", "draft", "cancelled", "provisional"}
MOMENTS = {"procedure", "observation", "report", "imaging", "immunization", "specimen"}
# Sentences of reports, and which words each affirms and only mentions.
SENTENCES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "There is a pulmonary nodule.": (frozenset({"pulmonary nodule"}), frozenset()),
    "No pulmonary nodule.": (frozenset(), frozenset({"pulmonary nodule"})),
    "No effusion but multiple pulmonary nodules.": (
        frozenset({"pulmonary nodule"}),
        frozenset({"effusion"}),
    ),
    "Effusion cannot be excluded.": (frozenset({"effusion"}), frozenset()),
    "Effusion is not seen.": (frozenset(), frozenset({"effusion"})),
    "Normal heart.": (frozenset({"heart"}), frozenset()),
}


@dataclass
class Fact:
    """An event, as a test has made it up."""

    id: int
    type: str
    words: str
    days: Days | None
    end: Days | None = None
    status: str = ""
    number: float | None = None
    unit: str = ""
    said: str = ""
    encounter: str = ""
    study: str = ""
    series: Sequence[tuple[str, str, int]] = ()
    sentences: Sequence[str] = ()


@dataclass
class Person:
    """A patient with all that happened."""

    id: str
    gender: str = ""
    born: Days | None = None
    dead: bool = False
    died: Days | None = None
    facts: list[Fact] = field(default_factory=list)


Env = dict[str, Fact]


class Oracle:
    """Tells of persons whether criteria hold."""

    def __init__(self, now: date, used: set[str]) -> None:
        self.now = now
        self.used = used

    def holds(self, node: Json, who: Person, env: Env, sure: bool = False) -> bool:
        match node:
            case {"all": parts}:
                return self._bound(list(_flat(parts)), who, env, sure)
            case {"any": parts}:
                return any(self.holds(e, who, env, sure) for e in parts)
            case {"not": part}:
                return not self.holds(part, who, env, False)
            case {"atleast": {"n": n, "of": parts}}:
                return bool(sum(self.holds(e, who, env, sure) for e in parts) >= n)
            case {"patient": patient}:
                return self._patient(patient, who, env, sure)
            case {"event": event}:
                return self._number(event, who, env, sure)
        raise AssertionError(node)

    def _bound(self, parts: list[Json], who: Person, env: Env, sure: bool) -> bool:
        if not parts:
            return True
        first, *others = parts
        event = first.get("event", {})
        if event.get("as") not in self.used:
            return self.holds(first, who, env, sure) and self._bound(
                others, who, env, sure
            )
        if not self._number(event, who, env, sure):
            return False
        return any(
            self._bound(others, who, {**env, event["as"]: fact}, sure)
            for fact in self._picked(event, who, env, sure)
        )

    def _picked(self, event: Json, who: Person, env: Env, sure: bool) -> list[Fact]:
        found = [e for e in who.facts if self._matches(event, e, who, env, sure)]
        pick = event.get("pick", "any")
        if pick == "any" or not found:
            return found
        dated = [e for e in found if e.days]
        if not dated:
            return [min(found, key=lambda e: e.id)] if pick == "first" else found[-1:]
        if pick == "first":
            return [min(dated, key=lambda e: (e.days[0], e.id))]  # type: ignore[index]
        return [max(dated, key=lambda e: (e.days[0], e.id))]  # type: ignore[index]

    def _number(self, event: Json, who: Person, env: Env, sure: bool) -> bool:
        count = event.get("count", {"gte": 1})
        if {"lt", "lte", "eq"} & count.keys():
            sure = False
        found = [e for e in who.facts if self._matches(event, e, who, env, sure)]
        return _in_range(len(found), count)

    def _matches(
        self, event: Json, fact: Fact, who: Person, env: Env, sure: bool
    ) -> bool:
        if fact.type != event["type"]:
            return False
        statuses = set(fact.status.split())
        if "status" in event:
            if not statuses & set(event["status"]):
                return False
        elif statuses & BAD:
            return False
        return (
            ("code" not in event or _called(event["code"]["text"], fact.words))
            and ("value" not in event or _valued(event["value"], fact))
            and ("text" not in event or _says(event["text"], fact))
            and (
                "when" not in event or self._timed(event["when"], fact.days, env, sure)
            )
            and ("age" not in event or _aged(event["age"], who.born, fact.days, sure))
            and ("same" not in event or _same(event["same"], fact, env))
            and (event["type"] != "imaging" or self._imaging(event, fact, who))
        )

    def _imaging(self, event: Json, fact: Fact, who: Person) -> bool:
        wanted = event.get("modality")
        if wanted and not any(m in wanted for m, _, _ in fact.series):
            return False
        if "body" in event:
            text = event["body"]["text"]
            if not any(_called(text, body) for _, body, _ in fact.series):
                return False
        if "instances" in event:
            number = sum(n for _, _, n in fact.series)
            if not _in_range(number, event["instances"]):
                return False
        if "series" in event and not _series(event["series"], fact):
            return False
        if "report" not in event:
            return True
        return any(
            report.type == "report"
            and report.study == fact.study
            and not set(report.status.split()) & BAD
            and _says(event["report"]["text"], report)
            for report in who.facts
        )

    def _patient(self, patient: Json, who: Person, env: Env, sure: bool) -> bool:
        if patient.get("gender", who.gender) != who.gender:
            return False
        if "age" in patient:
            at = patient["age"].get("at", "now")
            if at == "now":
                days: Days | None = (self.now, self.now)
            elif at == "death":
                days = who.died
            elif at.startswith("@"):
                days = env[at[1:]].days
            else:
                days = span(at)
            if not _aged(patient["age"], who.born, days, sure):
                return False
        if "birth" in patient and not _born(patient["birth"], who.born, sure):
            return False
        deceased = patient.get("deceased")
        if isinstance(deceased, bool):
            return who.dead == deceased
        return deceased is None or self._timed(deceased["when"], who.died, env, sure)

    def _timed(self, when: Json, days: Days | None, env: Env, sure: bool) -> bool:
        if days is None:
            return False
        windows = list(self._windows(when, env))
        if not windows:
            return False
        if sure:
            return all(low <= days[0] and days[1] <= high for low, high in windows)
        return any(
            low <= high and low <= days[1] and days[0] <= high for low, high in windows
        )

    def _windows(self, when: Json, env: Env) -> Iterator[Days]:
        if "last" in when:
            yield moved(self.now, f"-{when['last']}"), self.now
        elif "near" in when:
            name, _, is_end = when["near"].partition(".")
            anchor = _end(env[name]) if is_end else env[name].days
            if anchor is not None:
                for day in _days(anchor):
                    yield (
                        moved(day, when["from"]) if when.get("from") else date.min,
                        moved(day, when["to"]) if when.get("to") else date.max,
                    )
        elif "during" in when:
            fact = env[when["during"]]
            if fact.days is not None:
                end = _run_end(fact)
                for day in _days(fact.days):
                    for last in end or (day,):
                        yield day, last
        else:
            yield self._edge(when.get("from"), 0), self._edge(when.get("to"), 1)

    def _edge(self, text: str | None, which: int) -> date:
        if text is None:
            return (date.min, date.max)[which]
        if text.lstrip("+-").startswith("P"):
            return moved(self.now, text)
        return span(text)[which]


def _flat(parts: Sequence[Json]) -> Iterator[Json]:
    for each in parts:
        if "all" in each:
            yield from _flat(each["all"])
        else:
            yield each


def span(text: str) -> Days:
    """Return all days of a date that may be partial."""
    if len(text) == 4:
        return date(int(text), 1, 1), date(int(text), 12, 31)
    year, month = int(text[:4]), int(text[5:7])
    if len(text) == 7:
        return (
            date(year, month, 1),
            date(year, month, calendar.monthrange(year, month)[1]),
        )
    return date.fromisoformat(text), date.fromisoformat(text)


def moved(day: date, text: str) -> date:
    """Return a day so much later: months clip to the end of the month."""
    duration = parse_duration(text)
    total = day.year * 12 + day.month - 1 + duration.sign * duration.months
    year, month = total // 12, total % 12 + 1
    last = calendar.monthrange(year, month)[1]
    clipped = date(year, month, min(day.day, last))
    return clipped + timedelta(days=duration.sign * duration.days)


def age_on(born: date, day: date) -> int:
    """Return whole years; a birthday on 29 February is on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _aged(asked: Json, born: Days | None, days: Days | None, sure: bool) -> bool:
    if born is None or days is None:
        return False
    ages = range(age_on(born[1], days[0]), age_on(born[0], days[1]) + 1)
    return (all if sure else any)(_in_range(age, asked) for age in ages)


def _born(asked: Json, born: Days | None, sure: bool) -> bool:
    if born is None:
        return False
    return (all if sure else any)(
        all(
            {
                "gt": day > span(text)[1],
                "gte": day >= span(text)[0],
                "lt": day < span(text)[0],
                "lte": day <= span(text)[1],
                "eq": span(text)[0] <= day <= span(text)[1],
            }[name]
            for name, text in asked.items()
        )
        for day in _days(born)
    )


def _days(days: Days) -> Iterator[date]:
    for number in range((days[1] - days[0]).days + 1):
        yield days[0] + timedelta(days=number)


def _end(fact: Fact) -> Days | None:
    return fact.end or (fact.days if fact.type in MOMENTS else None)


def _run_end(fact: Fact) -> Days | None:
    if fact.end is not None:
        return fact.end
    if fact.type == "condition" and "active" in fact.status.split():
        return date.max, date.max
    return None


def _called(text: str, words: str) -> bool:
    asked, held = _stems(text), _stems(words)
    return any(held[at : at + len(asked)] == asked for at in range(len(held)))


def _stems(text: str) -> list[str]:
    words = text.lower().replace(",", " ").split()
    return [re.sub("ies$", "y", word).removesuffix("s") for word in words]


def _in_range(number: float, asked: Json) -> bool:
    return all(
        {
            "gt": lambda b: number > b,
            "gte": lambda b: number >= b,
            "lt": lambda b: number < b,
            "lte": lambda b: number <= b,
            "eq": lambda b: number == b,
        }[name](bound)
        for name, bound in asked.items()
        if name not in {"at", "unit"}
    )


def _valued(asked: Json, fact: Fact) -> bool:
    if "text" in asked:
        return _called(asked["text"], fact.said)
    if fact.number is None:
        return False
    if "unit" not in asked:
        return _in_range(fact.number, asked)
    kind, factor = UNITS[asked["unit"]]
    held_kind, held_factor = UNITS[fact.unit]
    is_same = asked["unit"] == fact.unit
    if kind != held_kind or (
        kind == "glucose" and not is_same and "glucose" not in fact.words
    ):
        return False
    return _in_range(
        fact.number if is_same else fact.number * held_factor / factor, asked
    )


def _says(asked: Json, fact: Fact) -> bool:
    if not fact.sentences:
        return False
    affirmed = set().union(*(SENTENCES[each][0] for each in fact.sentences))
    mentioned = affirmed.union(*(SENTENCES[each][1] for each in fact.sentences))
    if "phrase" in asked:
        return asked["phrase"] in mentioned
    return (
        all(each in mentioned for each in asked.get("all", ()))
        and (not asked.get("any") or any(e in mentioned for e in asked["any"]))
        and not any(each in affirmed for each in asked.get("none", ()))
    )


def _same(what: str, fact: Fact, env: Env) -> bool:
    other = list(env.values())[-1]
    mine, theirs = (
        (fact.encounter, other.encounter)
        if what == "encounter"
        else (fact.study, other.study)
    )
    return bool(mine) and mine == theirs


def _series(asked: Json, fact: Fact) -> bool:
    found = [
        1
        for modality, body, number in fact.series
        if modality in asked.get("modality", [modality])
        and ("body" not in asked or _called(asked["body"]["text"], body))
        and _in_range(number, asked.get("instances", {}))
    ]
    return _in_range(len(found), asked.get("count", {"gte": 1}))
