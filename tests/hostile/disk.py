"""A disk for blobs that can be filled and made read-only: for real, or not at all.

As root, a small file system of its own. Where that may not be mounted, the kernel's
limit on the size of files stands for the end of space, and permissions, which bind
everybody but root, for a read-only disk.
"""

import os
import resource
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.hostile.watch import web_workers
from tests.stack import Stack

MEGABYTE: Final = 1024**2
_FILLER: Final = "filler"


@dataclass
class Disk:
    """Where the stack's blobs lie; `is_mounted` tells which kind it is."""

    folder: Path
    is_mounted: bool

    @classmethod
    def make(cls, folder: Path, *, megabytes: int = 64) -> "Disk":
        """Mount a small disk on `folder`, or take the folder as it is."""
        folder.mkdir()
        options = f"size={megabytes * MEGABYTE},mode=711"
        return cls(folder, _mount("-t", "tmpfs", "-o", options, "tmpfs", folder))

    def remove(self) -> None:
        """Unmount it."""
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=True)

    def fill(self, stack: Stack) -> None:
        """Leave no space for another byte."""
        if not self.is_mounted:
            _limit_files(stack, 0)
            return
        with suppress(OSError), (self.folder / _FILLER).open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def empty(self, stack: Stack) -> None:
        """Give the space back."""
        if self.is_mounted:
            (self.folder / _FILLER).unlink()
        else:
            _limit_files(stack, resource.RLIM_INFINITY)

    def protect(self) -> None:
        """Let nothing be written any more."""
        if self.is_mounted:
            assert _mount("-o", "remount,ro", self.folder)
        elif os.getuid() == 0:
            pytest.skip("root may write everywhere, and no disk can be mounted here")
        else:
            self._change_mode(0o500)

    def release(self) -> None:
        """Let it be written again."""
        if self.is_mounted:
            assert _mount("-o", "remount,rw", self.folder)
        elif os.getuid() != 0:
            self._change_mode(0o700)

    def _change_mode(self, mode: int) -> None:
        for root, _folders, _names in os.walk(self.folder):
            Path(root).chmod(mode)


def _mount(*words: str | Path) -> bool:
    try:
        done = subprocess.run(["mount", *words], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


def _limit_files(stack: Stack, size_bytes: int) -> None:
    for pid in web_workers(stack):
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, hard))
