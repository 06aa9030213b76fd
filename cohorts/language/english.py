"""Criteria in English that says all of them, and can be read back.

`cohorts.language.controlled` has the grammar of it: what is written here is read there
as the same criteria.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from cohorts.criteria import (
    AllOf,
    AnyOf,
    AtLeast,
    Node,
    Output,
    Query,
)
from cohorts.criteria.durations import parse_duration
from cohorts.criteria.model import (
    Event,
    NotThis,
    OfCohort,
    OfEvent,
    OfPatient,
    Patient,
    Report,
    Series,
)
from cohorts.criteria.values import (
    Age,
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
    Tag,
    Terms,
    WordsOfValue,
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


def english(criteria: Query) -> str:
    """Return criteria in English."""
    outputs = "; ".join(_output(each) for each in criteria.output)
    text = f"Find {criteria.find} where {_node(criteria.where)}. List {outputs}."
    if criteria.sort:
        text += f" Sort by {'newest' if criteria.sort == '-date' else 'oldest'}."
    if criteria.limit:
        text += f" Show {criteria.limit}."
    return text


def english_of(node: Node) -> str:
    """Return one criterion in English: what a row of a table of attrition says."""
    return _node(node)


def quoted(text: str) -> str:
    """Return words as they are written, in quotes."""
    return orjson.dumps(text).decode()


def _node(node: Node, *, is_inside: bool = False) -> str:
    match node:
        case AllOf():
            return _group("and", node.all, is_inside=is_inside)
        case AnyOf():
            return _group("or", node.any, is_inside=is_inside)
        case NotThis(not_=OfEvent() as inner) if inner.event.pick is None:
            return f"there is no {_event(inner.event)}"
        case NotThis():
            return f"not {_node(node.not_, is_inside=True)}"
        case AtLeast():
            some = "; ".join(_node(each) for each in node.atleast.of)
            return f"{node.atleast.n} or more of ({some})"
        case OfPatient():
            return f"the patient is {', '.join(_patient(node.patient))}"
        case OfEvent():
            pick = {"first": "the first", "last": "the last", "any": "any"}
            article = "an" if node.event.type == "allergy" else "a"
            article = pick.get(node.event.pick or "", article)
            return f"there is {article} {_event(node.event)}"
        case OfCohort():
            return f"in the cohort {quoted(node.cohort)}"


def _group(word: str, members: Sequence[Node], *, is_inside: bool) -> str:
    if len(members) == 1:
        return _node(members[0], is_inside=is_inside)
    text = f" {word} ".join(_node(each, is_inside=True) for each in members)
    return f"({text})" if is_inside else text


def _patient(patient: Patient) -> Iterator[str]:
    if patient.gender:
        yield {"other": "of another gender", "unknown": "of unknown gender"}.get(
            patient.gender, patient.gender
        )
    if patient.age:
        yield f"aged {_range(patient.age)}{_at(patient.age)}"
    if patient.birth:
        yield f"born {_range(patient.birth, DAYS)}"
    if isinstance(patient.deceased, bool):
        yield "dead" if patient.deceased else "alive"
    elif patient.deceased is not None:
        yield f"dead {_when(patient.deceased.when)}"
    if patient.site:
        yield f"at the site {quoted(patient.site)}"
    if patient.project:
        yield f"in the project {quoted(patient.project)}"


def _at(age: Age) -> str:
    if age.at.startswith("@"):
        return f" on the date of {age.at[1:]}"
    return {"now": "", "death": " at death"}.get(age.at, f" on {age.at}")


def _event(event: Event) -> str:
    noun = NOUNS[event.type][0]
    head = f"{noun} of {_concept(event.code)}" if event.code else noun
    return ", ".join((head, *_clauses(event)))


def _clauses(event: Event) -> Iterator[str]:
    yield from _of_images(event)
    yield from _told(event)
    if event.age:
        yield f"at an age {_range(event.age)}"
    if event.when:
        yield _when(event.when)
    if event.count:
        yield f"{_range(event.count)} of them"
    if event.same:
        yield f"in the same {event.same}"
    if event.report:
        yield f"with a report ({', '.join(_report(event.report))})"
    if event.as_:
        yield f"named {event.as_}"


def _told(event: Event) -> Iterator[str]:
    """Yield what is said of the event alone: category, status, value, text."""
    if event.category:
        yield f"in the category {quoted(event.category)}"
    if event.status:
        yield f"with status {_strings(event.status)}"
    if isinstance(event.value, WordsOfValue):
        yield f"with the value {quoted(event.value.text)}"
    elif event.value is not None:
        yield _quantity(event.value)
    if event.text:
        yield _text(event.text)


def _of_images(part: Event | Series) -> Iterator[str]:
    if part.modality:
        yield f"by {'/'.join(part.modality)}"
    if part.body:
        yield f"showing {_concept(part.body)}"
    if part.instances:
        yield f"{_range(part.instances)} instances"
    for each in part.tags or ():
        yield _tag(each)
    if isinstance(part, Event) and part.series:
        yield f"with a series ({', '.join(_series(part.series))})"


def _series(series: Series) -> Iterator[str]:
    yield from _of_images(series)
    if series.count:
        yield f"{_range(series.count)} of them"


def _report(report: Report) -> Iterator[str]:
    if report.text:
        yield _text(report.text)
    if report.code:
        yield f"of {_concept(report.code)}"
    if report.status:
        yield f"with status {_strings(report.status)}"


def _tag(tag: Tag) -> str:
    words = [f"having {tag.tag}"]
    if tag.creator:
        words.append(f"by {quoted(tag.creator)}")
    for name, word in BOUNDS.items():
        value = getattr(tag, name)
        if value is not None:
            words.append(f"{word} {_value(value)}")
    if tag.in_ is not None:
        words.append(f"one of ({', '.join(map(_value, tag.in_))})")
    if tag.contains:
        words.append(f"containing {quoted(tag.contains)}")
    if tag.exists is not None:
        words.append("present" if tag.exists else "absent")
    if tag.unit:
        words.append(f"in {quoted(tag.unit)}")
    return " ".join(words)


def _value(value: str | float) -> str:
    return quoted(value) if isinstance(value, str) else _number(value)


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _range(bounds: Part, words: Mapping[str, str] = BOUNDS) -> str:
    return " and ".join(
        f"{word} {_number(value)}"
        for name, word in words.items()
        if (value := getattr(bounds, name)) is not None
    )


def _quantity(value: Any) -> str:
    unit = f" in {quoted(value.unit)}" if value.unit else ""
    return f"{_range(value)}{unit}"


def _strings(texts: Sequence[str]) -> str:
    return "/".join(map(quoted, texts))


def _text(text: Phrase | Terms) -> str:
    if isinstance(text, Phrase):
        return f"saying {quoted(text.phrase)}"
    words = [
        f"{name} of ({', '.join(map(quoted, terms))})"
        for name in ("all", "any", "none")
        if (terms := getattr(text, name))
    ]
    return f"saying {' '.join(words)}"


def _concept(concept: Any) -> str:
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
            some = ", ".join(map(_concept, concept.any_of))
            text = f"any of ({some})"
            if concept.not_:
                text += f" but none of ({', '.join(map(_concept, concept.not_))})"
            return text
        case _:
            raise TypeError(concept)


def _when(when: Any) -> str:
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


def _output(output: Output) -> str:
    pick = {"first": "the first of ", "last": "the last of ", "any": "any of "}
    head = pick.get(output.pick or "", "") + NOUNS[output.what][1]
    return ", ".join((head, *_of_output(output)))


def _of_output(output: Output) -> Iterator[str]:
    if output.code:
        yield f"of {_concept(output.code)}"
    if output.of:
        yield "of the studies"
    if output.modality:
        yield f"by {'/'.join(output.modality)}"
    if output.body:
        yield f"showing {_concept(output.body)}"
    if output.category:
        yield f"in the category {quoted(output.category)}"
    if output.status:
        yield f"with status {_strings(output.status)}"
    if output.when:
        yield _when(output.when)
    if output.matching is not None:
        yield "that matched" if output.matching else "matched or not"
    if output.as_:
        yield f"as a {output.as_}"
