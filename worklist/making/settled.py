"""Making workitems of what is quiet, or has waited for it long enough."""

import time

from django.db import transaction

from worklist.making import quiet
from worklist.making.make import BATCH, make_named


def make_settled(*, time_limit_s: float) -> bool:
    """Have rules look at what is due, what waits longest first; any number may work.

    What a disabled rule has waited for is forgotten.

    Returns
    -------
    bool
        Whether there may be more.
    """
    until = time.monotonic() + time_limit_s
    while time.monotonic() < until:
        with transaction.atomic(durable=True):
            taken = quiet.take(BATCH)
            if taken is None:
                return False
            rule, names = taken
            if rule.is_enabled and names:
                make_named(rule.partition, [(rule, names)])
    return True
