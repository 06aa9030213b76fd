"""Character sets of text values (DICOM PS3.5 6.1, PS3.3 C.12.1.1.2).

The tables are pydicom's, and so is the handling of wrong terms and undecodable bytes;
unlike there nothing warns through the `warnings` module, whose state all threads
share: what could not be decoded is told to the caller instead.
"""

import codecs
import re
from functools import lru_cache
from typing import Final

from pydicom.charset import (
    CODES_TO_ENCODINGS,
    STAND_ALONE_ENCODINGS,
    default_encoding,
    handled_encodings,
    python_encoding,
)
from pydicom.valuerep import TEXT_VR_DELIMS

_FRAGMENTS: Final = re.compile(b"(^[^\x1b]+|[\x1b][^\x1b]*)")
_CONSUME_ESCAPES: Final = frozenset({"iso2022_jp", "iso2022_jp_2"})
_DICOM_ENCODINGS: Final = frozenset(python_encoding.values())
_SINGLE_TERM: Final = re.compile("^ISO[^_]IR")
_EXTENSION_TERM: Final = re.compile("^(?=ISO.2022.IR.)(?!ISO 2022 IR )")


class Charset:
    """How the text of one data set is decoded.

    Attributes
    ----------
    encodings
        Python's names; the first decodes until an escape sequence says otherwise.
    codec
        For the fast path, ``str(raw, codec)``: right if that neither fails nor leaves
        an escape character. So it is the first encoding, but ASCII for those that
        swallow escapes, and ``undefined``, which always fails, for Python's own.
    """

    __slots__ = ("codec", "encodings")

    def __init__(self, encodings: tuple[str, ...]) -> None:
        self.encodings = encodings
        first = encodings[0]
        known = first if first in _DICOM_ENCODINGS else "undefined"
        self.codec = "ascii" if first in _CONSUME_ESCAPES else known

    def decode(self, raw: bytes) -> tuple[str, bool]:
        """Decode `raw` and tell whether every byte could be decoded."""
        if b"\x1b" not in raw:
            return _decode(raw, self.encodings[0])
        parts = [self._fragment(part) for part in _FRAGMENTS.findall(raw)]
        return "".join(text for text, _ in parts), all(good for _, good in parts)

    def _fragment(self, raw: bytes) -> tuple[str, bool]:
        first = self.encodings[0]
        if not raw.startswith(b"\x1b"):
            return _decode(raw, first)
        length = 4 if raw.startswith((b"\x1b$(", b"\x1b$)")) else 3
        encoding = CODES_TO_ENCODINGS.get(raw[:length], "")
        if encoding not in self.encodings and encoding != default_encoding:
            return _decode(raw, first, escaped=True)
        if encoding in handled_encodings:
            return _decode(raw, encoding, otherwise=first)
        return self._switched(raw, length, encoding)

    def _switched(self, raw: bytes, length: int, encoding: str) -> tuple[str, bool]:
        """Decode up to a delimiter, which returns to the first character set."""
        text = raw[length:]
        end = next((i for i, c in enumerate(text) if c in TEXT_VR_DELIMS), len(text))
        try:
            head = text[:end].decode(encoding)
            return head + text[end:].decode(self.encodings[0]), True
        except (UnicodeError, LookupError):
            return _replaced(raw, self.encodings[0]), False


def _decode(
    raw: bytes, encoding: str, *, otherwise: str = "", escaped: bool = False
) -> tuple[str, bool]:
    try:
        if not escaped:
            return _storable(raw.decode(encoding)), True
    except (UnicodeError, LookupError):
        pass
    return _replaced(raw, otherwise or encoding), False


def _replaced(raw: bytes, encoding: str) -> str:
    try:
        return _storable(raw.decode(encoding, errors="replace"))
    except (UnicodeError, LookupError):
        return raw.decode(default_encoding)


def _storable(text: str) -> str:
    """Replace lone surrogates, which some of Python's own codecs produce."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _python_encoding(term: str) -> str:
    """Return Python's name for a defined term, also for a misspelt one."""
    if term in python_encoding:
        return python_encoding[term]
    if _SINGLE_TERM.match(term):
        return python_encoding.get("ISO_IR" + term[6:], default_encoding)
    if _EXTENSION_TERM.match(term):
        return python_encoding.get("ISO 2022 IR " + term[12:], default_encoding)
    try:
        codecs.lookup(term)
        b"".decode(term)
    except (LookupError, UnicodeError, ValueError):
        return default_encoding
    return term


@lru_cache(maxsize=256)
def charset_for(terms: tuple[str, ...]) -> Charset:
    """Return the character set for the values of Specific Character Set (0008,0005).

    References
    ----------
    DICOM PS3.5 6.1.2.5.4: UTF-8, GBK and GB18030 take no code extensions.
    """
    first, *others = terms or ("",)
    encodings = [_python_encoding(first)]
    if first not in STAND_ALONE_ENCODINGS:
        encodings += [
            _python_encoding(term)
            for term in others
            if term not in STAND_ALONE_ENCODINGS
        ]
    return Charset(tuple(encodings))


DEFAULT: Final = charset_for(())
"""ISO IR 6, read as its superset Latin-1."""
