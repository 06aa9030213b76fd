"""Which questions somebody who may only count has asked: kept, told, and limited.

Many different questions about the same few patients tell more than each of them, which
no noise of a bounded size prevents: so they are counted.
"""

import hashlib
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cohorts.answers.small_cells import Cell
from cohorts.criteria.canonical import canonical
from cohorts.criteria.model import dumped
from cohorts.execution.asking import Asked
from cohorts.models import CountedQuestion
from core.access import Actor
from core.database import raw_connection
from core.errors import TooMany

_LOCK: Final = 710_041  # with the key of the account
_BATCH: Final = 10_000
_NOTED: Final = """
INSERT INTO cohorts_countedquestion AS held
    (account_id, partition_id, day, digest, told, times)
VALUES (%s, %s, %s, %s, '', 1)
ON CONFLICT (account_id, day, partition_id, digest)
DO UPDATE SET times = held.times + 1 RETURNING id, times
"""


class Looks(NamedTuple):
    """How many questions somebody has asked today, of how many at most."""

    today: int
    most: int


class Note(NamedTuple):
    """That a question was asked: the key of its row, and the asker's looks with it."""

    key: int
    looks: Looks


def note_question(actor: Actor, asked: Asked) -> Note | None:
    """Keep that somebody asks a question whose counts are protected.

    Returns
    -------
    Note or None
        None where none is kept, as counts are told exactly.

    Raises
    ------
    TooMany
        It is one more than ``PORTAL_COHORT_QUESTIONS_A_DAY`` different ones.
    """
    if not asked.is_protected or actor.account_id is None:
        return None
    day = timezone.localdate()
    execute = raw_connection().execute
    with transaction.atomic():
        lock = "SELECT pg_advisory_xact_lock(%s, %s)"
        execute(lock, (_LOCK, actor.account_id % 2**31))
        held = (actor.account_id, asked.partition_id, day, _digest(asked))
        ((key, times),) = execute(_NOTED, held).fetchall()
        today = CountedQuestion.objects.filter(account_id=actor.account_id, day=day)
        looks = Looks(today.count(), settings.COHORT_QUESTIONS_A_DAY)
        if times == 1 and looks.today > looks.most:
            raise _too_many()
    return Note(key, looks)


def note_answer(note: Note | None, told: Cell) -> None:
    """Keep what was told."""
    if note is not None:
        CountedQuestion.objects.filter(pk=note.key).update(told=told.text)


def remove_old() -> int:
    """Forget what was asked long ago; return how many, a batch at most."""
    since = timezone.localdate() - timedelta(days=settings.COHORT_LOG_DAYS)
    old = CountedQuestion.objects.filter(day__lt=since)
    keys = list(old.values_list("pk", flat=True)[:_BATCH])
    CountedQuestion.objects.filter(pk__in=keys).delete()
    return len(keys)


def _digest(asked: Asked) -> str:
    """Return what all wordings of a question have in common, of a day that is now."""
    where = canonical(dumped(asked.query))["where"]
    plain = orjson.dumps([where, asked.now], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(plain).hexdigest()


def _too_many() -> TooMany:
    now = timezone.localtime()
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    message = (
        f"You have counted {settings.COHORT_QUESTIONS_A_DAY} different questions today,"
        " as many as who does not see patients may. Go on tomorrow, ask one of them"
        " again, or ask whoever manages access to let you see patients."
    )
    left = int((tomorrow - now).total_seconds())
    return TooMany(message, retry_after_s=max(left, 1))
