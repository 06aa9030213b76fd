"""Documents among what is held: encapsulated ones, and reports as text.

Domain half of rendered resources of text (DICOM PS3.18 8.7.2, 8.7.4). Who may see the
instance was found when it was retrieved (`imaging.pictures.find_image`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from core import audit
from core.errors import NotAcceptable
from imaging.layout import Layout
from imaging.metadata import model_of
from imaging.rendering.attributes import text, whole
from imaging.reports import (
    MOST_BYTES,
    Report,
    Unreadable,
    is_report,
    read_clinical_document,
    read_report,
)
from imaging.retrieve import HeldImage, HeldParts, value_of
from imaging.retrieve.source import opened

PDF: Final = "application/pdf"
XML: Final = "text/xml"

_DOCUMENT: Final = "00420011"
_DOCUMENT_TYPE: Final = "00420012"
_DOCUMENT_LENGTH: Final = "00420015"
_CLASS: Final = "00080016"
_CLINICAL_DOCUMENTS: Final = "1.2.840.10008.5.1.4.1.1.104.2"


@dataclass(frozen=True, slots=True)
class Encapsulated:
    """A document that an instance encapsulates.

    Attributes
    ----------
    media_type
        What the data set says; it is not looked into.
    parts
        The document alone.
    size
        In bytes, without what makes their number even.
    """

    media_type: str
    parts: HeldParts
    size: int


def document_in(image: HeldImage, event: audit.Event) -> Encapsulated | None:
    """Return the PDF or clinical document of an instance; None where it has none."""
    held = Layout.load(image.layout).bulk.get(_DOCUMENT)
    if held is None:
        return None
    model = model_of(image.metadata)
    media_type = text(model, _DOCUMENT_TYPE).lower()
    is_clinical = media_type == XML and text(model, _CLASS) == _CLINICAL_DOCUMENTS
    if media_type != PDF and not is_clinical:
        return None
    is_padded = whole(model, _DOCUMENT_LENGTH, held.length) == held.length - 1
    size = held.length - is_padded
    return Encapsulated(media_type, value_of(image, event, _DOCUMENT), size)


def read_document(document: Encapsulated) -> Report:
    """Return what is shown of a clinical document.

    Raises
    ------
    NotAcceptable
        It is too long, or cannot be read.
    Upstream
        The blob is missing or damaged: logged and audited.
    """
    if document.size > MOST_BYTES:
        reason = f"it is longer than {MOST_BYTES} bytes"
        raise _unreadable(reason)
    with opened(document.parts) as (octets,):
        content = octets.read(0, document.size)
    try:
        return read_clinical_document(content.rstrip(b"\0"))
    except Unreadable as error:
        raise _unreadable(str(error)) from error


def report_in(image: HeldImage) -> Callable[[], Report] | None:
    """Return what reads an instance as a report; None where it is none."""
    if Layout.load(image.layout).pixels is not None:
        return None
    model = model_of(image.metadata)
    return partial(read_report, model) if is_report(model) else None


def _unreadable(reason: str) -> NotAcceptable:
    message = f"The document cannot be shown, as {reason}. Ask for {XML}."
    return NotAcceptable(message, path="Accept")
