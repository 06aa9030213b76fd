"""Exports as one archive that is fetched here, until it expires.

Each step writes a part of it, a piece of its own (`core.result_files`). The archive is
these parts one after the other: no step touches what another has written, wherever it
runs, and nothing is copied in the end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core import result_files
from core.errors import Gone
from core.result_files import Part
from core.result_places import PieceWriter
from imaging.export.asked import Typed
from imaging.export.delivery import ERRORS, Conclusion, Place
from imaging.export.lists import LISTS, address_of, write_list
from imaging.outside.zip_file import Grown, ZipPart, end_of

NAME: Final = "export.zip"
ZIP: Final = "application/zip"

_OLDER: Final = "An older version of the portal began this: start a new export."

Written = Sequence[tuple[str, int, int]]
"""Of each part so far: its piece, how long its files are, how long their rows."""


@dataclass(frozen=True, slots=True)
class Download:
    """An archive among the files of the operation."""

    @classmethod
    def asked(cls, given: Typed) -> "Download":
        """Return it; there is nothing to choose."""
        given.only()
        return cls()

    @property
    def described(self) -> str:
        """Return what it is."""
        return "an archive to be fetched"

    @contextmanager
    def begin(self, operation_id: UUID, place: Place) -> Iterator["DownloadDelivery"]:
        """Begin a step with a part of its own."""
        with result_files.new_piece(operation_id) as piece:
            yield DownloadDelivery(operation_id, piece, place)

    def conclude(self, operation_id: UUID, place: Place) -> Conclusion:
        """Write the end of the archive, and put its parts together."""
        written = place["parts"]
        with result_files.new_piece(operation_id) as piece:
            size = piece.file.write(end_of(_grown(place)))
            piece.keep()
        parts = [
            *(Part(name, 0, files) for name, files, _ in written),
            *(Part(name, files, rows) for name, files, rows in written),
            Part(piece.name, 0, size),
        ]
        result_files.register(operation_id, NAME, ZIP, parts)
        return Conclusion(
            address_of(operation_id, NAME), address_of(operation_id, ERRORS)
        )


class DownloadDelivery:
    """The files of one step."""

    def __init__(self, operation_id: UUID, piece: PieceWriter, place: Place) -> None:
        self._operation_id = operation_id
        self._piece = piece
        self._written: Written = place.get("parts", [])
        self._archive = ZipPart(piece.file, _grown(place))

    @property
    def place(self) -> Place:
        """Return which parts there are."""
        number = self._archive.grown.number_of_files
        return {"parts": self._written, "number": number}

    def put(self, path: str, size: int | None, pieces: Iterable[bytes]) -> None:
        """Add a file; lists can be fetched by themselves as well."""
        if path in LISTS:
            held = write_list(self._operation_id, path, pieces)
            size = held.size_bytes
            pieces = result_files.read(held, 0, size)
        self._archive.add(f"{self._operation_id}/{path}", size, pieces)

    def finish(self) -> Mapping[str, str]:
        """Have the part be there for good."""
        sizes = self._archive.end()
        self._piece.keep()
        self._written = [*self._written, (self._piece.name, *sizes)]
        return {}


def _grown(place: Place) -> Grown:
    if "size" in place:
        raise Gone(_OLDER)
    written: Written = place.get("parts", [])
    return Grown(
        sum(files for _, files, _ in written),
        sum(rows for _, _, rows in written),
        place.get("number", 0),
    )
