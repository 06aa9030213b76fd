"""That nothing a question says is lost without being told."""

from datetime import date
from typing import Any

import pytest

from cohorts.criteria import dumped
from cohorts.language.asking import Answer, ask
from cohorts.language.facts import facts_of
from cohorts.language.lexicon import own_lexicon

NOW = date(2026, 1, 1)
LEXICON = own_lexicon().beside({"cohort": ["NSCLC 2024", "Stroke"], "set": ["Statins"]})


def read(question: str) -> Answer:
    return ask(question, NOW, LEXICON)


def where(question: str) -> Any:
    answer = read(question)
    assert answer.criteria is not None, answer
    assert not answer.unused, answer.unused
    return dumped(answer.criteria)["where"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        # Names do not have words that say how something went.
        ("patients with increasing PSA", ["increasing"]),
        ("patients with suspected pneumonia", ["suspected"]),
        ("patients who did not respond to chemotherapy", ["respond"]),
        ("patients with diabetes diagnosed by an endocrinologist", ["endocrinologist"]),
        ("patients with asthma diagnosed in childhood", ["childhood"]),
        # Numbers, and what compares them.
        ("patients on 5 mg of warfarin", ["5 mg"]),
        ("patients under 18 and over 65 with asthma", ["under 18 and over 65"]),
        ("CT scans with slice thickness 1 mm or 2 mm", ["2 mm"]),
        ("patients with more MRIs than CTs", ["more", "than"]),
        ("show the last 3 CTs of patients with lung cancer", ["3"]),
        # Denials, and what is said of nothing else.
        ("all patients but women", ["but"]),
        ("patients with an MRI but not of the brain", ["not"]),
        ("everyone except smokers with a lung nodule", ["except"]),
        ("patients with only hypertension", ["only"]),
        ("patients without zorbitosis", ["zorbitosis"]),
        ("women with 3 children and breast cancer", ["3", "children"]),
        # Times.
        ("patients with a CT in 2015 or 2018", ["2018"]),
        ("what imaging did patients with stroke get in 2022?", ["in 2022"]),
        ("patients with a CT and MRI at the same time", ["same"]),
        ("in my cohort, women over 50", ["in my cohort"]),
        ("patients who will undergo surgery", ["will"]),
        ("CTs without a report", ["report"]),
        ("patients with two admissions for gout within a year", ["within a year"]),
    ],
)
def test_what_the_criteria_do_not_say_is_told(question: str, words: list[str]) -> None:
    told = [each.text for each in read(question).unused]
    assert set(words) <= set(told), told


def test_only_before_what_is_asked_for_says_nothing() -> None:
    assert not read("show me only CT studies from 2022").unused


def test_what_criteria_say_is_found_wherever_it_stands() -> None:
    facts = facts_of(
        {
            "all": [
                {"patient": {"age": {"gt": 45, "at": "now"}}},
                {"not": {"any": [{"event": {"type": "imaging"}}, {"cohort": "X"}]}},
                {"event": {"type": "condition", "code": {"text": "CKD stage 3"}}},
            ]
        }
    )
    assert ("gt", 45) in facts.bounds
    assert facts.denials == 2
    assert 3 in facts.numbers
    assert facts.says("ckd  stage")
    assert not facts.has("pick")


@pytest.mark.parametrize(
    ("question", "age"),
    [
        ("patients older than 60 at death", {"gt": 60}),
        ("died before age 40", {"lt": 40}),
        ("people who died at age 60 or older", {"gte": 60}),
        ("patients aged 50 to 60 when they died", {"gte": 50, "lte": 60}),
    ],
)
def test_the_age_at_death_is_asked(question: str, age: Any) -> None:
    assert where(question) == {"patient": {"age": {**age, "at": "death"}}}


def test_the_age_of_the_dead_is_that_of_now_unless_it_is_said() -> None:
    aged = {"age": {"gt": 65, "at": "now"}, "deceased": True}
    assert where("patients aged over 65 who died") == {"patient": aged}


@pytest.mark.parametrize(
    "question",
    [
        "in my cohort 'NSCLC 2024', those with a brain MRI",
        'patients of cohort "NSCLC 2024" with a brain MRI',
        "patients in the NSCLC 2024 cohort who had a brain MRI",
    ],
)
def test_a_saved_cohort_is_named(question: str) -> None:
    image = {"type": "imaging", "modality": ["MR"], "body": {"text": "brain"}}
    assert where(question) == {"all": [{"cohort": "NSCLC 2024"}, {"event": image}]}


def test_a_name_is_one_of_a_cohort_only_beside_that_word() -> None:
    assert where("women not in my cohort Stroke") == {
        "all": [{"patient": {"gender": "female"}}, {"not": {"cohort": "Stroke"}}]
    }
    stroke = {"event": {"type": "condition", "code": {"text": "stroke"}}}
    assert where("patients with stroke") == stroke
    assert where("a cohort of patients with stroke") == stroke


def test_a_saved_set_of_concepts_is_named() -> None:
    asked = {"type": "medication", "code": {"set": "Statins"}}
    assert where("patients on concept set Statins") == {"event": asked}
    answer = read("patients with a diagnosis in code set 'Foo'")
    assert answer.criteria is not None
    found = dumped(answer.criteria)["where"]["event"]
    assert found == {"type": "condition", "code": {"set": "Foo"}}


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("between 1 March and 30 June 2024", ("2024-03-01", "2024-06-30")),
        ("from November to February 2021", ("2020-11-01", "2021-02-28")),
        ("Jan-Mar 2022", ("2022-01-01", "2022-03-31")),
        ("from 2019-11-01 up to 2020-03-15", ("2019-11-01", "2020-03-15")),
        ("in 2015, 2016 or 2017", ("2015-01-01", "2017-12-31")),
        ("in the 1990s", ("1990-01-01", "1999-12-31")),
    ],
)
def test_a_range_has_its_year_at_the_end(words: str, when: tuple[str, str]) -> None:
    found = where(f"patients with a CT {words}")["event"]["when"]
    assert (found["from"], found["to"]) == when


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("past 2 1/2 years", "P30M"),
        ("last 1.5 years", "P18M"),
        ("past year and a half", "P18M"),
        ("last couple of years", "P2Y"),
        ("past 3 moths", "P3M"),
        ("last 2 yers", "P2Y"),
    ],
)
def test_a_span_is_in_halves_and_misspelt(words: str, span: str) -> None:
    question = f"patients with a CT in the {words}"
    assert where(question)["event"]["when"] == {"last": span}


def test_either_joins_before_and_does() -> None:
    def event(name: str) -> Any:
        return {"event": {"type": "condition", "code": {"text": name}}}

    one = {"any": [event("gout"), event("obesity")]}
    assert where("patients with stroke and either gout or obesity") == {
        "all": [event("stroke"), one]
    }
    # Without it "or" joins last; a chip has it first.
    answer = read("patients with stroke and gout or obesity")
    assert answer.criteria is not None
    both = {"all": [event("stroke"), event("gout")]}
    assert dumped(answer.criteria)["where"] == {"any": [both, event("obesity")]}
    chip = next(e for e in answer.assumptions if e.key.startswith("joints@"))
    assert chip.criteria is not None
    assert dumped(chip.criteria)["where"] == {"all": [event("stroke"), one]}


def test_a_window_that_stands_first_is_of_all_that_follows() -> None:
    found = where("in 2020, patients with a CT and an MRI")["all"]
    year = {"from": "2020-01-01", "to": "2020-12-31"}
    assert [each["event"]["when"] for each in found] == [year, year]


def test_codes_from_one_to_another_are_all_between_them() -> None:
    codes = where("patients with codes E10-E14")["event"]["code"]["codes"]
    assert [e["code"] for e in codes] == ["E10", "E11", "E12", "E13", "E14"]
    assert all(each["descendants"] for each in codes)
