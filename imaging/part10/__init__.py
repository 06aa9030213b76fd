"""DICOM files read in one pass: the DICOM JSON model, and where the bytes are.

DICOM PS3.10 (the file), PS3.5 (the encoding), PS3.18 Annex F (the model). Pure: no
database, no network, no knowledge of how files are stored.
"""

from imaging.part10.compose import BulkPart, Composition, Range, compose
from imaging.part10.errors import (
    Malformed,
    NotDicom,
    Part10Error,
    TooLarge,
    Truncated,
    UnsupportedTransferSyntax,
    Unwritable,
)
from imaging.part10.inflate import DataSetStream, open_stream
from imaging.part10.instance import parse
from imaging.part10.model import (
    AttributeIssue,
    BulkLocator,
    Encoding,
    JsonModel,
    ParsedInstance,
    PixelLayout,
    prune,
)
from imaging.part10.pixel_element import encapsulated_element, native_element
from imaging.part10.rewrite import Rewriting, rewrite, to_explicit_little_endian

__all__ = [
    "AttributeIssue",
    "BulkLocator",
    "BulkPart",
    "Composition",
    "DataSetStream",
    "Encoding",
    "JsonModel",
    "Malformed",
    "NotDicom",
    "ParsedInstance",
    "Part10Error",
    "PixelLayout",
    "Range",
    "Rewriting",
    "TooLarge",
    "Truncated",
    "UnsupportedTransferSyntax",
    "Unwritable",
    "compose",
    "encapsulated_element",
    "native_element",
    "open_stream",
    "parse",
    "prune",
    "rewrite",
    "to_explicit_little_endian",
]
