"""Importing what an export has written: a folder or an archive, here or in a bucket.

What is not as the manifest says, or cannot be read, is refused with its reason, and the
import goes on.
"""

from core.models import Operation
from core.operations import Progress
from imaging import folder_import
from imaging.restore import from_manifest, from_zip
from imaging.restore.start import start, start_restore, start_restore_from_bucket

__all__ = ["start", "start_restore", "start_restore_from_bucket", "step"]


def step(operation: Operation) -> Progress:
    """Import the next files: of a manifest, an archive, or folders without either."""
    if "archive" in operation.parameters:
        return from_zip.step(operation)
    if "manifest" in operation.parameters:
        return from_manifest.step(operation)
    return folder_import.step(operation)
