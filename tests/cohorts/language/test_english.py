"""Criteria in English, and back."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.criteria import canonical, dumped, parse_criteria
from cohorts.language.controlled import read_english
from cohorts.language.english import english
from core.errors import Invalid
from tests.cohorts.language.questions import answered

WORDS = st.text(min_size=1, max_size=8).filter(lambda text: text.strip() != "")
NUMBER = st.integers(-(10**6), 10**6) | st.floats(
    allow_nan=False, allow_infinity=False, width=32
)
DAY = st.dates().map(str) | st.sampled_from(["2020", "2021-05", "1999-12-31"])
SPAN = st.sampled_from(["P1Y", "P30D", "P18M", "P2W", "P1Y2M3D", "P0D", "P2021D"])
OFFSET = SPAN | SPAN.map(lambda text: f"-{text}")
NAMES = st.sampled_from(["a", "the", "now", "dx", "end", "any", "named"])


def part(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required, optional=optional)


def some(each: Any, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(each, min_size=1, max_size=most)


def bounds(values: Any, **more: Any) -> st.SearchStrategy[Any]:
    names = ("gt", "gte", "lt", "lte", "eq")
    return part({}, **dict.fromkeys(names, values), **more).filter(
        lambda found: any(name in found for name in names)
    )


COUNT = bounds(st.integers(0, 10**6))
CONCEPT = st.recursive(
    st.builds(lambda text: {"text": text}, WORDS)
    | st.builds(lambda text: {"set": text}, WORDS)
    | st.builds(
        lambda codes: {"codes": codes},
        some(part({"system": WORDS, "code": WORDS}, descendants=st.booleans())),
    ),
    lambda inner: part({"anyOf": some(inner)}, **{"not": st.lists(inner, max_size=2)}),
    max_leaves=4,
)
TEXT = st.builds(lambda text: {"phrase": text}, WORDS) | part(
    {}, all=some(WORDS), any=some(WORDS), none=some(WORDS)
).filter(bool)
MOMENT = DAY | OFFSET
WHEN = (
    st.builds(lambda text: {"last": text}, SPAN)
    | st.builds(
        lambda first, last: {"from": first, "to": last},
        st.none() | MOMENT,
        st.none() | MOMENT,
    ).filter(lambda found: found != {"from": None, "to": None})
    | st.builds(
        lambda name, end, first, last: {"near": name + end, "from": first, "to": last},
        NAMES,
        st.sampled_from(["", ".end"]),
        st.none() | OFFSET,
        st.none() | OFFSET,
    )
    | st.builds(lambda name: {"during": name}, NAMES)
)
TAG = part(
    {"tag": st.sampled_from(["KVP", "00180050", "0019xx0C", "in", "by"])},
    creator=WORDS,
    eq=NUMBER | WORDS,
    gt=NUMBER | WORDS,
    lte=NUMBER | WORDS,
    contains=WORDS,
    exists=st.booleans(),
    unit=WORDS,
    **{"in": st.lists(NUMBER | WORDS, max_size=3)},
).filter(lambda tag: set(tag) & {"eq", "in", "gt", "lte", "contains", "exists"})
MODALITIES = some(st.sampled_from(["CT", "MR", "PT", "US", "A_1"]))
STATUS = some(WORDS)
SERIES = part(
    {},
    modality=MODALITIES,
    body=CONCEPT,
    tags=some(TAG),
    count=COUNT,
    instances=COUNT,
)
REPORT = part({}, text=TEXT, code=CONCEPT, status=STATUS)
COMMON: dict[str, Any] = {
    "code": CONCEPT,
    "category": WORDS,
    "status": STATUS,
    "value": bounds(NUMBER, unit=WORDS) | st.builds(lambda t: {"text": t}, WORDS),
    "age": bounds(NUMBER),
    "when": WHEN,
    "count": COUNT,
    "pick": st.sampled_from(["first", "last", "any"]),
    "as": NAMES,
    "same": st.sampled_from(["encounter", "study"]),
}
EVENT = part(
    {"type": st.sampled_from(["condition", "observation", "encounter", "device"])},
    **COMMON,
) | part(
    {"type": st.just("imaging")},
    **COMMON,
    text=TEXT,
    modality=MODALITIES,
    body=CONCEPT,
    instances=COUNT,
    tags=some(TAG),
    series=SERIES.filter(bool),
    report=REPORT.filter(bool),
)
PATIENT = part(
    {},
    gender=st.sampled_from(["male", "female", "other", "unknown"]),
    age=bounds(
        NUMBER,
        at=st.sampled_from(["now", "death"]) | DAY | NAMES.map(lambda name: f"@{name}"),
    ),
    birth=bounds(DAY),
    deceased=st.booleans() | st.builds(lambda when: {"when": when}, WHEN),
    site=WORDS,
    project=WORDS,
).filter(bool)
LEAF = (
    st.builds(lambda event: {"event": event}, EVENT)
    | st.builds(lambda patient: {"patient": patient}, PATIENT)
    | st.builds(lambda text: {"cohort": text}, WORDS)
)
NODE = st.recursive(
    LEAF,
    lambda inner: (
        st.builds(lambda nodes: {"all": nodes}, some(inner, 4))
        | st.builds(lambda nodes: {"any": nodes}, some(inner, 4))
        | st.builds(lambda node: {"not": node}, inner)
        | st.builds(
            lambda n, nodes: {"atleast": {"n": n, "of": nodes}},
            st.integers(1, 9),
            some(inner, 3),
        )
    ),
    max_leaves=6,
)
OUTPUT = part(
    {"what": st.sampled_from(["patient", "count", "imaging", "report", "document"])},
    of=st.just("imaging"),
    modality=MODALITIES,
    body=CONCEPT,
    code=CONCEPT,
    category=WORDS,
    status=STATUS,
    when=WHEN,
    pick=st.sampled_from(["first", "last", "any"]),
    matching=st.booleans(),
    **{"as": st.sampled_from(["table", "bundle", "zip"])},
)
QUERY = part(
    {"v": st.just(1), "where": NODE, "output": some(OUTPUT)},
    find=st.sampled_from(["patients", "studies", "events"]),
    sort=st.sampled_from(["date", "-date"]),
    limit=st.integers(1, 10**6),
)


@settings(max_examples=400, deadline=None)
@given(QUERY)
def test_what_is_told_in_english_is_read_back(data: Any) -> None:
    try:
        query = parse_criteria(data)
    except Invalid:
        return  # names that are not bound: no criteria
    text = english(query)
    again = read_english(text)
    assert again is not None, text
    assert canonical(again) == canonical(query), text


def test_most_generated_criteria_are_some() -> None:
    found = []

    @settings(max_examples=200, deadline=None, database=None)
    @given(QUERY)
    def count(data: Any) -> None:
        with contextlib.suppress(Invalid):
            found.append(parse_criteria(data))

    count()
    assert len(found) > 50


@pytest.mark.parametrize("question", answered(), ids=lambda each: str(each["id"]))
def test_what_questions_mean_is_read_back(question: Any) -> None:
    query = parse_criteria(question["expect"])
    assert dumped(query) == dumped(parse_criteria(question["expect"]))
    again = read_english(english(query))
    assert again is not None
    assert canonical(again) == canonical(query)


def test_it_reads_as_english() -> None:
    query = parse_criteria(
        {
            "v": 1,
            "where": {
                "all": [
                    {"patient": {"gender": "female", "age": {"gt": 45}}},
                    {
                        "event": {
                            "type": "condition",
                            "code": {"text": "osteosarcoma"},
                            "when": {"last": "P2Y"},
                            "as": "dx",
                        }
                    },
                    {
                        "not": {
                            "event": {
                                "type": "imaging",
                                "modality": ["CT"],
                                "when": {"near": "dx", "from": "P0D", "to": "P30D"},
                            }
                        }
                    },
                ]
            },
            "output": [{"what": "medication"}, {"what": "report", "of": "imaging"}],
        }
    )
    assert english(query) == (
        "Find patients where the patient is female, aged above 45 and"
        ' there is a diagnosis of "osteosarcoma", in the last 2 years, named dx and'
        " there is no study, by CT, from the same day to 30 days after around dx."
        " List medications; reports, of the studies."
    )


@pytest.mark.parametrize(
    "text",
    ["", "Find", "Find patients where .", "Find patients where not", "Find " * 99],
)
def test_other_english_is_not_read(text: str) -> None:
    assert read_english(text) is None
