"""The lists of exports whose destination has no place for them: fetched here."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from core import result_files
from core.models import ResultFile
from imaging.export.delivery import ERRORS, MANIFEST

MEDIA_TYPE: Final = "application/x-ndjson"
LISTS: Final = (ERRORS, MANIFEST)


def write_list(operation_id: UUID, name: str, pieces: Iterable[bytes]) -> ResultFile:
    """Write a list to the results of an operation, from where it can be fetched."""
    return result_files.write(operation_id, name, MEDIA_TYPE, pieces)


def address_of(operation_id: UUID, name: str) -> str:
    """Return where a file of an operation is fetched, below the service's address."""
    return f"operations/{operation_id}/files/{name}"
