"""The index of texts follows events, and tells of words what the database tells."""

import random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.criteria.values import Phrase
from cohorts.execution.texts import text_condition
from cohorts.execution.words import forms, words_of
from core import followers
from fhirlink.text_index import asking, index
from fhirlink.text_index.follower import TextFollower
from imaging.query.backend import Unanswered
from imaging.query.elastic.client import connection
from tests.cohorts.execution.asked import event, report, who
from tests.fhirlink.events.record import FOLLOWER, follow, patient, put, remove, rows

pytestmark = [pytest.mark.django_db, pytest.mark.peer("elasticsearch")]

WORDS: Final = ("nodule", "nodules", "no", "Mass/Nodule", "große", "3d", "w" * 300)


def documents() -> list[dict[str, Any]]:
    """Return all documents, in the order of events."""
    with index.texts_now(connection().tell) as point:
        of_texts = {"exists": {"field": "words"}}
        return [hit["_source"] for hit in point.walk(of_texts, source=True)]


def texts() -> list[dict[str, Any]]:
    """Return what the documents have to be."""
    return [each._asdict() for some in index.read_texts(0) for each in some]


def test_whatever_happens_documents_are_the_texts(text_index: TextFollower) -> None:
    choose = random.Random(4)
    put(patient())
    for _ in range(25):
        name = f"r{choose.randrange(6)}"
        if choose.random() < 0.3:
            remove(f"DiagnosticReport/{name}")
        else:
            put(report(name, " ".join(choose.choices(WORDS, k=4))))
        if choose.random() < 0.6:
            follow()
        if choose.random() < 0.4:
            followers.run_until_caught_up(text_index)
    follow()
    followers.run_until_caught_up(text_index)
    assert documents() == texts()
    assert len(texts()) > 2


def test_it_does_not_overtake_who_writes_the_events(text_index: TextFollower) -> None:
    put(patient(), report("one", "A nodule."))
    assert followers.advance(text_index) == 0
    assert documents() == []
    follow()
    assert followers.advance(text_index) > 0
    assert [each["words"].split() for each in documents()] == [["a", "nodule"]]


def test_events_that_were_made_anew_are_written_anew(text_index: TextFollower) -> None:
    put(patient(), report("one", "A nodule."), report("two", "A mass."))
    follow()
    followers.run_until_caught_up(text_index)
    before = texts()
    followers.rebuild(FOLLOWER)
    # Before the index knows, it does not tell of texts that are there no more.
    assert who(event("report", text={"phrase": "nodule"})) == "p"
    followers.run_until_caught_up(text_index)
    assert documents() == texts()
    assert {each["event"] for each in before}.isdisjoint(e["event"] for e in texts())


def test_an_index_of_events_that_are_yet_to_come_is_made_anew(
    text_index: TextFollower,
) -> None:
    put(patient(), report("one", "A nodule."))
    follow()
    followers.run_until_caught_up(text_index)
    (document,) = texts()
    ahead = document["event"] + 1_000_000
    index.write(connection(), [index.Text(**{**document, "event": ahead})])
    index.write_mark(connection(), ahead)
    followers.run_until_caught_up(text_index)
    assert documents() == [document]


def test_an_index_that_is_gone_is_made_anew(text_index: TextFollower) -> None:
    put(patient(), report("one", "A nodule."))
    follow()
    followers.run_until_caught_up(text_index)
    index.remove(connection())
    with pytest.raises(Unanswered, match="away"):
        asking.texts_with(1, [["nodule"]])
    assert who(event("report", text={"phrase": "nodule"})) == "p"
    connection().breaker.went_well()
    followers.run_until_caught_up(text_index)
    assert documents() == texts()


def test_what_is_too_much_the_database_looks_at(
    text_index: TextFollower, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(patient(), report("one", "A nodule."), report("two", "Nodules."))
    follow()
    followers.run_until_caught_up(text_index)
    part = documents()[0]["partition_id"]
    assert len(asking.texts_with(part, [["nodule", "nodules"]]).events) == 2
    with pytest.raises(Unanswered, match="long"):
        asking.texts_with(part, [["w" * 300]])
    monkeypatch.setattr(asking, "MOST_TEXTS", 1)
    with pytest.raises(Unanswered, match="many"):
        asking.texts_with(part, [["nodule", "nodules"]])
    monkeypatch.setattr(asking, "MOST_NEWER", 1)
    put(report("three", "No mass."), report("four", "No mass."))
    follow()
    with pytest.raises(Unanswered, match="behind"):
        asking.texts_with(part, [["nodule"]])


def test_words_are_found_as_the_database_finds_them(text_index: TextFollower) -> None:
    letters = st.sampled_from("ab1é²ßא漢-/.' \n")
    sample = settings(max_examples=40, deadline=None, derandomize=True)
    told: list[str] = []

    @sample
    @given(st.text(letters, min_size=1, max_size=12))
    def collect(text: str) -> None:
        told.append(text)

    collect()
    put(patient(), *(report(f"r{at}", text) for at, text in enumerate(told)))
    follow()
    followers.run_until_caught_up(text_index)
    part = documents()[0]["partition_id"]
    for text in told:
        for words in {text, text[: len(text) // 2], text[len(text) // 2 :]}:
            if asked := words_of(words):
                known = asking.texts_with(part, [forms(word) for word in asked])
                assert known.events == told_by_the_database(words), words


def told_by_the_database(words: str) -> list[int]:
    """Return the events whose texts have words in sequence."""
    condition = text_condition(Phrase(phrase=words), "e", {})
    found = rows(
        f"SELECT e.id FROM fhirlink_event e WHERE {condition.text} ORDER BY 1",
        *condition.values,
    )
    return [key for (key,) in found]
