"""Importing a zip archive: what is in it is written down, and then worked off.

First the directory of the archive becomes rows, then each manifest in it (as exports
write them) gives its files their SHA-256 and their order, then they are stored. So an
archive of any size takes the memory of a few files, and a killed worker's step is done
again. Names only are names: nothing is unpacked to the disk under them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from django.conf import settings

from core.errors import Gone, Invalid
from core.models import Operation
from core.operations import Progress
from imaging import folder_import, part10
from imaging.file_tree import is_passed_over
from imaging.folder_import import BYTES_A_STEP, FILES_A_STEP, received, unreadable
from imaging.models import ArchiveMember
from imaging.outside.zip_reading import (
    OVERLAPPING,
    Bytes,
    MemberError,
    directory_of,
    members_at,
    pieces_of,
)
from imaging.receive import PREAMBLE_BYTES, Incoming, Received
from imaging.restore import members_sql
from imaging.restore.lines import (
    DIFFERENT,
    MANIFEST,
    MAXIMUM_PATH,
    NO_LINE,
    DifferentError,
    Line,
    checked,
)
from imaging.restore.members_sql import Listed
from imaging.restore.places import FileInPlace, opened_place
from imaging.store_status import Refused

LISTS: Final = (MANIFEST, folder_import.ERRORS)  # of an export: read, not imported
MAXIMUM_MANIFESTS: Final = 100
MAXIMUM_BAD_LINES: Final = 1_000
MAXIMUM_LINES: Final = 5_000_000  # of one manifest, which is read in one step
LINES_AT_ONCE: Final = 2_000
LINE_BYTES: Final = 64 * 1024
FIRST_BYTES: Final = 4 * 1024  # tell whether it may be an instance
TOO_LONG: Final = "The manifest is too long, or none: the rest is not read."
FORGOTTEN: Final = "What the archive holds is known no more: start a new import."


def step(operation: Operation) -> Progress:
    """List the archive, read its manifests, or import its next files."""
    where: Mapping[str, Any] = operation.parameters["archive"]
    place = opened_place(where)
    try:
        file = FileInPlace(place, where["file"], place.size_of(where["file"]))
        progress = operation.progress
        if "after" in progress:
            return _take(operation, file, progress)
        if "manifest" in progress:
            return _read_manifest(operation, file, progress)
        return _list(operation, file, progress)
    finally:
        place.close()


def _list(operation: Operation, file: Bytes, progress: Mapping[str, Any]) -> Progress:
    """Write the next rows of the archive's directory down."""
    at, number, size = (progress.get(name, 0) for name in ("at", "number", "bytes"))
    directory = directory_of(file)
    members, end = members_at(file, directory, at)
    if not members:
        return Progress({"manifest": 0, "lines": 0}, percent=0)
    rows: list[Mapping[str, Any]] = []
    names: set[str] = set()
    for place, member in enumerate(members, number):
        size += member.compressed
        path = _shown(member.name)
        if is_passed_over(path):
            continue
        rows.append(members_sql.row_of(place, path, member, is_double=path in names))
        names.add(path)
    if size > file.size:
        raise Invalid(OVERLAPPING, path="path")
    members_sql.write_members(operation.pk, rows)
    cursor = {"at": end, "number": number + len(members), "bytes": size}
    return Progress(cursor, percent=0)


def _shown(name: str) -> str:
    """Return a name as it is kept: text of one line that is not too long."""
    shown = (each if each.isprintable() else "\ufffd" for each in name[:MAXIMUM_PATH])
    return "".join(shown)


def _read_manifest(
    operation: Operation, file: Bytes, progress: Mapping[str, Any]
) -> Progress:
    """Read a manifest of the archive, whole: a step that is repeated does the same."""
    which, number = progress["manifest"], progress["lines"]
    held = members_sql.manifests(operation.pk, MAXIMUM_MANIFESTS)
    if which >= len(held):
        total = operation.archive_members.count()
        return Progress({"after": [-1, 0], "done": 0, "total": total}, percent=0)
    manifest = held[which]
    errors: list[tuple[str, str]] = []
    lines = _lines(file, manifest, errors)
    while batch := list(enumerate(islice(lines, LINES_AT_ONCE), number + 1)):
        members_sql.write_lines(operation.pk, batch, DIFFERENT)
        number += len(batch)
    members_sql.refuse_unlisted(operation.pk, manifest.path.removesuffix(MANIFEST))
    cursor = {"manifest": which + 1, "lines": number}
    return Progress(cursor, percent=0, errors=errors)


def _lines(
    file: Bytes, manifest: Listed, errors: list[tuple[str, str]]
) -> Iterator[Line]:
    """Yield the lines of a manifest with paths in the archive; add to the errors."""
    folder = manifest.path.removesuffix(MANIFEST)
    try:
        for at, text in enumerate(_texts(file, manifest), 1):
            line = Line.of(text)
            if line and len(folder + line.path) < MAXIMUM_PATH:
                yield replace(line, path=folder + line.path)
            else:
                errors.append((f"{manifest.path}, line {at}", NO_LINE))
            if at == MAXIMUM_LINES or len(errors) == MAXIMUM_BAD_LINES:
                errors.append((manifest.path, TOO_LONG))
                return
    except MemberError as error:
        errors.append((manifest.path, str(error)))


def _texts(file: Bytes, manifest: Listed) -> Iterator[bytes]:
    held = b""
    limit = settings.STORE_LIMIT_BYTES
    for piece in pieces_of(file, manifest.member, limit=limit):
        *whole, held = (held + piece).split(b"\n")
        yield from whole
        if len(held) > LINE_BYTES:
            message = "A line of the manifest is too long: the rest is not read."
            raise MemberError(message)
    if held:
        yield held


def _take(operation: Operation, file: Bytes, progress: Mapping[str, Any]) -> Progress:
    """Import the next files."""
    first, second = progress["after"]
    found = members_sql.next_members(operation.pk, (first, second), FILES_A_STEP)
    done, total = progress["done"], progress["total"]
    if not found:
        if done < total:
            raise Gone(FORGOTTEN)
        ArchiveMember.objects.filter(operation=operation).delete()
        result = folder_import.concluded(operation)
        return Progress(dict(progress), percent=100, result=result)
    some = list(_some(found))
    files = {each.path: each for each in some if not _is_list(each.path)}

    def receive(path: str, incoming: Incoming) -> Received | Refused:
        return _receive(file, files[path], incoming)

    errors = folder_import.take(operation, list(files), receive)
    done += len(some)
    return Progress(
        {"after": [some[-1].position, some[-1].number], "done": done, "total": total},
        percent=min(99, 100 * done // max(1, total)),
        errors=errors,
    )


def _some(found: Iterable[Listed]) -> Iterator[Listed]:
    """Yield the first of the files that are together not too large for a step."""
    size_bytes = 0
    for each in found:
        yield each
        size_bytes += each.size
        if size_bytes >= BYTES_A_STEP:
            return


def _is_list(path: str) -> bool:
    return path.rpartition("/")[2] in LISTS


def _receive(file: Bytes, listed: Listed, incoming: Incoming) -> Received | Refused:
    """Read a file of the archive; one that cannot be had is refused."""
    if listed.error:
        incoming.discard()
        return unreadable(listed.error)
    pieces = pieces_of(file, listed.member, limit=settings.STORE_LIMIT_BYTES)
    if listed.sha256:
        pieces = checked(pieces, Line(listed.path, listed.size, listed.sha256))
    try:
        return received(incoming, _of_an_instance(pieces))
    except (MemberError, part10.NotDicom) as error:
        return unreadable(str(error))
    except DifferentError:
        return unreadable(DIFFERENT)


def _of_an_instance(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces that begin as an instance does: little can become very much.

    Raises
    ------
    NotDicom
        They do not, which a whole archive of zeros would tell only in the end.
    """
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= FIRST_BYTES:
            break
    if first[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] != b"DICM":
        try:
            part10.parse(first)
        except part10.NotDicom:
            raise
        except part10.Part10Error:
            pass  # there is more of it
    yield first
    yield from pieces
