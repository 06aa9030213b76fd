"""What parsing yields: the DICOM JSON model of an instance, and where its bytes are.

All offsets count bytes of the *data set stream*: the file itself, or for a deflated
one the file meta information as stored followed by the inflated data set
(DICOM PS3.5 A.5).
"""

from dataclasses import dataclass
from typing import Any

JsonModel = dict[str, dict[str, Any]]
"""DICOM PS3.18 Annex F: eight hexadecimal digits of the tag -> attribute object."""


@dataclass(frozen=True, slots=True)
class BulkLocator:
    """Where the value behind one ``BulkDataURI`` of the model lies.

    `path` is the tag in hexadecimal, below sequences with the item's number from 1
    (``00880200/1/7FE00010``); it is also the text of the ``BulkDataURI``. The value of
    an encapsulated element reaches from its first item tag up to its delimiter.
    """

    path: str
    vr: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """Where the pixel data and its frames lie.

    Attributes
    ----------
    tag
        ``7FE00010``, or ``7FE00008`` and ``7FE00009`` for floating point pixels.
    bits_per_frame
        Of native pixel data, else 0: frames of single-bit pixels follow each other
        without padding (DICOM PS3.5 8.1.1), so a frame may start inside a byte.
    frames
        Encapsulated: little endian unsigned 64-bit pairs (offset, length), one a frame.
        A range starts at the item tag of the frame's first fragment and ends after its
        last fragment. Native: empty, as the ranges follow from `bits_per_frame`.
    frames_known
        False when it cannot be told which fragments make which frame.
    """

    tag: str
    offset: int
    length: int
    encapsulated: bool
    number_of_frames: int
    bits_per_frame: int
    frames: bytes
    frames_known: bool


@dataclass(frozen=True, slots=True)
class AttributeIssue:
    """One attribute whose value breaks its value representation (DICOM PS3.5 6.2).

    `path` is written as in `BulkLocator`. `reason` states the rule, never the value.
    """

    path: str
    keyword: str
    vr: str
    reason: str


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the elements of the data set are really encoded (DICOM PS3.5 Annex A)."""

    implicit_vr: bool
    little_endian: bool
    deflated: bool = False


@dataclass(frozen=True, slots=True)
class ParsedInstance:
    """One parsed instance.

    Attributes
    ----------
    transfer_syntax_uid
        As declared; guessed for a file without group 2, and empty when only the
        encoding but not the syntax can be guessed (encapsulated pixel data).
    file_meta
        DICOM JSON model of group 2, its binary values as ``InlineBinary``.
    model
        DICOM JSON model of the data set, keys in ascending order. Attributes with
        issues are still in it; see `imaging.part10.prune`.
    warnings
        What is odd but kept: several values where the dictionary allows one, bytes
        that are not of the character set, padding after the data set.
    stream_length
        Bytes of the data set stream.
    """

    transfer_syntax_uid: str
    file_meta: JsonModel
    data_set_offset: int
    has_part10_header: bool
    encoding: Encoding
    model: JsonModel
    bulk: tuple[BulkLocator, ...]
    pixels: PixelLayout | None
    issues: tuple[AttributeIssue, ...]
    warnings: tuple[AttributeIssue, ...]
    stream_length: int


def prune(model: JsonModel, issues: tuple[AttributeIssue, ...]) -> None:
    """Remove the bad attributes from `model`, each at its own path.

    An attribute inside a sequence is removed from its item; one with the same tag in
    the data set itself stays.
    """
    for issue in issues:
        *ancestors, key = issue.path.split("/")
        data_set: JsonModel | None = model
        for sequence, number in zip(ancestors[::2], ancestors[1::2], strict=True):
            parent = data_set.get(sequence) if data_set is not None else None
            data_set = parent["Value"][int(number) - 1] if parent is not None else None
        if data_set is not None:
            data_set.pop(key, None)
