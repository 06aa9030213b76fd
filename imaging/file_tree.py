"""The files below some folders, in an order that can be taken up again anywhere."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

CONTENTS: Final = "DICOMDIR"  # of a disc: it says what is there, and is no instance


def files_after(
    folders: Sequence[str], cursor: tuple[int, str] | None
) -> Iterator[tuple[int, str]]:
    """Yield the regular files below `folders` that come after `cursor`.

    Folders are walked in the order of their names; what lies wholly before the cursor
    is not read. Symbolic links, sockets, pipes and DICOMDIR are passed over.

    Yields
    ------
    tuple of int and str
        The position of the folder in `folders` and the path below it: the next cursor.
    """
    start, path = cursor if cursor is not None else (0, "")
    for position in range(start, len(folders)):
        steps = Path(path).parts if position == start and path else ()
        for found in _walk(Path(folders[position]), "", steps):
            yield position, found


def is_passed_over(path: str) -> bool:
    """Return whether a path is that of a folder, or of the contents of a disc."""
    return path.endswith("/") or PurePosixPath(path).name.upper() == CONTENTS


def _walk(root: Path, below: str, after: tuple[str, ...]) -> Iterator[str]:
    """Yield the files of one folder and those below it, after the path `after`."""
    entries = sorted(os.scandir(root / below), key=lambda entry: entry.name)
    for entry in entries:
        if after and entry.name < after[0]:
            continue
        is_cursor = bool(after) and entry.name == after[0]
        path = os.path.join(below, entry.name)  # noqa: PTH118 paths stay relative
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, path, after[1:] if is_cursor else ())
        elif entry.is_file(follow_symlinks=False) and not is_cursor:
            yield from () if is_passed_over(path) else (path,)
