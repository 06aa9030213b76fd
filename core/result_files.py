"""Files that operations make: kept for a while, fetched, removed.

A file is made of pieces, or of parts of them, one after the other, so that one that
grows in steps need not be copied together. Where the pieces lie `core.result_places`
knows. What an operation is still making lies there as well and counts once it is
registered. Who may fetch a file decides the domain function of the work that made it.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import accumulate
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from core.access import Actor
from core.errors import Busy, NotFound
from core.models import Operation, ResultFile, ResultPiece
from core.operations import OPEN, get_operation
from core.result_places import NO_FILE, PieceWriter, ResultFolder, folder, place

BATCH: Final = 100
READ_BYTES: Final = 1024 * 1024
LEFT_FOR: Final = timedelta(days=2)
"""What is unfinished is kept for so much longer than files are: as long as its
operation can still be tried again."""

_PIECES_A_PAGE: Final = 500


class Part(NamedTuple):
    """A part of a piece: what a file is made of."""

    name: str
    start: int
    length: int


@contextmanager
def new_piece(operation_id: UUID) -> Iterator[PieceWriter]:
    """Begin a piece of what an operation makes; it goes where it is not kept.

    Raises
    ------
    Busy
        It cannot be written now.
    """
    try:
        with closing(place().create(operation_id)) as piece:
            yield piece
    except OSError as error:
        message = f"The results of operations cannot be written: {error.strerror}."
        raise Busy(message, retry_after_s=30) from error


def write(
    operation_id: UUID, name: str, media_type: str, pieces: Iterable[bytes]
) -> ResultFile:
    """Make a file of an operation at once; raises as `new_piece` does."""
    with new_piece(operation_id) as piece:
        for each in pieces:
            piece.file.write(each)
        part = Part(piece.name, 0, piece.file.tell())
        piece.keep()
    return register(operation_id, name, media_type, [part])


def register(
    operation_id: UUID, name: str, media_type: str, parts: Sequence[Part]
) -> ResultFile:
    """Have a file whose pieces are kept be there, from now until it expires."""
    parts = [part for part in parts if part.length]
    ends = list(accumulate(part.length for part in parts))
    days = timedelta(days=settings.RESULT_DAYS)
    with transaction.atomic(durable=True):
        file, _ = ResultFile.objects.update_or_create(
            operation_id=operation_id,
            name=name,
            defaults={
                "media_type": media_type,
                "size_bytes": ends[-1] if ends else 0,
                "expires_at": timezone.now() + days,
            },
        )
        file.pieces.all().delete()
        ResultPiece.objects.bulk_create(
            ResultPiece(file=file, offset=end - part.length, **part._asdict())
            for part, end in zip(parts, ends, strict=True)
        )
    return file


def list_files(*, actor: Actor, operation_id: UUID) -> Sequence[ResultFile]:
    """Return the files of an operation that have not expired.

    Raises
    ------
    Forbidden, NotFound
        As `core.operations.get_operation`.
    """
    operation = get_operation(actor=actor, operation_id=operation_id)
    return list(operation.files.filter(expires_at__gt=timezone.now()))


def files_of(operations: Sequence[UUID]) -> dict[UUID, list[ResultFile]]:
    """Return the files of operations that somebody has been shown already."""
    found: dict[UUID, list[ResultFile]] = {key: [] for key in operations}
    held = ResultFile.objects.filter(
        operation_id__in=operations, expires_at__gt=timezone.now()
    )
    for each in held:
        found[each.operation_id].append(each)
    return found


def find_file(operation: Operation, name: str) -> ResultFile:
    """Return a file of an operation.

    Raises
    ------
    NotFound
        There is none, or it has expired.
    """
    held = operation.files.filter(name=name, expires_at__gt=timezone.now()).first()
    if held is None:
        raise NotFound(NO_FILE, path="file")
    return held


def read(
    file: ResultFile,
    offset: int,
    length: int,
    at_once: Callable[[], int] = lambda: READ_BYTES,
) -> Generator[bytes, None, None]:
    """Yield bytes of a file, up to `at_once` in one piece.

    Raises
    ------
    NotFound
        It has just been removed.
    """
    end = min(offset + length, file.size_bytes)
    for piece in _pieces(file, offset, end):
        begin = max(offset - piece.offset, 0)
        stop = min(end - piece.offset, piece.length)
        where = (file.operation_id, piece.name, piece.start + piece.length)
        with closing(place().open(*where)) as reader:
            while begin < stop:
                size = min(at_once(), stop - begin)
                found = reader.read(piece.start + begin, size)
                if not found:  # shorter than it was: the answer ends too early
                    return
                yield found
                begin += len(found)


def _pieces(file: ResultFile, offset: int, end: int) -> Iterator[ResultPiece]:
    """Yield the pieces between two places of a file, a page of them at a time."""
    before = file.pieces.filter(offset__lte=offset)
    first = before.aggregate(first=Max("offset"))["first"] or 0
    while first < end:
        found = file.pieces.filter(offset__gte=first, offset__lt=end)
        page = list(found.order_by("offset")[:_PIECES_A_PAGE])
        yield from page
        if len(page) < _PIECES_A_PAGE:
            return
        first = page[-1].offset + 1


def remove_expired() -> int:
    """Remove files whose time is over; return how many, `BATCH` at most.

    And what operations that ended before that have left behind unfinished.
    """
    expired = ResultFile.objects.filter(expires_at__lte=timezone.now())[:BATCH]
    removed = 0
    for file in expired:
        names = sorted(set(file.pieces.values_list("name", flat=True)))
        place().delete(file.operation_id, names)
        file.delete()
        removed += 1
    _remove_left_behind()
    return removed


def _remove_left_behind() -> None:
    """Remove what operations left that go on no more and have no files."""
    places = [place()]
    if not isinstance(places[0], ResultFolder):
        places.append(folder())  # which was in use before, perhaps
    for each in places:
        held = list(each.operations())
        for operation_id in set(held) - _needed(held):
            each.clear(operation_id)


def _needed(operation_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of the operations still need what they have written."""
    since = timezone.now() - timedelta(days=settings.RESULT_DAYS) - LEFT_FOR
    needed = (
        Q(state__in=OPEN)
        | Q(updated_at__gt=since)
        | Exists(ResultFile.objects.filter(operation=OuterRef("pk")))
    )
    held = Operation.objects.filter(needed, pk__in=operation_ids)
    return set(held.values_list("pk", flat=True))
