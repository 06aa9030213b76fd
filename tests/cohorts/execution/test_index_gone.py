"""Elasticsearch goes away in the middle of a question: the answer is the same."""

from collections import Counter
from typing import Any, TypeVar

import pytest

from cohorts.execution.asking import found
from core import followers
from fhirlink.text_index import asking
from fhirlink.text_index.follower import TextFollower
from imaging.query.elastic.client import Connection, connection
from tests.cohorts.execution.asked import answers, asked, event, report
from tests.elastic.node import Node, own_node
from tests.fhirlink.events.record import follow, patient, put, rows

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.peer("elasticsearch"),
]

T = TypeVar("T")
WHERE = event("report", text={"all": ["nodule"], "none": ["effusion"]})
RIGHT = {0, 1, 2, 3, 4}


def reports_found() -> set[int]:
    with found(asked(WHERE)) as relation:
        names = rows(
            f"SELECT r.fhir_id FROM {relation.matches} m"
            " JOIN fhirlink_event e ON e.id = m.event"
            " JOIN fhirlink_resource r ON r.id = e.resource_id"
        )
    return {int(name) for (name,) in names}


def killing(node: Node, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a node end just before it is asked for the nth time from now."""
    ask = Connection.ask
    number = 0

    def counting(self: Connection, question: Any, *, timeout_s: float) -> Any:
        nonlocal number
        number += 1
        if number == at:
            node.kill()
        return ask(self, question, timeout_s=timeout_s)

    monkeypatch.setattr(Connection, "ask", counting)


def test_gone_between_two_pages_and_back(
    tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(patient(), *(report(str(n), "A nodule. No effusion.") for n in RIGHT))
    put(report("5", "A nodule and an effusion."), report("6", "An effusion."))
    follow()
    with own_node(tmp_path) as node:
        settings.ELASTICSEARCH_URLS = [node.url]
        settings.ELASTICSEARCH_TIMEOUT_MS = 10_000
        follower = TextFollower()
        followers.run_until_caught_up(follower)
        before = answers()
        assert reports_found() == RIGHT
        assert answers() - before == Counter(answered=2)

        # A point in time, the mark, two pages of one: the third page is not given.
        monkeypatch.setattr(asking, "_PAGE", 1)
        with monkeypatch.context() as patch:
            killing(node, 5, patch)
            assert reports_found() == RIGHT
        assert answers() - before == Counter(answered=2, away=2)

        node.start()
        connection().breaker.went_well()
        assert reports_found() == RIGHT
        assert answers() - before == Counter(answered=4, away=2)
