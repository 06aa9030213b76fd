"""What free text asks of studies and series: that each of its words stands there. Pure.

Text is split into words at all ASCII characters that are no letters and no digits;
everything else belongs to a word. PostgreSQL splits stored text by the same rule
(`imaging.query.word_conditions`). Names are stored without accents, other text with
them (`imaging.fold`): a word that has some is looked for in both forms.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from core.errors import Invalid
from imaging.fold import fold, fold_name
from imaging.levels import Kind, Level
from imaging.query.attributes import Attribute

MOST_WORDS: Final = 20
LONGEST_WORD: Final = 64  # characters, as long as LO can be
LONGEST_TEXT: Final = 1000

SEPARATORS: Final = r"\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f"
"""What is no part of a word, inside brackets of a regular expression, here or there."""

TEXT_KINDS: Final = frozenset({Kind.TEXT, Kind.NAME, Kind.CODE})

_BETWEEN: Final = re.compile(f"[{SEPARATORS}]+")
_BLANKS: Final = re.compile(r"[\x01-\x20]+")
_DATE: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])(?:-([0-3][0-9]))?\*?", re.ASCII)


class Word(NamedTuple):
    """A word that has to stand there.

    Attributes
    ----------
    forms
        How it is spelt, folded as text and as a name: one of these.
    begins
        Whether a word that begins with it will do.
    """

    forms: tuple[str, ...]
    begins: bool


class FreeText(NamedTuple):
    """Words that all have to stand in a study, or in a series.

    A study has the text of its series, a series that of its study.

    Attributes
    ----------
    text
        What was typed.
    tags
        The query tags in whose values they may stand.
    rare
        Place of the word that few have, by which the others are found: only the
        database asks for it (`imaging.query.word_choice`).
    """

    level: Level
    text: str
    words: tuple[Word, ...]
    tags: tuple[Attribute, ...] = ()
    rare: int | None = None


def free_text(level: Level, text: str, tags: Iterable[Attribute] = ()) -> FreeText:
    """Return what somebody asks who has typed `text`.

    Parameters
    ----------
    tags
        Query tags that can be searched; of these, those of studies and series whose
        values are text have a part in it.

    Raises
    ------
    Invalid
        There is no word in it, or too much.
    """
    of_text = (
        tag for tag in tags if tag.kind in TEXT_KINDS and tag.level <= Level.SERIES
    )
    return FreeText(level, text, words_of(text), tuple(of_text))


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of what somebody has typed.

    The last one is compared by its beginning, unless something follows it, and so is
    each with a ``*`` behind it. A date such as ``2024-01-31`` or ``2024-01`` is one
    word, as DICOM writes it.

    Raises
    ------
    Invalid
        There is none, or too much.
    """
    if len(text) > LONGEST_TEXT:
        message = f"words are {LONGEST_TEXT} characters at most."
        raise Invalid(message, path="words")
    pieces = [piece for piece in _BLANKS.split(text) if piece]
    is_open = not _BLANKS.fullmatch(text[-1:])
    found = list[Word]()
    for number, piece in enumerate(pieces, 1):
        found += _words(piece, is_last=is_open and number == len(pieces))
    words = tuple(dict.fromkeys(found))
    if not words:
        message = "words must hold a letter or a digit."
        raise Invalid(message, path="words")
    if len(words) > MOST_WORDS:
        message = f"At most {MOST_WORDS} words can be asked for at once."
        raise Invalid(message, path="words")
    if any(len(form) > LONGEST_WORD for word in words for form in word.forms):
        message = f"A word is {LONGEST_WORD} characters at most."
        raise Invalid(message, path="words")
    return words


def _words(piece: str, *, is_last: bool) -> Iterator[Word]:
    """Yield the words of what stands between blanks."""
    if date := _DATE.fullmatch(piece):
        day = "".join(filter(None, date.groups()))
        begins = is_last or date[3] is None or piece.endswith("*")
        yield Word((day,), begins)
        return
    folded = fold(piece)
    spelt, bare = _split(folded), _split(fold_name(piece))
    if len(bare) != len(spelt):
        bare = spelt
    # What else stands at the end says that the word is whole.
    begins = folded.endswith("*") or (is_last and not _BETWEEN.fullmatch(folded[-1:]))
    for number, forms in enumerate(zip(spelt, bare, strict=True), 1):
        yield Word(tuple(dict.fromkeys(forms)), begins and number == len(spelt))


def _split(folded: str) -> list[str]:
    return [word for word in _BETWEEN.split(folded) if word]
