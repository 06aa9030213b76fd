"""Kinds of wordings that were read wrongly without a word of it."""

from datetime import date
from typing import Any

import pytest

from cohorts.criteria import dumped
from cohorts.language.asking import Answer, ask

NOW = date(2026, 1, 1)


def read(question: str) -> Answer:
    return ask(question, NOW)


def where(question: str) -> Any:
    answer = read(question)
    assert answer.criteria is not None, answer
    assert not answer.unused, answer.unused
    return dumped(answer.criteria)["where"]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("patients on metformin for at least 2 years", "for at least 2 years"),
        ("women who smoked for 30 years", "for 30 years"),
        ("patients with an ICU stay longer than 3 days", "longer than 3 days"),
        ("patients with a hospital stay of over 10 days", "of over 10 days"),
        ("patients with a cough lasting three weeks", "lasting three weeks"),
        ("patients with asthma for over 10 years", "for over 10 years"),
        ("patients who got chemotherapy for six cycles", "for six cycles"),
        ("patients with SpO2 below 90% on admission", "on admission"),
        ("patients with 3 CTs per year", "per year"),
        ("mammograms in both 2021 and 2022", "2021 and 2022"),
        ("patients with a nodule over 8", "over 8"),
        ("MRIs on a Magnetom Skyra", "Skyra"),
        ("patients with pneumonia according to the report", "report"),
    ],
)
def test_what_cannot_be_asked_is_told(question: str, told: str) -> None:
    answer = read(question)
    assert told in [each.text for each in answer.unused]
    assert '"age"' not in str(answer.criteria and dumped(answer.criteria))


@pytest.mark.parametrize(
    ("words", "type_", "name"),
    [
        ("a zorbectomy", "procedure", "zorbectomy"),
        ("orbital decompression", "procedure", "orbital decompression"),
        ("an aneurysm repair", "procedure", "aneurysm repair"),
        ("zorbinib", "medication", "zorbinib"),
        ("cefazolin", "medication", "cefazolin"),
        ("an order for zorbex", "medication", "zorbex"),
        ("a zorbin index", "observation", "zorbin index"),
    ],
)
def test_a_name_nobody_knows_is_what_its_form_says(
    words: str, type_: str, name: str
) -> None:
    found = {"event": {"type": type_, "code": {"text": name}}}
    assert where(f"patients with {words}") == found


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("ECOG performance status of 2 or more", "ecog performance status", "gte"),
        ("NIHSS above 2", "nihss", "gt"),
        ("serum zorbin level below 2", "serum zorbin level", "lt"),
        ("albumin creatinine ratio under 2", "albumin creatinine ratio", "lt"),
    ],
)
def test_a_number_after_a_name_nobody_knows_is_no_age(
    words: str, name: str, value: str
) -> None:
    assert where(words) == {
        "event": {
            "type": "observation",
            "code": {"text": name},
            "value": {value: 2},
        }
    }


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("on 1 January 2020", "2020-01-01"),
        ("as of March 2021", "2021-03-01"),
        ("at the end of 2022", "2022-12-31"),
        ("in March 2020", "2020-03"),
        ("in 2015", "2015"),
    ],
)
def test_an_age_is_that_on_a_day(words: str, at: str) -> None:
    found = {"patient": {"age": {"gt": 65, "at": at}}}
    assert where(f"patients over 65 {words}") == found


@pytest.mark.parametrize(
    "words",
    [
        "at their first mammogram",
        "at first mammogram",
        "when they first had a mammogram",
    ],
)
def test_an_age_at_the_first_is_not_the_first_at_that_age(words: str) -> None:
    assert where(f"patients over 50 {words}") == {
        "all": [
            {
                "event": {
                    "type": "imaging",
                    "modality": ["MG"],
                    "pick": "first",
                    "as": "a",
                }
            },
            {"patient": {"age": {"gt": 50, "at": "@a"}}},
        ]
    }


@pytest.mark.parametrize(
    "words",
    [
        "while they were taking",
        "while on",
        "whilst receiving",
        "during treatment with",
        "in the course of treatment with",
        "while the patient was still on",
        "while being treated with",
    ],
)
def test_while_something_is_taken_it_runs(words: str) -> None:
    found = where(f"patients with a CT {words} sunitinib")
    assert found["all"][0]["event"]["code"] == {"text": "sunitinib"}
    assert found["all"][1]["event"]["when"] == {
        "during": found["all"][0]["event"]["as"]
    }


@pytest.mark.parametrize(
    "words",
    ["the end of", "completing", "the completion of", "they finished", "stopping"],
)
def test_an_end_is_no_event_of_its_own(words: str) -> None:
    found = where(f"patients with a CT within 30 days after {words} chemotherapy")
    assert found["all"][1]["event"]["when"] == {
        "near": "a.end",
        "from": "P0D",
        "to": "P30D",
    }


@pytest.mark.parametrize(
    "words",
    ["in the same encounter", "during the same hospital stay", "at the same visit"],
)
def test_one_encounter_is_that_of_what_was_named_before(words: str) -> None:
    found = where(f"patients with pneumonia who got ceftriaxone {words}")
    assert found["all"][0]["event"]["as"] == "a"
    assert found["all"][1]["event"]["same"] == "encounter"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("a cancelled order for morphine", "cancelled"),
        ("morphine prescriptions that were cancelled", "cancelled"),
        ("a stopped prescription of morphine", "stopped"),
        ("a refuted diagnosis of gout", "refuted"),
        ("gout that was entered in error", "entered-in-error"),
        ("leukemia in remission", "remission"),
        ("a provisional diagnosis of gout", "provisional"),
    ],
)
def test_statuses_are_said_in_words(words: str, status: str) -> None:
    assert where(f"patients with {words}")["event"]["status"] == [status]


def test_what_has_no_such_status_is_told() -> None:
    assert read("patients with a cancelled hip replacement").unused[0].text == (
        "cancelled"
    )


@pytest.mark.parametrize(
    "words",
    [
        'with "mass" in the report',
        "with the word mass in the report",
        "with mass mentioned in its report",
        'and "mass" in their report',
    ],
)
def test_in_the_report_is_no_other_report(words: str) -> None:
    assert where(f"patients with a chest CT {words}") == {
        "event": {
            "type": "imaging",
            "modality": ["CT"],
            "body": {"text": "chest"},
            "report": {"text": {"phrase": "mass"}},
        }
    }


@pytest.mark.parametrize(
    "words",
    [
        "CT scans acquired on an Echoform machine",
        "CT scans from an Echoform scanner",
        "CTs taken with an Echoform device",
    ],
)
def test_a_maker_nobody_knows_is_no_drug(words: str) -> None:
    tags = [{"tag": "Manufacturer", "contains": "echoform"}]
    assert where(words)["event"] == {
        "type": "imaging",
        "modality": ["CT"],
        "tags": tags,
    }


@pytest.mark.parametrize(
    "words",
    [
        "Hi, for a study on treatment response I'd like {}",
        "Good morning team, could you list {}",
        "For my PhD on imaging of gout, I need {}",
        "{} for my thesis",
        "As part of a quality audit: {}",
    ],
)
def test_greetings_and_reasons_say_nothing(words: str) -> None:
    question = "women over 60 with gout"
    assert where(words.format(question)) == where(question)


def test_what_a_reason_is_about_is_told_where_nothing_asks_it() -> None:
    answer = read("We plan a trial of metformin; how many women have gout?")
    assert [each.text for each in answer.unused] == ["metformin"]


def test_who_is_left_out_is_left_out_with_what_is_said_of_them() -> None:
    assert where("patients with gout excluding women over 70") == {
        "all": [
            {"event": {"type": "condition", "code": {"text": "gout"}}},
            {"not": {"patient": {"gender": "female", "age": {"gt": 70, "at": "now"}}}},
        ]
    }
    left_out = where("patients with gout except pregnant women")["all"][1]["not"]
    assert {"patient": {"gender": "female"}} in left_out["all"]


@pytest.mark.parametrize(
    ("word", "other"),
    [("injection", "infection"), ("depth", "death"), ("cancel", "cancer")],
)
def test_words_that_are_right_are_no_others(word: str, other: str) -> None:
    answer = read(f"patients with gout and {word}")
    assert all(f"“{other}”" not in each.text for each in answer.assumptions)
