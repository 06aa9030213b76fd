"""Importing an exported folder: its manifest is the list that is worked off.

Each file of it is read, checked and stored, in the order in which the exported portal
had stored them, so that the same instance is the newest again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.errors import NotFound
from core.models import Operation
from core.operations import Progress
from imaging import folder_import
from imaging.folder_import import BYTES_A_STEP, FILES_A_STEP, received, unreadable
from imaging.receive import Incoming, Received
from imaging.restore.lines import (
    DIFFERENT,
    MANIFEST,
    NO_LINE,
    DifferentError,
    Line,
    checked,
)
from imaging.restore.places import Place, opened_place
from imaging.store_status import Refused

LINES_BYTES: Final = 256 * 1024


def step(operation: Operation) -> Progress:
    """Import the next files of the manifest."""
    where: Mapping[str, Any] = operation.parameters["manifest"]
    place = opened_place(where)
    try:
        return _step(operation, place, max(1, where["size"]))
    finally:
        place.close()


def _step(operation: Operation, place: Place, size: int) -> Progress:
    offset, number = operation.progress.get("offset", 0), operation.progress.get("n", 0)
    texts = _next_lines(place, offset)
    if not texts:
        result = folder_import.concluded(operation)
        return Progress(dict(operation.progress), percent=100, result=result)
    lines, errors = {}, []
    for position, text in enumerate(texts, number + 1):
        line = Line.of(text)
        if line is None:
            errors.append((f"{MANIFEST}, line {position}", NO_LINE))
        else:
            lines[line.path] = line  # a file comes once

    def receive(path: str, incoming: Incoming) -> Received | Refused:
        return _receive(place, lines[path], incoming)

    errors += folder_import.take(operation, list(lines), receive)
    offset, number = offset + sum(map(len, texts)), number + len(texts)
    return Progress(
        {"offset": offset, "n": number, "done": number},
        percent=min(99, 100 * offset // size),
        errors=list(dict(errors).items()),
    )


def _next_lines(place: Place, offset: int) -> Sequence[bytes]:
    """Return the lines of one step with their ends, bounded in number and in size."""
    held = place.read(MANIFEST, offset, LINES_BYTES).splitlines(keepends=True)
    if len(held) > 1 and not held[-1].endswith(b"\n"):
        held.pop()  # it is cut off here, and comes whole with the next ones
    taken, size_bytes = [], 0
    for text in held[:FILES_A_STEP]:
        taken.append(text)
        line = Line.of(text)
        size_bytes += line.size if line else 0
        if size_bytes >= BYTES_A_STEP:
            break
    return taken


def _receive(place: Place, line: Line, incoming: Incoming) -> Received | Refused:
    """Read a file; one that is not as the manifest says is refused."""
    try:
        return received(incoming, checked(place.pieces(line.path), line))
    except NotFound as error:
        return unreadable(error.message)
    except DifferentError:
        return unreadable(DIFFERENT)
