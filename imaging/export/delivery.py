"""What a destination of exports does: the same for folders, archives and servers.

A destination is written to in steps, each by a worker of its own perhaps. What one step
has delivered is there once, whole, however often the step is repeated.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

Place = Mapping[str, Any]
"""Where a destination goes on: JSON, kept with the progress of the operation."""

ERRORS: Final = "errors.log"
MANIFEST: Final = "manifest.jsonl"
RESULTS: Final = "results"


class Delivery(Protocol):
    """The deliveries of one step."""

    def put(self, path: str, size: int | None, pieces: Iterable[bytes]) -> None:
        """Deliver one file.

        Parameters
        ----------
        path
            Below the folder of the export.
        size
            Its length, where that is known before.
        pieces
            Its bytes; where they end in an error nothing of it is delivered.
        """

    def finish(self) -> Mapping[str, str]:
        """Have what was put be there for good.

        Returns
        -------
        dict of str to str
            The files that were not taken, by their paths, and why.
        """

    @property
    def place(self) -> Place:
        """Return where the next step goes on, once this one is finished."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Where what was exported is found.

    Attributes
    ----------
    href, error_href
        Addresses of the whole and of `ERRORS`. Without a scheme they lie below the
        address of the DICOMweb service.
    """

    href: str
    error_href: str


class Destination(Protocol):
    """A place to which instances are exported."""

    @property
    def described(self) -> str:
        """Return where it is, for the audit log: without secrets."""

    def begin(
        self, operation_id: UUID, place: Place
    ) -> AbstractContextManager[Delivery]:
        """Begin a step where the last one ended; `place` is empty for the first."""

    def conclude(self, operation_id: UUID, place: Place) -> Conclusion:
        """Do what is to be done once all was delivered; may be repeated."""
