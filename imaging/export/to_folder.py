"""Exports into a folder of the server, below those that are allowed.

Files are written aside, made durable together and then given their names: a name in
the results is always a whole file, and a repeated step replaces what it finds.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import UUID

from django.conf import settings

from core.errors import Busy
from imaging.export.asked import Typed
from imaging.export.delivery import ERRORS, Conclusion, Place
from imaging.outside.folders import Tree, allowed, new_name

SETTING: Final = "PORTAL_EXPORT_FOLDERS"
_ASIDE: Final = ".partial"
_SYNCING_THREADS: Final = 4  # they wait for the disk


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the server."""

    path: str

    @classmethod
    def asked(cls, given: Typed) -> "Folder":
        """Return the folder that a request names.

        Raises
        ------
        Invalid
            It is not below an allowed one, which must be there.
        """
        given.only("path")
        folder = cls(given.text("path"))
        Tree(folder._root).close()
        return folder

    @property
    def described(self) -> str:
        """Return the path."""
        return f"folder {self.path}"

    @property
    def _root(self) -> Path:
        return allowed(self.path, settings.EXPORT_FOLDERS, setting=SETTING)[0]

    @contextmanager
    def _tree(self, operation_id: UUID) -> Iterator[Tree]:
        root, below = allowed(self.path, settings.EXPORT_FOLDERS, setting=SETTING)
        tree = Tree(root, f"{below}/{operation_id}", create=True)
        try:
            yield tree
        except OSError as error:
            message = f"The folder cannot be written to: {error.strerror}."
            raise Busy(message, retry_after_s=30) from error
        finally:
            tree.close()

    @contextmanager
    def begin(self, operation_id: UUID, place: Place) -> Iterator["FolderDelivery"]:
        """Begin a step; all that matters lies in the folder."""
        with self._tree(operation_id) as tree:
            yield FolderDelivery(tree, place)

    def conclude(self, operation_id: UUID, place: Place) -> Conclusion:
        """Remove what killed workers have left aside."""
        del place
        with self._tree(operation_id) as tree:
            tree.remove_folder(_ASIDE)
        href = Path(self.path, str(operation_id)).as_uri()
        return Conclusion(href, f"{href}/{ERRORS}")


class FolderDelivery:
    """The files of one step."""

    def __init__(self, tree: Tree, place: Place) -> None:
        self.place = place
        self._tree = tree
        self._written: dict[str, str] = {}

    def put(self, path: str, size: int | None, pieces: Iterable[bytes]) -> None:
        """Write a file aside."""
        del size
        aside = f"{_ASIDE}/{new_name()}"
        self._tree.write(aside, pieces)
        self._written[path] = aside

    def finish(self) -> Mapping[str, str]:
        """Make the files durable and give them their names."""
        with ThreadPoolExecutor(_SYNCING_THREADS, thread_name_prefix="sync") as threads:
            list(threads.map(self._tree.sync, self._written.values()))
        for path, aside in self._written.items():
            self._tree.rename(aside, path)
        for folder in _folders_above(self._written):
            self._tree.sync_folder(folder)
        self._written.clear()
        return {}


def _folders_above(paths: Iterable[str]) -> list[str]:
    """Return all folders whose names lead to the files."""
    folders = {str(above) for path in paths for above in PurePosixPath(path).parents}
    return sorted(folders)
