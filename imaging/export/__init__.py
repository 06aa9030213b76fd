"""Exports: instances leave to a folder, an archive or another server, as an operation.

`start_export` writes down what is taken along, `step` is what workers do.
"""

from imaging.export.asked import AS_STORED, Typed
from imaging.export.fetch import require_reached
from imaging.export.start import KIND, start_export
from imaging.export.steps import step

__all__ = ["AS_STORED", "KIND", "Typed", "require_reached", "start_export", "step"]
