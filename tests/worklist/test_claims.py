"""Two clients claim one workitem at the same moment: one of them gets it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Final

import pytest
from django.db import connection

from core.errors import PortalError
from core.models import FeedEntry
from tests.synthetic import new_uid
from tests.worklist.steps import READER, step
from worklist.change_state import change_state
from worklist.create import New, create_many
from worklist.models import Workitem
from worklist.rules import State, Status

pytestmark = pytest.mark.usefixtures("committing")

ROUNDS: Final = 1_000


def test_of_two_that_claim_at_once_one_wins_a_thousand_times() -> None:
    uids = [new_uid() for _ in range(ROUNDS)]
    made = create_many(
        actor=READER, partition="default", workitems=[New(step(), uid) for uid in uids]
    )
    assert all(each.is_new for each in made)
    together = Barrier(2, timeout=60)

    def claim_all(own: str) -> list[Status]:
        told = []
        try:
            for uid in uids:
                together.wait()
                try:
                    outcome = change_state(
                        actor=READER,
                        partition="default",
                        uid=uid,
                        state=State.IN_PROGRESS,
                        transaction_uid=own,
                    )
                    told.append(outcome.status)
                except PortalError as error:
                    told.append(getattr(error, "status"))  # noqa: B009 of each refusal
        finally:
            connection.close()
        return told

    locks = [new_uid(), new_uid()]
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(claim_all, locks)
    won, lost = Status.SUCCESS, Status.WRONG_TRANSACTION_UID
    outcomes = [frozenset(pair) for pair in zip(first, second, strict=True)]
    assert set(outcomes) == {frozenset({won, lost})}
    rows = dict(Workitem.objects.values_list("sop_instance_uid", "transaction_uid"))
    for number, uid in enumerate(uids):
        winner = locks[0] if first[number] is won else locks[1]
        assert rows[uid] == winner
    told = Counter(FeedEntry.objects.filter(kind="workitem").values_list("op"))
    assert told == {("create",): ROUNDS, ("update",): ROUNDS}
