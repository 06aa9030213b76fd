"""The end of what exports, and imports of archives, have written down."""

import time
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Manager, QuerySet
from django.utils import timezone

from core.models import Operation
from core.operations import OPEN
from imaging.models import ArchiveMember, ExportItem

BATCH: Final = 5_000
MARGIN: Final = timedelta(days=1)  # who may fetch a file is asked of the items


def forget_items(*, time_limit_s: float) -> int:
    """Remove the items of what ended longer ago than files are kept.

    Returns
    -------
    int
        How many were removed.
    """
    until = time.monotonic() + time_limit_s
    ended_before = timezone.now() - timedelta(days=settings.RESULT_DAYS) - MARGIN
    ended = Operation.objects.filter(updated_at__lt=ended_before)
    old = ended.exclude(state__in=OPEN).values("pk")
    lists: tuple[Manager[Any], ...] = (ExportItem.objects, ArchiveMember.objects)
    return sum(_forget(each, old, until) for each in lists)


def _forget(items: Manager[Any], operations: QuerySet[Any, Any], until: float) -> int:
    removed = 0
    while time.monotonic() < until:
        some = items.filter(operation_id__in=operations).values("pk")[:BATCH]
        number, _ = items.filter(pk__in=some).delete()
        removed += number
        if number < BATCH:
            break
    return removed
