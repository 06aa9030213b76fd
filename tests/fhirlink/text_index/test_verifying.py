"""``manage.py search verify`` compares the index of texts with the texts as well."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import followers
from fhirlink.text_index import index, verifying
from fhirlink.text_index.follower import TextFollower
from imaging.query.elastic import comparing
from imaging.query.elastic.client import connection
from tests.cohorts.execution.asked import report
from tests.fhirlink.events.record import FOLLOWER, follow, patient, put

pytestmark = [pytest.mark.django_db, pytest.mark.peer("elasticsearch")]


@pytest.fixture
def texts(text_index: TextFollower) -> list[index.Text]:
    said = [report(f"r{n}", f"A nodule, {n}.") for n in range(3)]
    put(patient(), *said, report("wordless", "."))
    follow()
    followers.run_until_caught_up(text_index)
    return [each for some in index.read_texts(0) for each in some]


def found() -> tuple[int, int, int, int]:
    (each,) = verifying.verify()
    assert each.is_none == (each.missing == each.surplus == each.other == 0)
    return each.number, each.missing, each.surplus, each.other


def refresh() -> None:
    connection().tell(lambda client: client.indices.refresh(index=index.name()))


def test_an_index_that_follows_agrees(texts: list[index.Text]) -> None:
    assert found() == (len(texts), 0, 0, 0)


def test_what_is_missing_false_or_too_much_is_told(texts: list[index.Text]) -> None:
    one, other, *_ = texts
    index.delete(connection(), [one.event])
    odd = other._replace(words="something else")
    index.write(connection(), [odd, other._replace(event=other.event + 10**6)])
    refresh()
    assert found() == (len(texts), 1, 1, 1)
    (told,) = verifying.verify()
    assert told.examples[0] == f"event {one.event}"


def test_the_command_tells_of_texts(
    texts: list[index.Text], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "_verified", {})
    comparing.register("texts", verifying.verify)
    said = StringIO()
    call_command("search", "verify", stdout=said)
    assert f"TEXT\t{len(texts)} rows\t0 missing" in said.getvalue()
    index.delete(connection(), [texts[0].event])
    refresh()
    with pytest.raises(CommandError, match="followers rebuild texts"):
        call_command("search", "verify", stdout=StringIO())
    followers.rebuild(FOLLOWER)  # new keys: nothing of the old ones is left
    assert found() == (len(texts), 0, 0, 0)
