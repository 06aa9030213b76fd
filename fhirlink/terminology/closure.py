"""What is above each code at any distance, from what is above it at the next step."""

from array import array
from collections.abc import Iterator, Mapping, Sequence

from core.errors import Invalid

Closure = dict[int, Sequence[int]]


def closure(
    parents: Mapping[int, Sequence[int]],
) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield each that has something above it, with all of that.

    Memory: eight bytes for each pair.

    Raises
    ------
    Invalid
        Something is above itself.
    """
    done: Closure = {}
    for start in parents:
        for node in _upwards(start, parents, done):
            above = {
                up for parent in parents[node] for up in (parent, *done.get(parent, ()))
            }
            done[node] = array("q", sorted(above))
            yield node, done[node]


def _upwards(
    start: int, parents: Mapping[int, Sequence[int]], done: Closure
) -> Iterator[int]:
    """Yield what has parents and is not done yet, all that is above it first."""
    path: dict[int, Iterator[int]] = {}
    waiting = [start]
    while waiting:
        node = waiting[-1]
        if node in done or node not in parents:
            waiting.pop()
            continue
        if node not in path:
            path[node] = iter(parents[node])
        parent = next(path[node], None)
        if parent is None:
            del path[node]
            waiting.pop()
            yield node
        elif parent in path:
            message = "The hierarchy goes round in a circle."
            raise Invalid(message, path=str(node))
        else:
            waiting.append(parent)
