"""Questions end in time, and when the next one comes."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.db import connection

from cohorts.execution.running import executed, in_time, superseding
from cohorts.execution.statement import Sql
from core.errors import TooLarge

SLEEP = Sql("SELECT pg_sleep(30)")


@pytest.mark.django_db
def test_what_takes_too_long_is_refused() -> None:
    limits = Sql(
        "SELECT current_setting('statement_timeout'), current_setting('work_mem')"
    )
    before = executed(limits)
    with pytest.raises(TooLarge, match="Narrow it"), in_time(seconds=1):
        executed(SLEEP)
    with in_time(seconds=7):
        assert executed(limits) == [("7s", "32MB")]
    assert executed(limits) == before


@pytest.mark.django_db(transaction=True)
def test_the_next_question_under_a_key_cancels_the_one_before() -> None:
    def ask() -> None:
        try:
            with superseding("page"), in_time():
                executed(SLEEP)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(ask)
        while not _is_running():
            sleep(0.05)
        with superseding("other"), in_time():
            assert _is_running()
        with superseding("page"), in_time():
            assert executed(Sql("SELECT 1")) == [(1,)]
        with pytest.raises(TooLarge):
            first.result(10)


def _is_running() -> bool:
    sleeping = "query = 'SELECT pg_sleep(30)' AND state = 'active'"
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE {sleeping}"
    return bool(executed(Sql(asked))[0][0])
