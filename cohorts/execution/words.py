"""How words are compared: whole, in sequence, blind to case, accents and plurals: pure.

As `fhirlink.events.words` has them in PostgreSQL: text is folded, cut into words of
letters and digits, and looked for by the forms that a word has.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_MARKS: Final = re.compile("[\u0300-\u036f'\u2019]+")
_WORD: Final = re.compile(r"[^\W_]+")
_SHORT: Final = 3  # characters; shorter words have no plural but s
# What a word ends with; what is cut off; with what the rest may end.
_ENDINGS: Final = (
    (re.compile(r"sses$"), 2, ("", "es")),
    (re.compile(r"ies$"), 3, ("y", "ies")),
    (re.compile(r"[^aeiou]y$"), 1, ("y", "ies")),
    (re.compile(r"s(is|es)$"), 2, ("is", "es", "e", "")),
    (re.compile(r"[^s]se$"), 1, ("e", "es")),
    (re.compile(r"(x|ch|sh|z)es$"), 2, ("", "e", "es")),
    (re.compile(r"(x|ch|sh|z|ss|us)$"), 0, ("", "es")),
    (re.compile(r"is$"), 2, ("is", "es")),
    (re.compile(r"s$"), 1, ("", "s")),
)


def fold(text: str) -> str:
    """Return a text without case, accents and apostrophes."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower()


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _WORD.findall(fold(text))


def forms(word: str) -> tuple[str, ...]:
    """Return the forms of a folded word: one and several of it."""
    if not word.isascii() or not word.isalpha():
        return (word,)
    if len(word) > _SHORT:
        for ending, cut, others in _ENDINGS:
            if ending.search(word):
                stem = word[: len(word) - cut]
                found = (stem + other for other in others)
                return tuple(dict.fromkeys((word, *found)))
    return (word, f"{word}s")


def pattern_of(text: str) -> str:
    """Return the regular expression of PostgreSQL that finds words in a folded text.

    One that finds nothing where there are none.
    """
    words = words_of(text)
    if not words:
        return "$^x"
    parts = (f"(?:{'|'.join(forms(word))})" for word in words)
    return f"(?<![[:alnum:]]){'[^[:alnum:]]+'.join(parts)}(?![[:alnum:]])"


def query_of(texts: Iterable[str]) -> str:
    """Return the tsquery of texts of which one has to be there, its words in sequence.

    Empty where none has a word.
    """
    return " | ".join(f"({each})" for text in texts if (each := _sequence(text)))


def _sequence(text: str) -> str:
    parts = (f"({' | '.join(forms(word))})" for word in words_of(text))
    return " <-> ".join(parts)
