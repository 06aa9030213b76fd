"""Exports into another DICOMweb server, which the settings name.

Its address and token stand in the settings, not in requests: where patients' data may
go decides who runs the portal, and no token lies in the database or its copies.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Final
from uuid import UUID

from django.conf import settings

from core.errors import Invalid
from imaging.blobs import store as blob_store
from imaging.export.asked import Typed
from imaging.export.delivery import ERRORS, MANIFEST, Conclusion, Place
from imaging.export.lists import LISTS, address_of, write_list
from imaging.outside.hosts import checked_url
from imaging.outside.stow import Part, Server, store

BATCH: Final = 100
BATCH_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DicomwebServer:
    """A server of ``PORTAL_EXPORT_SERVERS`` by its name."""

    name: str

    @classmethod
    def asked(cls, given: Typed) -> "DicomwebServer":
        """Return the server that a request names.

        Raises
        ------
        Invalid
            None has the name, or its host is not on the list.
        """
        given.only("server")
        made = cls(given.text("server"))
        made._server()
        return made

    @property
    def described(self) -> str:
        """Return the name."""
        return f"DICOMweb server {self.name}"

    def _server(self) -> Server:
        url = settings.EXPORT_SERVERS.get(self.name)
        if url is None:
            message = "No server of this name is listed in PORTAL_EXPORT_SERVERS."
            raise Invalid(message, path="server")
        token = settings.EXPORT_TOKENS.get(self.name, "")
        return Server(self.name, checked_url(url), token)

    @contextmanager
    def begin(self, operation_id: UUID, place: Place) -> Iterator["ServerDelivery"]:
        """Begin a step; what was stored lies with the server."""
        with blob_store().scratch() as spool:
            yield ServerDelivery(self._server(), operation_id, place, spool)

    def conclude(self, operation_id: UUID, place: Place) -> Conclusion:
        """Say where the lists are: among the files of the operation."""
        del place
        return Conclusion(
            address_of(operation_id, MANIFEST), address_of(operation_id, ERRORS)
        )


class ServerDelivery:
    """The instances of one step, sent many at once."""

    def __init__(
        self, server: Server, operation_id: UUID, place: Place, spool: IO[bytes]
    ) -> None:
        self.place = place
        self._server = server
        self._operation_id = operation_id
        self._spool = spool
        self._parts: list[Part] = []
        self._end = 0
        self._refused: dict[str, str] = {}

    def put(self, path: str, size: int | None, pieces: Iterable[bytes]) -> None:
        """Have an instance wait for its request; lists stay here."""
        del size
        if path in LISTS:
            write_list(self._operation_id, path, pieces)
            return
        self._spool.seek(self._end)  # also over what ended in an error
        for piece in pieces:
            self._spool.write(piece)
        begin, self._end = self._end, self._spool.tell()
        uid = PurePosixPath(path).stem
        self._parts.append(Part(path, uid, begin, self._end - begin))
        if len(self._parts) >= BATCH or self._end >= BATCH_BYTES:
            self._send()

    def finish(self) -> Mapping[str, str]:
        """Send the rest; return what the server refused."""
        self._send()
        return self._refused

    def _send(self) -> None:
        self._refused.update(store(self._server, self._spool, self._parts))
        self._parts.clear()
        self._end = 0
        self._spool.seek(0)
        self._spool.truncate()
