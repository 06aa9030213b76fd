"""Who sees studies by a worklist, where an Elasticsearch answers searches."""

import pytest

from core.access import Actor
from imaging.query import Level, Target, parse, search
from imaging.query.elastic import rebuilding
from imaging.query.elastic.follower import SearchFollower
from tests.imaging.query.test_search_index import answered_by, caught_up, uids
from tests.imaging.stores import ADMIN, received, store
from tests.worklist.opening import schedule
from tests.worklist.test_access import of_worklist, somebody

pytestmark = [pytest.mark.usefixtures("committing"), pytest.mark.peer("elasticsearch")]


def seen(actor: Actor) -> list[str]:
    query = parse(Target(Level.STUDY), b"PatientName=a*")
    return uids(search(actor=actor, partition=None, query=query, base_url=""))


def test_the_database_answers_who_sees_by_a_worklist(
    search_index: SearchFollower,
) -> None:
    for uid in ("1.1", "1.2"):
        store(received(uid, f"{uid}.1", f"{uid}.1.1"))
    actor = somebody("Radiologist", of_worklist("Neuro"))
    caught_up(search_index)
    schedule(label="Neuro", study="1.1")
    with answered_by("worklist"):
        assert seen(actor) == ["1.1"]
    store(received("1.1", "1.1.1", "1.1.1.2"))
    caught_up(search_index)
    with answered_by("worklist"):
        assert seen(actor) == ["1.1"]
    with answered_by("answered"):
        assert seen(ADMIN) == ["1.2", "1.1"]
    assert all(each.is_none for each in rebuilding.verify())
