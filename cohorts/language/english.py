"""Criteria in English that says all of them, and can be read back.

`cohorts.language.controlled` has the grammar of it: what is written here is read there
as the same criteria.
"""

from collections.abc import Iterator, Sequence

from cohorts.criteria import (
    AllOf,
    AnyOf,
    AtLeast,
    Node,
    Output,
    Query,
)
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
from cohorts.criteria.values import Age, Tag, WordsOfValue
from cohorts.language.wording import (
    BOUNDS,
    DAYS,
    NOUNS,
    concept_in,
    quantity_in,
    quoted,
    range_in,
    strings_in,
    text_in,
    value_in,
    when_in,
)


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
        yield f"aged {range_in(patient.age)}{_at(patient.age)}"
    if patient.birth:
        yield f"born {range_in(patient.birth, DAYS)}"
    if isinstance(patient.deceased, bool):
        yield "dead" if patient.deceased else "alive"
    elif patient.deceased is not None:
        yield f"dead {when_in(patient.deceased.when)}"
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
    head = f"{noun} of {concept_in(event.code)}" if event.code else noun
    return ", ".join((head, *_clauses(event)))


def _clauses(event: Event) -> Iterator[str]:
    yield from _of_images(event)
    yield from _told(event)
    if event.age:
        yield f"at an age {range_in(event.age)}"
    if event.when:
        yield when_in(event.when)
    if event.count:
        yield f"{range_in(event.count)} of them"
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
        yield f"with status {strings_in(event.status)}"
    if isinstance(event.value, WordsOfValue):
        yield f"with the value {quoted(event.value.text)}"
    elif event.value is not None:
        yield quantity_in(event.value)
    if event.text:
        yield text_in(event.text)


def _of_images(part: Event | Series) -> Iterator[str]:
    if part.modality:
        yield f"by {'/'.join(part.modality)}"
    if part.body:
        yield f"showing {concept_in(part.body)}"
    if part.instances:
        yield f"{range_in(part.instances)} instances"
    for each in part.tags or ():
        yield _tag(each)
    if isinstance(part, Event) and part.series:
        yield f"with a series ({', '.join(_series(part.series))})"


def _series(series: Series) -> Iterator[str]:
    yield from _of_images(series)
    if series.count:
        yield f"{range_in(series.count)} of them"


def _report(report: Report) -> Iterator[str]:
    if report.text:
        yield text_in(report.text)
    if report.code:
        yield f"of {concept_in(report.code)}"
    if report.status:
        yield f"with status {strings_in(report.status)}"


def _tag(tag: Tag) -> str:
    words = [f"having {tag.tag}"]
    if tag.creator:
        words.append(f"by {quoted(tag.creator)}")
    for name, word in BOUNDS.items():
        value = getattr(tag, name)
        if value is not None:
            words.append(f"{word} {value_in(value)}")
    if tag.in_ is not None:
        words.append(f"one of ({', '.join(map(value_in, tag.in_))})")
    if tag.contains:
        words.append(f"containing {quoted(tag.contains)}")
    if tag.exists is not None:
        words.append("present" if tag.exists else "absent")
    if tag.unit:
        words.append(f"in {quoted(tag.unit)}")
    return " ".join(words)


def _output(output: Output) -> str:
    pick = {"first": "the first of ", "last": "the last of ", "any": "any of "}
    head = pick.get(output.pick or "", "") + NOUNS[output.what][1]
    return ", ".join((head, *_of_output(output)))


def _of_output(output: Output) -> Iterator[str]:
    if output.code:
        yield f"of {concept_in(output.code)}"
    if output.of:
        yield "of the studies"
    if output.modality:
        yield f"by {'/'.join(output.modality)}"
    if output.body:
        yield f"showing {concept_in(output.body)}"
    if output.category:
        yield f"in the category {quoted(output.category)}"
    if output.status:
        yield f"with status {strings_in(output.status)}"
    if output.when:
        yield when_in(output.when)
    if output.matching is not None:
        yield "that matched" if output.matching else "matched or not"
    if output.as_:
        yield f"as a {output.as_}"
