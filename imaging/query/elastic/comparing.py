"""Comparing an index with the rows that it was made from, one document after another.

Searches have theirs (`imaging.query.elastic.rebuilding`); apps above tell of others.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

SHOWN: Final = 10

Of = TypeVar("Of")


@dataclass(slots=True)
class Difference:
    """What index and database do not agree on, of one kind of documents.

    Attributes
    ----------
    missing, surplus, other
        How many documents are not there, are there without a row, differ from theirs.
    examples
        Ids of some, which name no patient.
    remedy
        The command that makes the index anew.
    """

    what: str
    remedy: str
    number: int = 0
    missing: int = 0
    surplus: int = 0
    other: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def is_none(self) -> bool:
        """Return whether both agree."""
        return not (self.missing or self.surplus or self.other)


def compare(
    found: Difference,
    wanted: Iterable[Of],
    held: Iterable[Of],
    *,
    key: Callable[[Of], Any],
    called: Callable[[Of], str],
) -> Difference:
    """Note how documents differ from what they should be.

    Parameters
    ----------
    wanted, held
        What should be there and what is, both in the order of their keys.
    called
        Returns the id of a document, which names no patient.
    """
    for one, other in _side_by_side(iter(wanted), iter(held), key):
        found.number += one is not None
        if one is not None and other is not None and one == other:
            continue
        found.missing += other is None
        found.surplus += one is None
        found.other += one is not None and other is not None
        if len(found.examples) < SHOWN:
            found.examples += [called(each) for each in (one, other) if each][:1]
    return found


def _side_by_side(
    wanted: Iterator[Of], held: Iterator[Of], key: Callable[[Of], Any]
) -> Iterator[tuple[Of | None, Of | None]]:
    """Yield what should be there and what is, of the same key."""
    one, other = next(wanted, None), next(held, None)
    while one is not None or other is not None:
        if other is None or (one is not None and key(one) < key(other)):
            yield one, None
            one = next(wanted, None)
        elif one is None or key(other) < key(one):
            yield None, other
            other = next(held, None)
        else:
            yield one, other
            one, other = next(wanted, None), next(held, None)


Verify = Callable[[], Sequence[Difference]]

_verified: Final[dict[str, Verify]] = {}


def register(name: str, verify: Verify) -> None:
    """Have ``manage.py search verify`` compare another index as well."""
    _verified[name] = verify


def verify_others() -> list[Difference]:
    """Return what those indices differ in that apps above have told of."""
    return [each for verify in _verified.values() for each in verify()]
