"""Parts of criteria in English: numbers, concepts, texts, windows of time."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from cohorts.criteria.durations import parse_duration
from cohorts.criteria.values import (
    Between,
    ConceptCodes,
    ConceptGroup,
    ConceptSet,
    ConceptText,
    During,
    Last,
    Near,
    Part,
    Phrase,
    Terms,
)

NOUNS: Final = {
    "condition": ("diagnosis", "diagnoses"),
    "medication": ("medication", "medications"),
    "procedure": ("procedure", "procedures"),
    "observation": ("measurement", "measurements"),
    "encounter": ("visit", "visits"),
    "allergy": ("allergy", "allergies"),
    "immunization": ("vaccination", "vaccinations"),
    "report": ("report", "reports"),
    "imaging": ("study", "studies"),
    "device": ("device", "devices"),
    "specimen": ("specimen", "specimens"),
    "patient": ("patient", "patients"),
    "count": ("number", "numbers"),
    "document": ("document", "documents"),
}
BOUNDS: Final = {
    "gt": "above",
    "gte": "at least",
    "lt": "below",
    "lte": "at most",
    "eq": "exactly",
}
DAYS: Final = {"gt": "after", "gte": "from", "lt": "before", "lte": "until", "eq": "on"}
_MONTHS: Final = 12


def quoted(text: str) -> str:
    """Return words as they are written, in quotes."""
    return orjson.dumps(text).decode()


def value_in(value: str | float) -> str:
    """Return what an attribute is compared with."""
    return quoted(value) if isinstance(value, str) else _number(value)


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def range_in(bounds: Part, words: Mapping[str, str] = BOUNDS) -> str:
    """Return bounds: at least 3 and below 5."""
    return " and ".join(
        f"{word} {_number(value)}"
        for name, word in words.items()
        if (value := getattr(bounds, name)) is not None
    )


def quantity_in(value: Any) -> str:
    """Return bounds with their unit."""
    unit = f" in {quoted(value.unit)}" if value.unit else ""
    return f"{range_in(value)}{unit}"


def strings_in(texts: Sequence[str]) -> str:
    """Return texts of which any is meant."""
    return "/".join(map(quoted, texts))


def text_in(text: Phrase | Terms) -> str:
    """Return what a report says."""
    if isinstance(text, Phrase):
        return f"saying {quoted(text.phrase)}"
    words = [
        f"{name} of ({', '.join(map(quoted, terms))})"
        for name in ("all", "any", "none")
        if (terms := getattr(text, name))
    ]
    return f"saying {' '.join(words)}"


def concept_in(concept: Any) -> str:
    """Return a concept: its words, its codes, what it is made of."""
    match concept:
        case ConceptText():
            return quoted(concept.text)
        case ConceptSet():
            return f"the set {quoted(concept.set)}"
        case ConceptCodes():
            codes = (
                f"{quoted(each.code)} of {quoted(each.system)}"
                + (" and below" if each.descendants else "")
                for each in concept.codes
            )
            return f"the codes ({', '.join(codes)})"
        case ConceptGroup():
            some = ", ".join(map(concept_in, concept.any_of))
            text = f"any of ({some})"
            if concept.not_:
                text += f" but none of ({', '.join(map(concept_in, concept.not_))})"
            return text
        case _:
            raise TypeError(concept)


def when_in(when: Any) -> str:
    """Return a window of time."""
    match when:
        case Last():
            return f"in the last {span(when.last)}"
        case During():
            return f"during {when.during}"
        case Near():
            name, _, end = when.near.partition(".")
            first = _offset(when.from_) if when.from_ else "any time before"
            last = _offset(when.to) if when.to else "any time after"
            return f"from {first} to {last} around {name}{' at its end' * bool(end)}"
        case Between(to=None):
            return f"from {_moment(when.from_)} on"
        case Between(from_=None):
            return f"until {_moment(when.to)}"
        case Between():
            return f"from {_moment(when.from_)} to {_moment(when.to)}"
        case _:
            raise TypeError(when)


def _moment(moment: str | None) -> str:
    if moment is None:
        return "any time"
    if moment.lstrip("+-").startswith("P"):
        found = _offset(moment)
        return "now" if found == "the same day" else f"{found} now"
    return moment


def _offset(text: str) -> str:
    """Return how far away: 30 days before, 2 months after, the same day."""
    duration = parse_duration(text)
    if not (duration.months or duration.days):
        return "the same day"
    return f"{span(text)} {'before' if duration.sign < 0 else 'after'}"


def span(text: str) -> str:
    """Return a duration in words, without its sign: 1 year 6 months."""
    duration = parse_duration(text)
    years, months = divmod(duration.months, _MONTHS)
    parts = ((years, "year"), (months, "month"), (duration.days, "day"))
    words = [
        f"{number} {word}{'s' * (number != 1)}" for number, word in parts if number
    ]
    return " ".join(words) or "0 days"
