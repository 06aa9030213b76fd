"""How many of all of a partition have what charts count by, kept for a minute.

They are the same for each run of whoever sees all of the partition: the bars behind the
bars of every page, each of which would read all events of a kind. Of others it is
counted each time: what they see is less, and may change with a grant.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Final, TypeVar

Row = TypeVar("Row")

FRESH_S: Final = 60.0
MOST_CHARTS: Final = 200

_kept: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()
_lock: Final = Lock()


def everybody(
    key: object, values: Sequence[str], count: Callable[[list[str]], Mapping[str, Row]]
) -> Mapping[str, Row]:
    """Return how many have some values, counting those alone that nobody has asked for.

    Parameters
    ----------
    key
        All that the counts depend on but the values: what is counted, of which event
        table, as of which day. Whoever asks has to see all of it.
    count
        Counts values; those that nobody has are not there.
    """
    name, now = repr(key), time.monotonic()
    with _lock:
        until, known = _kept.get(name, (0.0, {}))
        if until < now:
            until, known = now + FRESH_S, {}
    missing = [each for each in values if each not in known]
    if missing:
        counted = count(missing)
        known = {**known, **{each: counted.get(each) for each in missing}}
        with _lock:
            _kept[name] = (until, known)
            _kept.move_to_end(name)
            while len(_kept) > MOST_CHARTS:
                _kept.popitem(last=False)
    return {each: known[each] for each in values if known[each] is not None}
