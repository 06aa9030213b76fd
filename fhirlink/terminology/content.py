"""What a file of a code system gives: terms, and which is below which."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from core.errors import Invalid

LONGEST: Final = 500  # characters of a display
LONGEST_CODE: Final = 200  # as of those in data: an entry of an index has its limit


class Term(NamedTuple):
    """A code with what it is called; or with what is above it, at the next step.

    A file may give the same code several times, each time with more of it.
    """

    code: str
    display: str = ""
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A code system, or a part of one.

    Attributes
    ----------
    terms
        Made as they are read: there may be millions.
    is_whole
        What else was loaded of the system before is not in it any more.
    """

    system: str
    terms: Iterable[Term]
    is_whole: bool = True


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text with their numbers, without what ends them.

    Raises
    ------
    Invalid
        It is not text in UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                yield number, line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        message = f"{path.name} is no text in UTF-8."
        raise Invalid(message) from error


def wrong(path: Path, number: int, what: str) -> Invalid:
    """Return the error of a line that is not as its format says."""
    return Invalid(f"{path.name}, line {number}: {what}")
