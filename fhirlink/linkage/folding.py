"""Folding studies: whole ImagingStudies, and the patients that they are of.

A study that has changed is read as a whole and written where what it makes differs
from what stands: so folds can come late, twice or in any order. One transaction for
the studies of a partition; its last statement writes the resources. Whatever else such
a fold changes (another patient stands for a key) makes the studies concerned dirty.
"""

import logging
import time
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from django.conf import settings
from django.db import transaction

from core import followers
from core.access import system
from core.models import Partition
from fhirlink.linkage import dirty
from fhirlink.linkage.fold import Fold
from fhirlink.linkage.follower import LinkFollower
from fhirlink.linkage.sources import source_of
from fhirlink.write import write

logger = logging.getLogger(__name__)

ACTOR: Final = system(LinkFollower.name)
BATCH: Final = 50


def fold_dirty(*, time_limit_s: float = float("inf")) -> int:
    """Fold the studies that have become quiet; return how many."""
    until = time.monotonic() + time_limit_s
    total = 0
    while number := _fold_some():
        total += number
        if time.monotonic() >= until:
            break
    return total


def _fold_some() -> int:
    """Fold the next studies; none, where another process folds."""
    with transaction.atomic():
        taken = dirty.take(
            quiet_s=settings.LINK_QUIET_S, most_s=settings.LINK_WAIT_S, limit=BATCH
        )
    done = 0
    for partition_id, found in groupby(sorted(taken), itemgetter(0)):
        done += _fold_or_park(partition_id, [each.study_instance_uid for each in found])
    return done


def _fold_or_park(partition_id: int, uids: Sequence[str]) -> int:
    """Fold studies together, or one by one where one of them fails."""
    try:
        return fold(partition_id, uids)
    except Exception as error:
        if followers.is_transient(error):
            raise
        if len(uids) == 1:
            logger.exception("a study cannot be linked")
            dirty.failed((partition_id, uids[0]), repr(error))
            return 1
    return sum(_fold_or_park(partition_id, [uid]) for uid in uids)


def fold(partition_id: int, uids: Sequence[str]) -> int:
    """Fold studies of a partition; return how many: none, where others do."""
    with followers.paused(LinkFollower(), wait=False) as is_ours:
        if not is_ours:
            return 0
        partition = Partition.objects.get(pk=partition_id)
        folded = Fold(partition_id, source_of(partition), uids)
        changes = folded.run()
        dirty.done((partition_id, uid) for uid in uids)
        write(ACTOR, partition_id, changes)
    return len(uids)
