"""The index follows the feed and is repaired; the database answers in its place."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import StringIO
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from core import followers
from core.access import system
from core.models import FollowerCursor
from imaging.delete import delete_instances
from imaging.projects import create_project
from imaging.query import Found, Level, Target, parse, search
from imaging.query.backends import ANSWERS
from imaging.query.elastic import indices, news, rebuilding
from imaging.query.elastic.answering import WARNING
from imaging.query.elastic.client import Away, connection
from imaging.query.elastic.fields import LEVELS
from imaging.query.elastic.follower import SearchFollower
from imaging.query.elastic.walking import documents_in
from tests.core import house
from tests.imaging.stores import ADMIN, received, store
from tests.imaging.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.peer("elasticsearch")]

STEPS = 40


def held() -> dict[str, Any]:
    """Return all documents of the index that is searched."""
    found = indices.generations(connection())
    (searched,) = (each for each in found if each.is_searched)
    indices.refresh(connection(), searched)
    return {
        f"{level.name} {document.id}": document.fields
        for level in LEVELS
        for document in documents_in(connection(), searched, level)
    }


def names(level: Level = Level.STUDY) -> list[str]:
    """Return the names of all indices of a level."""
    return [each.names[level] for each in indices.generations(connection())]


def find(text: str = "PatientName=a*", level: Level = Level.STUDY) -> Found:
    query = parse(Target(level), text.encode())
    return search(actor=system("test"), partition=None, query=query, base_url="")


def uids(found: Found) -> list[str]:
    return [row["0020000D"]["Value"][0] for row in orjson.loads(found.body or b"[]")]


@contextmanager
def answered_by(outcome: str) -> Iterator[None]:
    """Hold that the index was asked once, and what came of it."""
    before = _count(outcome)
    yield
    assert _count(outcome) == before + 1, outcome


def _count(outcome: str) -> float:
    return float(ANSWERS.labels(outcome)._value.get())


def caught_up(follower: SearchFollower) -> None:
    followers.run_until_caught_up(follower)


@pytest.mark.parametrize("seed", range(2))
def test_incremental_is_rebuilt(search_index: SearchFollower, seed: int) -> None:
    world = World(random.Random(seed))
    # Each step ends before the next begins, deliveries come in between.
    writes = [world.step] * STEPS
    built = house.check(search_index, writes=writes, snapshot=held, seed=seed)
    assert any(document["scopes"] for document in built.values())
    assert all(each.is_none for each in rebuilding.verify())
    rebuilding.rebuild()
    assert held() == built


def test_a_deleted_project_leaves_no_scope_behind(search_index: SearchFollower) -> None:
    world = World(random.Random(5))
    while not (world.patients and world.projects):
        world.step()
    for step in (world.change_project, world.end_project) * 10:
        step()
    caught_up(search_index)
    assert all(each.is_none for each in rebuilding.verify())


def test_what_has_just_changed_the_database_adds(
    search_index: SearchFollower, settings: Any
) -> None:
    settings.ELASTICSEARCH_WAIT_MS = 0
    for uid in ("1.1", "1.2", "1.3"):
        store(received(uid, f"{uid}.1", f"{uid}.1.1"))
    for _ in ("behind", "caught up"):
        for level in LEVELS:
            with answered_by("answered"):
                found = find(level=level)
            assert uids(found) == ["1.3", "1.2", "1.1"]
            assert found.warnings == ()
            with answered_by("answered"):
                assert uids(find("PatientName=a*&offset=1&limit=1", level)) == ["1.2"]
        caught_up(search_index)
    delete_instances(actor=ADMIN, partition="default", study_instance_uid="1.2")
    with answered_by("answered"):
        assert uids(find()) == ["1.3", "1.1"]
    store(received("1.2", "1.2.1", "1.2.1.1"))
    with answered_by("answered"):  # anew, so that it is the newest
        assert uids(find()) == ["1.2", "1.3", "1.1"]


def test_what_is_too_much_to_be_added_the_database_answers(
    search_index: SearchFollower, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ELASTICSEARCH_WAIT_MS = 0
    store(*(received("1.1", f"1.1.{n}", f"1.1.{n}.1") for n in range(3)))
    monkeypatch.setattr(news, "MOST_ROWS", 2)
    with answered_by("answered"):
        assert uids(find()) == ["1.1"]
    with answered_by("behind"):
        assert find(level=Level.SERIES).number_of_results == 3
    monkeypatch.setattr(news, "MOST_ENTRIES", 2)
    with answered_by("behind"):
        assert uids(find()) == ["1.1"]


def test_what_changes_who_sees_a_study_is_waited_for(
    search_index: SearchFollower, settings: Any
) -> None:
    settings.ELASTICSEARCH_WAIT_MS = 0
    store(received("1.1", "1.1.1", "1.1.1.1"))
    caught_up(search_index)
    create_project(actor=ADMIN, partition="default", name="trial")
    with answered_by("behind"):
        assert uids(find()) == ["1.1"]
    caught_up(search_index)
    with answered_by("answered"):
        assert uids(find()) == ["1.1"]


def test_what_the_index_says_wrongly_nobody_sees(search_index: SearchFollower) -> None:
    store(*(received(f"1.{n}", f"1.{n}.1", f"1.{n}.1.1") for n in range(3)))
    caught_up(search_index)
    client = connection()._client
    wrong = {"study_date": "20200101", "patient_name_alphabetic_folded": "b"}
    client.update(index=names()[0], id=_id("1.1"), doc=wrong, refresh=True)
    with answered_by("overtaken"):
        assert find("PatientName=b*").number_of_results == 0
    assert [each.other for each in rebuilding.verify()] == [1, 0]
    client.delete(index=names()[0], id=_id("1.2"), refresh=True)
    assert [each.missing for each in rebuilding.verify()] == [1, 0]
    assert rebuilding.rebuild() == 3
    assert all(each.is_none for each in rebuilding.verify())


def _id(uid: str) -> str:
    (found,) = (key for key in held() if key.endswith(f"/{uid}"))
    return found.partition(" ")[2]


def test_what_does_not_fit_into_the_index_is_found(
    search_index: SearchFollower,
) -> None:
    store(received("1.1", "1.1.1", "1.1.1.1", name="A" * 40_000))
    caught_up(search_index)
    with answered_by("odd"):
        assert uids(find("PatientName=aa*")) == ["1.1"]
    assert all(each.is_none for each in rebuilding.verify())


def test_an_index_that_somebody_removed_is_made_anew(
    search_index: SearchFollower,
) -> None:
    store(received("1.1", "1.1.1", "1.1.1.1"))
    caught_up(search_index)
    before = held()
    connection()._client.indices.delete(index=names()[0])
    with answered_by("away"):
        found = find()
    assert uids(found) == ["1.1"]
    assert found.warnings == (WARNING,)
    caught_up(search_index)  # nothing has been stored since
    assert held() == before
    connection().breaker.went_well()
    with answered_by("answered"):
        assert uids(find()) == ["1.1"]


def test_an_index_with_other_mappings_is_made_anew(
    search_index: SearchFollower,
) -> None:
    store(received("1.1", "1.1.1", "1.1.1.1"))
    caught_up(search_index)
    before = held()
    client = connection()._client
    (name,) = names()
    client.indices.delete(index=name)
    client.indices.create(
        index=name,
        mappings={"properties": {"study_date": {"type": "date"}}},
        aliases={indices.searched(Level.STUDY): {}, indices.written(name): {}},
    )
    with answered_by("refused"):
        assert uids(find("sort=PatientName")) == ["1.1"]
    caught_up(search_index)
    assert held() == before


def test_a_full_disk_delays_the_follower_only(search_index: SearchFollower) -> None:
    store(received("1.1", "1.1.1", "1.1.1.1"))
    caught_up(search_index)
    cursor = FollowerCursor.objects.get(name=search_index.name).seq
    block = "index.blocks.read_only_allow_delete"  # as the flood stage sets it
    client = connection()._client
    client.indices.put_settings(index=names(), settings={block: True})
    store(received("1.2", "1.2.1", "1.2.1.1"))
    with pytest.raises(Away):
        caught_up(search_index)
    assert FollowerCursor.objects.get(name=search_index.name).seq == cursor
    assert uids(find()) == ["1.2", "1.1"]
    client.indices.put_settings(index=names(), settings={block: None})
    caught_up(search_index)
    with answered_by("answered"):
        assert uids(find()) == ["1.2", "1.1"]


def test_the_index_is_rebuilt_while_it_is_searched(
    search_index: SearchFollower, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(*(received(f"1.{n}", f"1.{n}.1", f"1.{n}.1.1") for n in range(7)))
    caught_up(search_index)
    old = names()
    monkeypatch.setattr(rebuilding, "CHUNK", 2)
    seen: list[int] = []

    def meanwhile(number: int) -> None:
        if number == 2:
            store(received("2.1", "2.1.1", "2.1.1.1"))
            delete_instances(actor=ADMIN, partition="default", study_instance_uid="1.0")
            caught_up(search_index)
        if number >= 2:
            with answered_by("answered"):
                seen.append(find().number_of_results)
        assert old[0] in names()

    rebuilding.rebuild(meanwhile)
    assert set(seen) == {7}
    assert old[0] not in names()
    assert len(names()) == 1
    assert all(each.is_none for each in rebuilding.verify())


def test_the_command_shows_rebuilds_and_verifies(search_index: SearchFollower) -> None:
    store(received("1.1", "1.1.1", "1.1.1.1"))
    caught_up(search_index)
    said = partial(_said, "search")
    assert "STUDY\t1 documents" in said("status")
    assert "1 studies" in said("rebuild")
    assert "STUDY\t1 rows\t0 missing\t0 surplus\t0 different" in said("verify")
    (name,) = names()
    connection()._client.delete(index=name, id=_id("1.1"), refresh=True)
    with pytest.raises(CommandError, match="search rebuild"):
        said("verify")


def test_the_command_says_that_there_is_no_index(settings: Any) -> None:
    settings.ELASTICSEARCH_URLS = []
    with pytest.raises(CommandError, match="ELASTICSEARCH_URL"):
        _said("search", "status")


def _said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()
