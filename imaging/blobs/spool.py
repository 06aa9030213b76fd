"""Files without a name, for bytes on their way: they go with whoever has them open."""

import os
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Final

SCRATCH_IN_MEMORY_BYTES: Final = 1024 * 1024


def scratch(folder: Path) -> IO[bytes]:
    """Return a file without a name, in memory as long as it is short."""
    _make(folder)
    return SpooledTemporaryFile(SCRATCH_IN_MEMORY_BYTES, dir=str(folder))


def unnamed(folder: Path) -> int:
    """Return the descriptor of a file without a name."""
    _make(folder)
    with TemporaryFile(dir=folder, buffering=0) as file:
        return os.dup(file.fileno())


def write_all(descriptor: int, data: bytes | bytearray) -> None:
    """Append `data`, however the kernel splits it."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_all(descriptor: int, offset: int, length: int) -> bytes:
    """Return the bytes at `offset`: fewer than `length` only where the file ends."""
    data = os.pread(descriptor, length, offset)
    while len(data) < length:
        more = os.pread(descriptor, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
