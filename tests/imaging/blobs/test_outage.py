"""While a service is away, one asks it at a time and the others do not wait for it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from imaging.blobs import outage
from imaging.blobs.outage import Outage


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "RESTS_S", 0.0)
    monkeypatch.setattr(outage, "A_MOMENT_S", 0.0)


def test_a_service_that_is_well_is_asked_by_everybody() -> None:
    known = Outage()
    known.learned(is_away=False)
    assert all(known.may_ask() for _ in range(3))


def test_a_service_that_is_away_is_asked_by_one_at_a_time() -> None:
    known = Outage()
    known.learned(is_away=True)
    assert [known.may_ask() for _ in range(3)] == [True, False, False]
    known.learned(is_away=True)
    assert [known.may_ask() for _ in range(3)] == [True, False, False]
    known.learned(is_away=False)
    assert all(known.may_ask() for _ in range(3))


def test_nobody_asks_again_before_it_has_rested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outage, "RESTS_S", 3600.0)
    known = Outage()
    known.learned(is_away=True)
    assert not known.may_ask()


def test_who_waits_goes_on_once_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "A_MOMENT_S", 60.0)
    known = Outage()
    known.learned(is_away=True)
    assert known.may_ask()
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(known.may_ask) for _ in range(2)]
        assert not any(each.done() for each in waiting)
        threading.Timer(0.05, known.learned, kwargs={"is_away": False}).start()
        assert all(each.result() for each in waiting)
