"""The state machine: PS3.4 table CC.1.1-2 cell by cell, and what follows of each."""

from itertools import product

import pytest

from worklist.rules import (
    CHANGES,
    TRANSITIONS,
    Event,
    Lock,
    State,
    Status,
    decide,
    declined,
    lock_of,
    unmet,
    unreachable,
)
from worklist.rules.status_table import WORDS

STATES = (None, State.SCHEDULED, State.IN_PROGRESS, State.COMPLETED, State.CANCELED)

# As the standard prints it: what is asked, with or without the correct Transaction
# UID; then null, SCHEDULED, IN PROGRESS, COMPLETED, CANCELED. An arrow is a new state.
TABLE = """
create                       any     >SCHEDULED 0111         0111         0111 0111
change state to IN PROGRESS  right   C307       >IN_PROGRESS C302         C300 C300
change state to IN PROGRESS  without C307       C301         C301         C301 C301
change state to SCHEDULED    any     C307       C303         C303         C303 C303
change state to COMPLETED    right   C307       C310         >COMPLETED   B306 C300
change state to COMPLETED    without C307       C301         C301         C301 C301
request cancellation         any     C307       >CANCELED    0000         C311 B304
change state to CANCELED     right   C307       C310         >CANCELED    C300 B304
change state to CANCELED     without C307       C301         C301         C301 C301
update                       absent  C307       0000         C301         C300 C300
update                       right   C307       C310         0000         C300 C300
update                       wrong   C307       C310         C301         C300 C300
"""
LOCKS = {
    "any": tuple(Lock),
    "right": (Lock.RIGHT,),
    "without": (Lock.ABSENT, Lock.WRONG),
    "absent": (Lock.ABSENT,),
    "wrong": (Lock.WRONG,),
}


def cells() -> list[tuple[Event, State | None, Lock, str]]:
    found = []
    for line in TABLE.strip().splitlines():
        *words, null, scheduled, in_progress, completed, canceled = line.split()
        event = Event(" ".join(words[:-1]))
        row = (null, scheduled, in_progress, completed, canceled)
        for state, cell in zip(STATES, row, strict=True):
            found += [(event, state, lock, cell) for lock in LOCKS[words[-1]]]
    return found


CELLS = cells()


def test_the_table_says_each_cell_once() -> None:
    said = [(event, state, lock) for event, state, lock, _ in CELLS]
    assert len(said) == len(set(said)) == 105
    assert set(said) == set(product(Event, STATES, Lock)) == set(TRANSITIONS)


@pytest.mark.parametrize(("event", "state", "lock", "cell"), CELLS)
def test_what_follows(event: Event, state: State | None, lock: Lock, cell: str) -> None:
    outcome = decide(event, state, lock)
    if cell.startswith(">"):
        assert outcome.status is Status.SUCCESS
        assert outcome.state is State[cell[1:]]
        assert outcome.passes[-1] is outcome.state
    else:
        assert outcome.status.code == cell
        assert outcome.state is state
        assert outcome.passes == ()


@pytest.mark.parametrize(("event", "state", "lock", "cell"), CELLS)
def test_a_refusal_and_a_warning_change_nothing(
    event: Event, state: State | None, lock: Lock, cell: str
) -> None:
    outcome = decide(event, state, lock)
    assert outcome.is_failure is (cell[0] == "C" or cell == "0111")
    if outcome.is_failure or outcome.status.is_warning:
        assert outcome.state is state
        assert (outcome.passes, outcome.sets_lock, outcome.asks_performer) == (
            (),
            False,
            False,
        )


def test_a_claim_alone_sets_the_lock() -> None:
    assert [key for key, outcome in TRANSITIONS.items() if outcome.sets_lock] == [
        (Event.CLAIM, State.SCHEDULED, Lock.RIGHT)
    ]


def test_a_wish_to_cancel_asks_who_performs_it_and_changes_nothing() -> None:
    asking = {key for key, each in TRANSITIONS.items() if each.asks_performer}
    assert asking == {(Event.REQUEST_CANCEL, State.IN_PROGRESS, lock) for lock in Lock}
    outcome = decide(Event.REQUEST_CANCEL, State.IN_PROGRESS)
    assert (outcome.state, outcome.passes) == (State.IN_PROGRESS, ())


def test_a_scheduled_workitem_passes_in_progress_when_it_is_canceled() -> None:
    outcome = decide(Event.REQUEST_CANCEL, State.SCHEDULED)
    assert outcome.passes == (State.IN_PROGRESS, State.CANCELED)
    assert outcome.final_state is State.CANCELED
    assert not outcome.sets_lock


def test_final_states_have_requirements() -> None:
    finals = {
        key[:2]: each.final_state
        for key, each in TRANSITIONS.items()
        if each.final_state
    }
    assert finals == {
        (Event.COMPLETE, State.IN_PROGRESS): State.COMPLETED,
        (Event.CANCEL, State.IN_PROGRESS): State.CANCELED,
        (Event.REQUEST_CANCEL, State.SCHEDULED): State.CANCELED,
    }
    refusal = unmet(State.IN_PROGRESS)
    assert (refusal.status.code, refusal.state) == ("C304", State.IN_PROGRESS)
    assert refusal.is_failure


def test_nothing_leaves_a_final_state() -> None:
    for (_, state, _), outcome in TRANSITIONS.items():
        if state and state.is_final:
            assert outcome.state is state
            assert outcome.status is not Status.SUCCESS


def test_who_performs_it_may_be_away_or_unwilling() -> None:
    assert unreachable(State.IN_PROGRESS).status.code == "C312"
    assert declined(State.IN_PROGRESS).status.code == "C313"
    assert unreachable(State.IN_PROGRESS).state is State.IN_PROGRESS


@pytest.mark.parametrize(
    ("event", "state", "lock", "warning"),
    [
        (Event.CANCEL, State.CANCELED, Lock.RIGHT, "CANCELED."),
        (Event.COMPLETE, State.COMPLETED, Lock.RIGHT, "COMPLETED."),
        (Event.REQUEST_CANCEL, State.CANCELED, Lock.ABSENT, "CANCELED."),
        (Event.CLAIM, State.SCHEDULED, Lock.ABSENT, "missing."),
        (Event.COMPLETE, State.IN_PROGRESS, Lock.WRONG, "incorrect."),
        (Event.CLAIM, State.IN_PROGRESS, Lock.RIGHT, "state of the UPS Instance."),
        (Event.COMPLETE, State.SCHEDULED, Lock.RIGHT, "state of the UPS Instance."),
        (Event.UPDATE, State.IN_PROGRESS, Lock.WRONG, "a claimed Workitem."),
        (Event.UPDATE, State.SCHEDULED, Lock.RIGHT, "a claimed Workitem."),
        (Event.UPDATE, State.COMPLETED, Lock.RIGHT, "current state of the Workitem."),
        (Event.CLAIM, State.SCHEDULED, Lock.RIGHT, ""),
        (Event.CREATE, None, Lock.ABSENT, ""),
    ],
)
def test_warnings_of_the_web_service(
    event: Event, state: State | None, lock: Lock, warning: str
) -> None:
    text = decide(event, state, lock).warning
    assert text.endswith(warning)
    assert bool(text) is bool(warning)


def test_each_change_of_state_is_an_event() -> None:
    assert set(CHANGES) == set(State)
    for state, event in CHANGES.items():
        assert event.value == f"change state to {state}"


class TestLock:
    def test_a_request_without_one(self) -> None:
        for held in (None, "", "1.2.3"):
            assert lock_of(None, held) is lock_of("", held) is Lock.ABSENT

    def test_the_first_that_comes_is_right(self) -> None:
        assert lock_of("1.2.3", None) is lock_of("1.2.3", "") is Lock.RIGHT

    def test_it_is_compared_to_the_letter(self) -> None:
        assert lock_of("1.2.3", "1.2.3") is Lock.RIGHT
        for other in ("1.2.3.0", "1.2", "1.2.03", "1.2.3 ", "\ud800", "１.2.3"):  # noqa: RUF001
            assert lock_of(other, "1.2.3") is Lock.WRONG


class TestStatus:
    def test_all_have_words_that_are_sentences(self) -> None:
        assert set(WORDS) == set(Status)
        for status in Status:
            assert status.words.endswith(".")
            assert len(status.words) < 120

    def test_all_codes_of_the_services(self) -> None:
        codes = {status.code for status in Status}
        assert codes >= {f"C30{each}" for each in "0123478 9".replace(" ", "")}
        assert codes >= {"C310", "C311", "C312", "C313", "C314", "C315"}
        assert codes >= {"B300", "B301", "B304", "B305", "B306"}

    def test_what_kind_they_are(self) -> None:
        kinds = {each.code: (each.is_failure, each.is_warning) for each in Status}
        assert kinds["0000"] == (False, False)
        assert kinds["0001"] == kinds["B304"] == kinds["B306"] == (False, True)
        assert kinds["0111"] == kinds["C301"] == kinds["C314"] == (True, False)
