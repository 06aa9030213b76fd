"""Names that are suggested for words nobody here uses, and names that nobody has."""

import json
from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cohorts import vocabulary
from cohorts.answers.questions import read_question
from cohorts.answers.suggesting import read
from cohorts.criteria import dumped
from cohorts.language.asking import Answer, ask
from cohorts.models import NameVector
from cohorts.suggestions import installed, kept
from cohorts.tasks import make_name_vectors
from cohorts.vocabulary import FEWEST, words_in
from core.access import Actor, Verb
from tests.actors import acting
from tests.cohorts.language.questions import unseen, worked
from tests.fhirlink.events.record import ACTOR, follow, patient, put, remove, resource

pytestmark = pytest.mark.django_db

SNOMED = "http://snomed.info/sct"
WRIST = ("263102004", "Fracture subluxation of wrist")
COLON = ("93761005", "Primary malignant neoplasm of colon")
PROSTATE = ("126906006", "Neoplasm of prostate")
BONES = ("64859006", "Osteoporosis (disorder)")
REMOVAL = ("90470006", "Prostatectomy")


def coded(type_: str, code: tuple[str, str], number: int = FEWEST) -> list[Any]:
    status = {"status": "completed"} if type_ == "Procedure" else {}
    coding = {"system": SNOMED, "code": code[0], "display": code[1]}
    return [
        resource(type_, f"{code[0]}-{at}", code={"coding": [coding]}, **status)
        for at in range(number)
    ]


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    vocabulary._kept.clear()
    yield
    vocabulary._kept.clear()


@pytest.fixture
def ward() -> None:
    """A ward, whose names have their vectors."""
    put(
        patient(),
        *coded("Condition", WRIST),
        *coded("Condition", COLON),
        *coded("Condition", PROSTATE),
        *coded("Condition", BONES),
        *coded("Procedure", REMOVAL),
    )
    follow()
    make_name_vectors()


def reading(question: str, actor: Actor = ACTOR, **more: Any) -> Answer:
    return read_question(
        actor=actor,
        partition="default",
        question=question,
        now=date(2026, 1, 1),
        **more,
    )


def offered(question: str, actor: Actor = ACTOR) -> list[tuple[str, str, str]]:
    found = reading(question, actor).suggestions
    return [(each.phrase, each.name, each.domain) for each in found]


def texts(answer: Answer) -> Any:
    assert answer.criteria is not None
    return dumped(answer.criteria)["where"]["event"]["code"]


@pytest.mark.usefixtures("ward")
def test_a_name_is_suggested_for_one_that_nobody_has_and_never_taken() -> None:
    answer = reading("patients with a shattered wrist")
    assert texts(answer) == {"text": "shattered wrist"}
    (found,) = answer.suggestions
    assert found.phrase == "shattered wrist"
    assert (found.start, found.end) == (16, 31)
    assert found.name == "fracture subluxation of wrist"
    assert (found.domain, found.system, found.code) == ("condition", SNOMED, WRIST[0])
    assert 0.75 <= found.likeness < 1
    assert [(e.text, e.fewer_than) for e in answer.absent] == [("shattered wrist", 1)]
    assert [each.text for each in answer.concepts] == ["shattered wrist"]


@pytest.mark.usefixtures("ward")
def test_what_is_chosen_takes_the_place_of_the_words() -> None:
    question = "patients with a shattered wrist"
    (found,) = reading(question).suggestions
    answer = reading(question, chosen={found.slot: found.name})
    assert texts(answer) == {"text": "fracture subluxation of wrist"}
    left = (answer.suggestions, answer.absent, answer.concepts, answer.unused)
    assert left == ((), (), (), ())


@pytest.mark.usefixtures("ward")
def test_a_name_is_of_the_type_that_is_asked_for() -> None:
    # Prostatectomy is liker (0.85), and no diagnosis.
    assert offered("patients with a cancerous prostate") == [
        ("cancerous prostate", "neoplasm of prostate", "condition")
    ]
    assert offered("patients who underwent shattered wrist") == []
    # Where it may be either, diagnoses come first.
    assert offered("patients with prostate removal") == [
        ("prostate removal", "prostatectomy", "procedure")
    ]


@pytest.mark.usefixtures("ward")
@pytest.mark.parametrize("name", ["osteosarcoma", "bone cancer", "weak bones"])
def test_what_nobody_has_is_told_and_has_no_far_neighbour(name: str) -> None:
    answer = reading(f"patients with {name}")
    assert texts(answer) == {"text": name}
    assert [each.text for each in answer.absent] == [name]
    assert answer.suggestions == ()


@pytest.mark.usefixtures("ward")
def test_no_question_is_read_otherwise_for_what_is_suggested() -> None:
    words = words_in(actor=ACTOR, partition="default")
    for each in (*worked(), *unseen()):
        now = date.fromisoformat(each["now"])
        rules = ask(each["question"], now, words.lexicon)
        found = read(each["question"], now, actor=ACTOR, words=words)
        assert rules == replace(found, absent=(), suggestions=())


@pytest.mark.usefixtures("ward")
def test_names_that_are_here_have_no_other() -> None:
    for question in (
        "patients with osteoporosis",
        "patients with colon cancer",  # a synonym
        "patients with osteoporsis",  # misspelt
        "patients with a neoplasm",  # words of a name
    ):
        answer = reading(question)
        assert (answer.absent, answer.suggestions) == ((), ()), question


@pytest.mark.usefixtures("ward")
def test_words_that_were_not_understood_have_names_of_all_types() -> None:
    question = "women over 50 surgical prostate removal"
    words = ["surgical", "prostate", "removal"]
    assert [each.text for each in reading(question).unused] == words
    assert offered(question) == [(" ".join(words), "prostatectomy", "procedure")]
    assert offered("women over 50 tumorous colon") == [
        ("tumorous colon", "primary malignant neoplasm of colon", "condition")
    ]
    answer = reading(
        question, chosen={"name:surgical prostate removal": "prostatectomy"}
    )
    assert "prostatectomy" in answer.readback
    assert answer.unused == ()
    # A word alone, of no type, is like all that is done to it.
    alone = reading("patients with cancerous growth of the prostate")
    assert [each.text for each in alone.unused] == ["cancerous", "growth", "prostate"]
    assert alone.suggestions == ()


@pytest.mark.usefixtures("ward")
def test_no_name_is_suggested_that_does_not_help() -> None:
    put(*coded("Condition", ("1", "Wrist shattered; hand, arm / 5 % of x" + " y" * 12)))
    follow()
    make_name_vectors()
    vocabulary._kept.clear()
    names = [name for _, name, _ in offered("patients with a shattered wrist")]
    assert names == ["fracture subluxation of wrist"]


def test_nothing_is_suggested_that_tells_of_somebody() -> None:
    few = [
        *coded("Condition", WRIST, FEWEST - 1),
        *coded("Condition", ("2", "Zorbitis"), FEWEST - 1),
    ]
    said = [
        resource("Condition", f"c{at}", code={"text": "Broken carpal bone"})
        for at in range(FEWEST)
    ]
    put(patient(), *few, *said, *coded("Condition", COLON))
    follow()
    make_name_vectors()
    counter = acting(1, "c", {Verb.READ})
    question = "patients with a shattered carpal bone"
    assert [name for _, name, _ in offered(question)] == ["broken carpal bone"]
    assert offered(question, counter) == []  # words without a code
    assert offered("patients with a shattered wrist") == []  # four have one
    # Four have Zorbitis, five what has no code: told as of what nobody has.
    for name in ("zorbitis", "gout", "broken carpal bone"):
        (absent,) = reading(f"patients with {name}", counter).absent
        assert (absent.text, absent.fewer_than) == (name, FEWEST)
    assert reading("patients with colon cancer", counter).absent == ()
    for name in ("zorbitis", "broken carpal bone"):
        assert reading(f"patients with {name}").absent == ()


@pytest.mark.usefixtures("ward")
def test_without_a_model_only_what_is_absent_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installed, "_NEEDED", ("no_such_package",))
    answer = reading("patients with a shattered wrist")
    assert answer.suggestions == ()
    assert [each.text for each in answer.absent] == ["shattered wrist"]
    make_name_vectors()
    assert NameVector.objects.count() == 5
    assert kept.progress() == ("", 0, 5)
    with pytest.raises(CommandError, match="No model"):
        call_command("suggestions", "make")


@pytest.mark.usefixtures("ward")
def test_vectors_follow_the_names() -> None:
    assert set(NameVector.objects.values_list("name", flat=True)) == {
        *("fracture subluxation of wrist", "primary malignant neoplasm of colon"),
        *("neoplasm of prostate", "osteoporosis", "prostatectomy"),
    }
    before = NameVector.objects.get(name="osteoporosis").pk
    NameVector.objects.create(model="of before", name="gout", vector=b"")
    remove(*(f"Condition/{WRIST[0]}-{at}" for at in range(FEWEST)))
    put(*coded("Condition", ("90560007", "Gout")))
    follow()
    make_name_vectors()
    names = set(NameVector.objects.values_list("name", flat=True))
    assert "gout" in names
    assert "fracture subluxation of wrist" not in names
    assert NameVector.objects.count() == 5
    assert NameVector.objects.get(name="osteoporosis").pk == before  # not made again


@pytest.mark.usefixtures("ward")
def test_what_is_left_is_made_in_the_next_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    NameVector.objects.all().delete()
    assert kept.make(time_limit_s=-1)
    assert kept.progress()[1:] == (0, 5)
    monkeypatch.setattr(kept, "_BATCH", 2)
    assert not kept.make(time_limit_s=60)
    assert kept.progress()[1:] == (5, 5)


@pytest.mark.usefixtures("ward")
def test_the_command_line_suggests_and_takes_what_is_chosen() -> None:
    def told(*arguments: str) -> str:
        out = StringIO()
        call_command(*arguments, stdout=out)
        return out.getvalue()

    assert told("suggestions", "status").endswith("\t5 of 5 names\n")
    question = "patients with a shattered wrist"
    lines = told("ask", question).splitlines()
    assert "No patient here has “shattered wrist” (condition)" in lines
    assert lines[-1] == (
        "“shattered wrist”: did you mean fracture subluxation of wrist (condition,"
        ' 0.76)? --chosen "name:shattered wrist=fracture subluxation of wrist"'
    )
    (found,) = json.loads(told("ask", question, "--json"))["suggestions"]
    assert found == {
        "slot": "name:shattered wrist",
        "phrase": "shattered wrist",
        "name": "fracture subluxation of wrist",
        "domain": "condition",
        "system": SNOMED,
        "code": WRIST[0],
        "likeness": 0.76,
    }
    chosen = f"{found['slot']}={found['name']}"
    answer = json.loads(told("ask", question, "--json", "--chosen", chosen))
    code = answer["criteria"]["where"]["event"]["code"]
    assert code == {"text": "fracture subluxation of wrist"}
    assert answer["absent"] == answer["suggestions"] == []
