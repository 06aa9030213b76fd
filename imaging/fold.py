"""How text is folded for matching, the same when stored and when asked.

Matching of text is case-insensitive, that of person names accent-insensitive as well,
in every script (DICOM PS3.4 C.2.2.2.1 allows both for PN; for the rest it is what
users of Azure's service have).
"""

import hashlib
import unicodedata
from typing import Final

# PostgreSQL's text refuses NUL, UTF-8 refuses lone surrogates.
_UNSTORABLE: Final = dict.fromkeys([0, *range(0xD800, 0xE000)])

# Canonical combining classes of marks that make another letter, not an accent:
# none, nukta, kana voicing (a ga is no ka), virama.
_LETTERS: Final = frozenset({0, 7, 8, 9})


MAXIMUM_CHARACTERS: Final = 10_240
"""Of a text that searches by query tags look at, as many as LT can have."""
HEAD_CHARACTERS: Final = 200
"""Of a long text, that an index holds as they are."""
_KEY_CHARACTERS: Final = 255
_SHORTENED: Final = "\ufdd2"  # a noncharacter


def text_key(text: str) -> str:
    """Return a text as an index holds it: of a long one the beginning and a digest."""
    if len(text) <= _KEY_CHARACTERS:
        return text
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return text[:HEAD_CHARACTERS] + _SHORTENED + digest


def storable(text: str) -> str:
    """Return `text` without what PostgreSQL cannot hold, and without padding."""
    return text.translate(_UNSTORABLE).strip() if text else ""


def fold(text: str) -> str:
    """Return `text` as it is matched: composed, without case."""
    if text.isascii():
        return text.lower().strip().replace("\0", "")
    return unicodedata.normalize("NFKC", storable(text)).casefold()


def fold_name(name: str) -> str:
    """Return one component group of a person name as it is matched.

    Accents go, case goes, and empty trailing components go (``Doe^John^^`` is
    ``doe^john``).
    """
    if name.isascii():
        return name.lower().replace("\0", "").strip().rstrip("^ ")
    decomposed = unicodedata.normalize("NFKD", storable(name))
    bare = "".join(c for c in decomposed if unicodedata.combining(c) in _LETTERS)
    return unicodedata.normalize("NFKC", bare.casefold()).rstrip("^ ")
