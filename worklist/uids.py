"""UIDs that the worklist makes (DICOM PS3.5 B.2): pure."""

from uuid import uuid4


def new_uid() -> str:
    """Return a UID that nobody else has."""
    return f"2.25.{uuid4().int}"
