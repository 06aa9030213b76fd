"""A window of time that was read, or what has to be asked instead."""

from datetime import date
from typing import Any, Final, NamedTuple

INTO: Final = frozenset(
    [
        "in",
        "over",
        "during",
        "within",
        "for",
        "throughout",
        "of",
        "at",
        "on",
        "from",
        "across",
        "through",
        "inside",
    ]
)
BEFORE: Final = (("prior", "to"), ("before",), ("earlier", "than"), ("preceding",))
SINCE: Final = (
    *(("in", "or", "after"), ("on", "or", "after"), ("in", "or", "since")),
    *(("starting", "from"), ("starting", "in"), ("starting",), ("beginning", "in")),
    *(("as", "of"), ("as", "from"), ("ever", "since"), ("since",), ("from",)),
    *(("not", "before"), ("no", "earlier", "than"), ("not", "earlier", "than")),
)


class Window(NamedTuple):
    """A window, and where it ends; or what has to be asked instead.

    Attributes
    ----------
    rolling
        The unit of "last year": it may mean that of the calendar, too.
    is_of_next
        Whether it is said of what comes next: "recent scans".
    """

    when: dict[str, Any]
    end: int
    slot: str = ""
    options: tuple[str, ...] = ()
    rolling: str = ""
    is_of_next: bool = False


def between(first: date | None, last: date | None) -> dict[str, Any]:
    """Return the window from a day to another."""
    return {
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
    }


def day_of_age(when: dict[str, Any], said: str) -> str:
    """Return the day, the month or the year at which an age is told; or nothing."""
    first, last = when.get("from"), when.get("to")
    if first and said.startswith("as of"):
        return str(first)
    if not (first and last):
        return ""
    if first == last:
        return str(first)
    if last[:4] == first[:4] and (first[5:], last[5:]) == ("01-01", "12-31"):
        return str(first[:4])
    is_month = first[:7] == last[:7] and first.endswith("-01") and last[8:] >= "28"
    return str(first[:7]) if is_month else ""
