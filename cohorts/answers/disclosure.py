"""The one way by which counts of patients are told to whoever may only count.

What counts as which number `cohorts.answers.perturbation` decides; here is what was
told before, which all accounts of a partition have in common: two who ask together
learn no more than one.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cohorts.answers.found_runs import table_state
from cohorts.answers.perturbation import Teller, Told, lowest_words
from cohorts.answers.small_cells import Cell, Step, cell_of
from cohorts.execution.asking import Tallied
from cohorts.execution.tally import Tally, secret_of
from cohorts.models import ToldCount
from core.database import raw_connection

_LOCK: Final = 710_040  # with the key of the partition
_NOBODY: Final = cell_of(0, is_protected=True)
_BATCH: Final = 10_000


def exact(number: int) -> Cell:
    """Return a count for whoever sees the patients that it counts."""
    return cell_of(number, is_protected=False)


def protected(partition_id: int, sets: Sequence[Tally]) -> list[Cell]:
    """Return what is told of sets of patients of a partition, and keep that it was.

    They are told in their order, each as if those before it had been told before.
    """
    with transaction.atomic():
        # Two that resemble each other must not be told at the same moment.
        lock = "SELECT pg_advisory_xact_lock(%s, %s)"
        raw_connection().execute(lock, (_LOCK, partition_id))
        generation, _ = table_state()
        before = _told_before(partition_id, generation, sets)
        teller = Teller(secret_of(partition_id), before)
        values = [teller.value_of(each) for each in sets]
        _keep(partition_id, generation, teller.new)
    return [cell_of(value, is_protected=True) for value in values]


def protected_counts(
    partition_id: int, tallied: Tallied
) -> tuple[Cell, Cell, list[Step]]:
    """Return the total, how many are only possible, and the attrition.

    A step is told no more than the one before it, and no fewer than the total, which is
    the same number in whatever question.
    """
    could = tallied.could
    sets = [*tallied.attrition, *([could] if could is not None else [])]
    cells = protected(partition_id, sets)
    possible = cells.pop() if could is not None else _NOBODY
    for at in range(1, len(cells) - 1):
        cells[at] = min(cells[at - 1], cells[at], key=_size)
    cells = [max(cells[-1], each, key=_size) for each in cells]
    steps = [
        Step(step.path, step.criterion, told)
        for step, told in zip(tallied.steps, cells, strict=True)
    ]
    return cells[-1], possible, steps


def _size(cell: Cell) -> int:
    return cell.value or 0


def remove_old() -> int:
    """Forget what was told long ago; return how many, a batch at most."""
    since = timezone.localdate() - timedelta(days=settings.COHORT_LOG_DAYS)
    old = ToldCount.objects.filter(day__lt=since)
    keys = list(old.values_list("pk", flat=True)[:_BATCH])
    ToldCount.objects.filter(pk__in=keys).delete()
    return len(keys)


def _told_before(
    partition_id: int, generation: int, sets: Iterable[Tally]
) -> list[Told]:
    words = {word for each in sets for word in lowest_words(each.sketch)}
    rows = ToldCount.objects.filter(
        partition_id=partition_id, generation=generation, words__overlap=sorted(words)
    ).order_by("pk")
    found = rows.values_list("number", "sketch", "value")
    return [Told(number, bytes(sketch), value) for number, sketch, value in found]


def _keep(partition_id: int, generation: int, told: Sequence[Told]) -> None:
    day = timezone.localdate()
    ToldCount.objects.bulk_create(
        ToldCount(
            partition_id=partition_id,
            generation=generation,
            number=each.number,
            sketch=each.sketch,
            words=lowest_words(each.sketch),
            value=each.value,
            day=day,
        )
        for each in told
    )
