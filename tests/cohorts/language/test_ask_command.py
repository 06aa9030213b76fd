"""``manage.py ask``, and the words of a partition."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cohorts import vocabulary
from cohorts.criteria import dumped
from cohorts.language.asking import ask
from cohorts.vocabulary import FEWEST, words_in
from core.access import Verb
from core.errors import NotFound
from imaging.models import TagLevel
from imaging.query_tags.definition import Definition
from imaging.query_tags.managing import add_tags
from tests.actors import acting
from tests.fhirlink.events.record import ACTOR, follow, patient, put, resource

pytestmark = pytest.mark.django_db

SEED = "medications of women with gout"


def told(*arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command("ask", *arguments, stdout=out, **options)
    return out.getvalue()


def test_a_question_is_told_on_an_empty_installation() -> None:
    assert told("women with gout in Boston").splitlines() == [
        "Find patients where the patient is female and there is a diagnosis of"
        ' "gout". List patients.',
        "No patient here has “gout” (condition)",
        "Not understood: “Boston”",
    ]
    assert told("patients with MS") == (
        "Which is meant by “code:MS”? multiple sclerosis, mitral stenosis,"
        " morphine sulfate\n"
    )


def test_json_has_all_of_the_answer() -> None:
    found = json.loads(told(SEED, "--json", "--now", "2026-01-01"))
    assert found == {
        "criteria": {
            "v": 1,
            "find": "patients",
            "where": {
                "all": [
                    {"patient": {"gender": "female"}},
                    {"event": {"type": "condition", "code": {"text": "gout"}}},
                ]
            },
            "output": [{"what": "medication"}],
        },
        "ask": [],
        "readback": "Find patients where the patient is female and there is a diagnosis"
        ' of "gout". List medications.',
        "assumptions": [],
        "unused": [],
        "concepts": [],
        "absent": [{"text": "gout", "type": "condition", "fewer_than": 1}],
        "suggestions": [],
    }


def test_a_file_has_an_answer_a_line(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    rows = [
        {"id": "a", "question": SEED, "now": "2026-01-01"},
        {"id": "b", "question": "patients with a CT since last month"},
        {"id": 3, "question": ""},
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
    lines = [json.loads(line) for line in told("--file", str(path)).splitlines()]
    assert [each["id"] for each in lines] == ["a", "b", 3]
    assert [each["criteria"] is None for each in lines] == [False, True, True]


@pytest.mark.parametrize(
    "arguments",
    [[], ["x", "--file", "y"], ["--file", "/nowhere"], ["x", "--partition", "nowhere"]],
)
def test_what_cannot_be_is_told(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        told(*arguments)


def test_a_line_that_is_no_question_is_named(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    for line in ("[1]", "{}", "{", '{"question": "x", "now": "soon"}'):
        path.write_text(f"\n{line}\n", encoding="utf-8")
        with pytest.raises(CommandError, match="line 2"):
            told("--file", str(path))


def drug(number: int, name: str) -> dict[str, Any]:
    return resource(
        "MedicationRequest",
        f"m{number}-{name}",
        status="active",
        intent="order",
        medicationCodeableConcept={"text": name},
    )


def test_what_is_chosen_is_not_asked_back() -> None:
    assert told("patients with MS", chosen=["code:MS=mitral stenosis"]).startswith(
        'Find patients where there is a diagnosis of "mitral stenosis".'
    )


def test_scanners_and_private_tags_of_the_installation_are_known() -> None:
    vocabulary._kept.clear()
    scanner = {
        "resourceType": "Device",
        "id": "scanner",
        "manufacturer": "Acme Imaging",
        "deviceName": [{"name": "Vision X", "type": "model-name"}],
        "modelNumber": "Vision X",
    }
    put(patient(), scanner)
    private = Definition("0019100C", "GEMS_ACQU_01", "DS", TagLevel.SERIES)
    add_tags(actor=ACTOR, definitions=[private])
    lexicon = words_in(actor=ACTOR, partition="default").lexicon
    vocabulary._kept.clear()

    def tags(question: str) -> Any:
        found = ask(question, date(2026, 1, 1), lexicon).criteria
        assert found is not None
        return dumped(found)["where"]["event"]["tags"]

    assert tags("CT scans on an Acme Imaging Vision X scanner") == [
        {"tag": "Manufacturer", "contains": "acme imaging"},
        {"tag": "ManufacturerModelName", "contains": "vision x"},
    ]
    assert tags("MRIs with private tag (0019,110C) above 800") == [
        {"tag": "0019110C", "creator": "GEMS_ACQU_01", "gt": 800}
    ]


def test_names_that_some_events_have_are_known() -> None:
    vocabulary._kept.clear()
    many = [drug(number, "Zorbital") for number in range(FEWEST)]
    few = [drug(number, "Quirbital") for number in range(FEWEST - 1)]
    put(patient(), *many, *few)
    follow()
    lexicon = words_in(actor=ACTOR, partition="default").lexicon
    now = date(2026, 1, 1)

    known = ask("patients with zorbital", now, lexicon)
    assert known.criteria is not None
    assert dumped(known.criteria)["where"]["event"]["type"] == "medication"
    assert not known.concepts
    assert ask("patients with quirbital", now, lexicon).concepts

    assert words_in(actor=ACTOR, partition="default").lexicon is lexicon
    # Words without a code may tell of somebody: not to who sees nobody.
    counter = acting(1, "c", {Verb.READ})
    theirs = words_in(actor=counter, partition="default").lexicon
    assert ask("patients with zorbital", now, theirs).concepts
    with pytest.raises(NotFound):
        words_in(actor=ACTOR, partition="nowhere")
    vocabulary._kept.clear()
