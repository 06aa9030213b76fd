"""Names of what was saved, in questions in English: those that the asker sees."""

from datetime import date
from typing import Any

import pytest

from cohorts import vocabulary
from cohorts.criteria import dumped
from cohorts.language.asking import ask
from cohorts.vocabulary import words_in
from core.access import Actor
from tests.cohorts.definitions.saved import cohort, concepts, owner, person
from tests.fhirlink.events.record import patient, put

pytestmark = pytest.mark.django_db

STROKE = {"event": {"type": "condition", "code": {"text": "stroke"}}}


def read(question: str, actor: Actor) -> tuple[Any, list[str]]:
    lexicon = words_in(actor=actor, partition="default").lexicon
    answer = ask(question, date(2026, 1, 1), lexicon)
    where = dumped(answer.criteria)["where"] if answer.criteria else None
    return where, [each.text for each in answer.unused]


def test_a_name_without_quotes_is_one_that_the_asker_sees() -> None:
    vocabulary._kept.clear()
    put(patient())
    cohort("Stroke Unit", STROKE)
    concepts("Thinners", {"text": "warfarin"})

    named = {"cohort": "Stroke Unit"}
    drug = {"event": {"type": "medication", "code": {"set": "Thinners"}}}
    found, unused = read("patients in cohort Stroke Unit", owner())
    assert (found, unused) == (named, [])
    assert read("patients on concept set Thinners", owner())[0] == drug
    # What is kept for all of a partition has no names of somebody.
    found, _ = read("patients in cohort Stroke Unit", person("another"))
    assert found != named
    cohort("Later", STROKE)
    assert read("women in my cohort Later", owner())[0] == {
        "all": [{"patient": {"gender": "female"}}, {"cohort": "Later"}]
    }
    vocabulary._kept.clear()
