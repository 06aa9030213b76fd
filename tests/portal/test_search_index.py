"""A whole portal that searches in Elasticsearch, and one that finds it away."""

import re
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from core import changefeed
from core.models import FollowerCursor
from imaging.query.elastic.answering import WARNING
from imaging.query.elastic.fields import FORM, NAME
from tests.elastic.node import shared_url
from tests.graphql.graph import answer as answered_by_graph
from tests.imaging.dicomweb.service import Service
from tests.stack import PATIENCE_S, Stack, free_port
from tests.synthetic import encode, instance, multipart, new_uid

COUNTER: Final = re.compile(
    r'^portal_index_searches_total\{outcome="answered"\} ([0-9.e+]+)$', re.MULTILINE
)
SEARCH: Final = "?PatientName=d*&ModalitiesInStudy=CT&limit=1000&total=true"


@pytest.fixture(scope="module")
def searching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    named = {
        "ELASTICSEARCH_URL": shared_url(),
        "ELASTICSEARCH_PREFIX": f"stack-{new_uid()[-12:]}",
        "ELASTICSEARCH_TIMEOUT_MS": "20000",
    }
    running = Stack(tmp_path_factory.mktemp("searching"), settings=named)
    try:
        running.start()
        yield running
    finally:
        running.kill()


def answered(stack: Stack) -> float:
    """Return how many searches the index has answered."""
    text = httpx.get(f"{stack.base_url}/metrics", timeout=PATIENCE_S).text
    return sum(map(float, COUNTER.findall(text)))


@pytest.mark.peer("elasticsearch")
def test_what_was_stored_is_found_at_once_and_soon_by_the_index(
    searching: Stack,
) -> None:
    headers = {"Authorization": f"Bearer {searching.token}"}
    url = f"{searching.base_url}/dicomweb/studies"
    stored: set[str] = set()
    deadline = time.monotonic() + 2 * PATIENCE_S
    with httpx.Client(headers=headers, timeout=PATIENCE_S) as client:

        def assert_found() -> None:
            found = client.get(url + SEARCH)
            assert uids(found.json()) == stored
            assert found.headers["x-total-count"] == str(len(stored))
            assert "warning" not in found.headers

        for _ in range(3):
            study, before = new_uid(), answered(searching)
            body, form = multipart(encode(instance(StudyInstanceUID=study)))
            assert client.post(url, content=body, headers=form).status_code == 200
            stored.add(study)
            assert_found()
            # Nothing else is stored meanwhile: the index comes up to it.
            while answered(searching) == before:
                assert time.monotonic() < deadline
                time.sleep(0.1)
                assert_found()
    assert "dead letters 0" in searching.manage("search", "status")
    assert f"STUDY\t{len(stored)} rows\t0 missing" in searching.manage(
        "search", "verify"
    )


def uids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["0020000D"]["Value"][0] for row in rows}


@pytest.mark.django_db(transaction=True)
def test_the_database_answers_with_a_warning_where_the_index_is_away(
    settings: Any,
) -> None:
    settings.ELASTICSEARCH_URLS = [f"http://127.0.0.1:{free_port()}"]
    service = Service()
    service.store(instance(StudyInstanceUID="1.1"))
    # As if the follower had caught up before.
    settings.ELASTICSEARCH_WAIT_MS = 0
    _pretend_caught_up()
    for _ in range(3):
        answer = service.get(f"{service.base_url}/studies{SEARCH}")
        assert answer.status_code == 200
        assert uids(answer.json()) == {"1.1"}
        assert answer.headers["warning"] == f'299 test: "{WARNING}"'
    by_uid = service.get(f"{service.base_url}/studies?StudyInstanceUID=1.1")
    assert "warning" not in by_uid.headers
    told = answered_by_graph(
        "{ studies { totalCount edges { node { studyInstanceUid } } }"
        " series { totalCount } studyFacets(facets: [MODALITY]) { values { count } } }"
    )
    assert told["data"]["studies"]["totalCount"] == 1
    assert told["extensions"] == {"warnings": [WARNING]}
    facets = answered_by_graph(
        "{ studyFacets(facets: [MODALITY]) { values { count } } }"
    )
    assert facets["extensions"] == {"warnings": [WARNING]}
    study = '{ study(studyInstanceUid: "1.1") { studyInstanceUid } }'
    assert "extensions" not in answered_by_graph(study)


def _pretend_caught_up() -> None:
    FollowerCursor.objects.update_or_create(
        name=NAME, defaults={"version": FORM, "seq": changefeed.head()}
    )
