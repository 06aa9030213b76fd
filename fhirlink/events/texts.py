"""What a report or a document says in words: pure.

Its conclusion, its narrative, and what is attached to it as plain text.
"""

import binascii
import codecs
from base64 import b64decode
from collections.abc import Iterator
from email.message import Message
from typing import Any, Final

from fhirlink.events.read import at, clean, first, text, words_of_narrative

Json = Any

LONGEST: Final = 200_000  # characters; tsvector takes a megabyte
_LARGEST: Final = 4 * LONGEST  # bytes of an attachment, before it is decoded
_ATTACHED: Final = ("presentedForm", "content.attachment")


def text_of(resource: Json) -> str:
    """Return all words of a DiagnosticReport or DocumentReference, by paragraphs."""
    parts = dict.fromkeys(part.strip() for part in _parts(resource))
    return "\n\n".join(part for part in parts if part)[:LONGEST]


def _parts(resource: Json) -> Iterator[str]:
    yield text(resource, "conclusion")
    yield text(resource, "description")
    div = first(resource, "text.div")
    if isinstance(div, str):
        yield words_of_narrative(div[:_LARGEST])
    for path in _ATTACHED:
        for attachment in at(resource, path):
            yield _attached(attachment)


def _attached(attachment: Json) -> str:
    header = Message()
    header["content-type"] = text(attachment, "contentType") or "unknown/unknown"
    if header.get_content_type() != "text/plain":
        return ""
    try:
        content = b64decode(text(attachment, "data")[: _LARGEST // 3 * 4])
        charset = codecs.lookup(header.get_content_charset() or "utf-8").name
        return clean(content.decode(charset, "replace"))
    except (binascii.Error, LookupError, ValueError):
        return ""
