"""Reports as people read them (DICOM PS3.3 C.17.3, PS3.18 8.7.4): trees as text.

Pure: made of the DICOM JSON model alone, which anybody may have written. How much of a
report is shown is bounded; what is left out is said.
"""

from imaging.reports.clinical_document import (
    MOST_BYTES,
    Unreadable,
    read_clinical_document,
)
from imaging.reports.document import Item, Piece, Report
from imaging.reports.html import STYLE, html
from imaging.reports.plain import plain
from imaging.reports.reading import is_report, read_report

__all__ = [
    "MOST_BYTES",
    "STYLE",
    "Item",
    "Piece",
    "Report",
    "Unreadable",
    "html",
    "is_report",
    "plain",
    "read_clinical_document",
    "read_report",
]
