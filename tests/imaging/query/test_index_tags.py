"""Values of query tags in the index: it answers by them once it surely has them all."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from core import followers
from core.errors import Conflict
from core.models import Operation
from core.operation_worker import run_operation
from core.operations import cancel_operation
from imaging.delete import delete_instances
from imaging.models import QueryTag, Study
from imaging.move import move_study
from imaging.query import (
    Level,
    Query,
    Target,
    count,
    find_page,
    free_text,
    index_tags,
)
from imaging.query.backends import ANSWERS
from imaging.query.elastic import overview, rebuilding, tag_values
from imaging.query.elastic.client import connection
from imaging.query.elastic.follower import SearchFollower
from imaging.query_tags.known import known_tags
from imaging.query_tags.managing import delete_tag, enable_tag
from tests.imaging.query.test_search_index import answered_by, held, names
from tests.imaging.query_tags.tagging import (
    UID,
    Asking,
    add,
    expire,
    find,
    instance,
    ready,
    run,
    settle,
)
from tests.imaging.stores import ADMIN, store

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.peer("elasticsearch"),
]

AGE = "PatientAge=053Y"


def stored(*uids: str, partition: str = "default", **values: Any) -> None:
    given = {"PatientAge": "053Y", "ProtocolName": "Head", **values}
    for uid in uids:
        store(instance(uid, f"{uid}.1", f"{uid}.1.1", **given), partition=partition)


def the_operation() -> Operation:
    """Return the operation that has the index learn of tags."""
    return Operation.objects.get(kind=index_tags.KIND, percent__lt=100)


def agree() -> bool:
    """Return whether all documents are as their rows are."""
    return all(each.is_none for each in rebuilding.verify())


def test_the_index_answers_once_all_documents_have_the_values(
    search_index: SearchFollower, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored("1", "2", "3")
    adding = add("PatientAge")
    stored("4")
    followers.run_until_caught_up(search_index)
    run(adding)
    with answered_by("odd"):
        assert find(AGE) == ["4", "3", "2", "1"]
    stored("5")  # knows the tag
    stored("6", partition="other")
    followers.run_until_caught_up(search_index)
    with answered_by("odd"):
        assert find(AGE) == ["5", "4", "3", "2", "1"]
    with answered_by("answered"):
        assert find(AGE, partition="other") == ["6"]
    monkeypatch.setattr(rebuilding, "CHUNK", 2)
    monkeypatch.setattr(rebuilding, "STEP_S", 0.0)  # a chunk a step
    operation = the_operation()
    assert run_operation(operation.pk, time_limit_s=0)
    operation.refresh_from_db()
    assert 0 < operation.percent < 100
    assert (overview.look().tags, overview.look().lacking > 0) == (1, True)
    with answered_by("odd"):
        assert find(AGE) == ["5", "4", "3", "2", "1"]
    settle(search_index)
    for level, last in ((Level.STUDY, ""), (Level.SERIES, ".1")):
        with answered_by("answered"):
            assert find(AGE, level) == [f"{n}{last}" for n in "54321"]
    assert agree()
    assert (overview.look().tags, overview.look().lacking) == (1, 0)


def test_what_is_stored_deleted_and_moved_is_found_by_its_tags(
    search_index: SearchFollower,
) -> None:
    ready("PatientAge")
    ready("ProtocolName", level="series")
    settle(search_index)
    stored("1", "2")
    stored("9", partition="other", PatientAge="001Y")
    followers.run_until_caught_up(search_index)
    delete_instances(actor=ADMIN, partition="default", study_instance_uid="2")
    move_study(
        actor=ADMIN, partition="default", study_instance_uid="1", to="other", reason="x"
    )
    stored("9", partition="other", PatientAge="053Y", StudyID="again")
    for _ in ("by the database", "by the index"):
        with answered_by("answered"):
            assert find(AGE) == []
        with answered_by("answered"):
            assert find("ProtocolName=h*", Level.SERIES, "other") == ["9.1", "1.1"]
        assert Asking(search_index).facets("ProtocolName", "", "other") == [("head", 2)]
        followers.run_until_caught_up(search_index)
    assert agree()


def test_a_tag_that_is_disabled_and_enabled_is_known_all_the_while(
    search_index: SearchFollower,
) -> None:
    ready("PatientAge")
    stored("1")
    settle(search_index)
    for is_enabled in (False, True):
        enable_tag(actor=ADMIN, path="PatientAge", is_enabled=is_enabled)
    with answered_by("answered"):
        assert find(AGE) == ["1"]


def test_a_deleted_tag_leaves_no_values_and_a_new_one_begins_anew(
    search_index: SearchFollower,
) -> None:
    stored("1")
    settle(search_index)
    without = held()
    ready("PatientAge")
    settle(search_index)
    assert held() != without
    run(delete_tag(actor=ADMIN, path="PatientAge"))
    settle(search_index)
    assert held() == without
    ready("PatientAge")
    with answered_by("odd"):
        assert find(AGE) == ["1"]
    settle(search_index)
    with answered_by("answered"):
        assert find(AGE) == ["1"]


def test_a_rebuild_has_the_tags_that_are_ready(search_index: SearchFollower) -> None:
    stored("1")
    ready("PatientAge")
    cancel_operation(actor=ADMIN, operation_id=the_operation().pk)
    rebuilding.rebuild()
    with answered_by("answered"):
        assert find(AGE) == ["1"]
    assert agree()


def test_verify_compares_the_values_of_tags(search_index: SearchFollower) -> None:
    stored("1")
    ready("PatientAge")
    settle(search_index)
    (key,) = (each for each in held() if each.startswith("STUDY"))
    wrong: dict[str, list[str]] = {tag_values.TERMS: []}
    connection()._client.update(index=names()[0], id=key.partition(" ")[2], doc=wrong)
    assert [each.other for each in rebuilding.verify()] == [1, 0]


def test_an_index_that_takes_nothing_delays_the_operation_only(
    search_index: SearchFollower,
) -> None:
    stored("1")
    followers.run_until_caught_up(search_index)
    block = "index.blocks.read_only_allow_delete"
    client = connection()._client
    client.indices.put_settings(index=names(), settings={block: True})
    ready("PatientAge")
    operation = the_operation()
    assert not run_operation(operation.pk)
    assert find(AGE) == ["1"]
    client.indices.put_settings(index=names(), settings={block: None})
    expire(operation)
    settle(search_index)
    with answered_by("answered"):
        assert find(AGE) == ["1"]


def test_what_a_document_cannot_take_the_database_knows(
    search_index: SearchFollower, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready("PatientComments", "AdditionalPatientHistory", "PatientAge")
    ready("OtherPatientNames", "ProtocolName", level="series")
    long = "\U0001f9b4" * 10_000  # of four bytes each
    stored("1", AdditionalPatientHistory=long, PatientComments="x" * 9_000)
    stored("2", OtherPatientNames=[f"N{n}=M{n}" for n in range(9)])
    settle(search_index)
    with answered_by("odd"):
        assert find("AdditionalPatientHistory=*\U0001f9b4") == ["1"]
    with answered_by("answered"):
        assert find("PatientComments=*xx*") == ["1"]
    for limit in ("MOST_CHARACTERS", "MOST_PLACES"):
        with monkeypatch.context() as less:
            less.setattr(tag_values, limit, 6)
            rebuilding.rebuild()
            with answered_by("odd"):
                assert find("OtherPatientNames=n*=*8", Level.SERIES) == ["2.1"]
            assert agree()


class Writes:
    """Random writes of all kinds, with tags that come and go."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.tags = {
            "PatientAge": "study",
            "OtherPatientNames": "study",
            "ProtocolName": "series",
            "RequestAttributesSequence.ReasonForTheRequestedProcedure": "series",
        }

    def step(self) -> None:
        kinds: tuple[Callable[[], None], ...] = (self.store, self.store, self.store)
        kinds += (self.remove, self.move, self.tag, self.work, self.work)
        self.draw.choice(kinds)()

    def store(self) -> None:
        study = self.draw.choice("1234")
        series = f"{study}.{self.draw.randint(1, 2)}"
        words = [self.draw.choice("abc") for _ in range(self.draw.randint(0, 3))]
        values = {
            "PatientAge": self.draw.choice(["", "001Y", "002Y"]),
            "OtherPatientNames": [f"{word}^x=山{word}" for word in words],
            "ProtocolName": words,
        }
        one = instance(study, series, f"{series}.{self.draw.randint(1, 3)}", **values)
        store(one, partition=self.draw.choice(["default", "other"]), replace=True)

    def remove(self) -> None:
        if one := Study.objects.order_by("?").first():
            delete_instances(
                actor=ADMIN,
                partition=one.partition.name,
                study_instance_uid=one.study_instance_uid,
            )

    def move(self) -> None:
        if one := Study.objects.order_by("?").first():
            with suppress(Conflict):
                move_study(
                    actor=ADMIN,
                    partition=one.partition.name,
                    to="other" if one.partition.name == "default" else "default",
                    study_instance_uid=one.study_instance_uid,
                    reason="test",
                )

    def tag(self) -> None:
        path, level = self.draw.choice(list(self.tags.items()))
        with suppress(Conflict):
            add(path, level=level)
            return
        with suppress(Conflict):
            delete_tag(actor=ADMIN, path=path)

    def work(self) -> None:
        for operation in Operation.objects.filter(percent__lt=100):
            if self.draw.random() < 0.5:
                run_operation(operation.pk, time_limit_s=0)


@pytest.mark.parametrize("seed", range(2))
def test_documents_kept_bit_by_bit_equal_a_rebuild(
    search_index: SearchFollower, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    monkeypatch.setattr(rebuilding, "CHUNK", 2)
    monkeypatch.setattr(rebuilding, "STEP_S", 0.0)
    writes = Writes(draw)
    writes.store()
    for _ in range(60):
        writes.step()
        if draw.random() < 0.5:
            followers.advance(search_index, limit=draw.randint(1, 4))
    for operation in Operation.objects.filter(percent__lt=100):
        run(operation)
    settle(search_index)
    kept = held()
    assert QueryTag.objects.exists()
    assert any(each.get(tag_values.TERMS) for each in kept.values())
    assert agree()
    rebuilding.rebuild()
    assert held() == kept


def words(text: str, level: Level = Level.STUDY) -> list[str]:
    """Return the UIDs of what is found by free text, newest first."""
    tags = [held.attribute for held in known_tags().values() if not held.refusal]
    asked = Query(Target(level), free_text=(free_text(level, text, tags),))
    rows = find_page(actor=ADMIN, partition=None, query=asked, base_url="x").rows
    found = [str(row.attributes[UID[level]]["Value"][0]) for row in rows]
    assert count(actor=ADMIN, partition=None, query=asked).value == len(found)
    return found


def test_words_in_values_are_found_by_the_index_once_it_has_them(
    search_index: SearchFollower,
) -> None:
    stored("1", PatientComments="seen twice", ProtocolName="Head")
    stored("2", PatientComments="x " * 2000 + "late", ProtocolName="Knee first")
    stored("3", PatientBirthName="Müller^Ágnes=山田^太郎", StudyDescription="seen")
    ready("PatientComments", "PatientBirthName")
    ready("ProtocolName", level="series")
    database = words("seen")
    settle(search_index)
    assert agree()
    before = ANSWERS.labels("answered")._value.get()
    assert words("seen") == database == ["3", "1"]
    assert words("seen head twic") == ["1"]
    assert words("first ct", Level.SERIES) == ["2.1"]
    assert words("twice", Level.SERIES) == ["1.1"]
    assert words("太郎 muller ") == words("MÜLLER^AG") == ["3"]
    assert ANSWERS.labels("answered")._value.get() == before + 2 * 6
    assert words("late head") == []
    assert words("late knee") == ["2"]
    tag = QueryTag.objects.filter(path="00104000")
    tag.update(is_enabled=False)  # documents keep its values
    assert words("twice") == []
    assert words("seen") == ["3"]
