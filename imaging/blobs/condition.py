"""Whether blobs can be written now."""

from enum import StrEnum


class StorageCondition(StrEnum):
    """Whether blobs can be written."""

    READY = "ready"
    FULL = "full"
    UNWRITABLE = "unwritable"
    UNREACHABLE = "unreachable"
