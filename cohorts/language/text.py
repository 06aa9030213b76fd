"""A question as tokens that know where they stand in it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

MOST: Final = 2_000
"""Characters of a question that are read."""

MOST_TOKENS: Final = 500
"""Words and signs of a question that are read."""

_SAME_LENGTH: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u00a0": " ",
        "\u202f": " ",
        "\u00d7": "x",
    }
)
_TOKEN: Final = re.compile(
    r"""
      (?P<quoted>"[^"]{1,300}"|(?<![^\W_])'[^']{1,300}'(?![^\W_]))
    | (?P<tag>\(\s*[0-9A-Fa-f]{4}\s*,\s*[0-9A-Fa-fx]{4}\s*\)
        |(?<![\w.])[0-9A-Fa-f]{4},[0-9A-Fa-fx]{4}(?![\w.])
        |(?<![\w.])0[0-9A-Fa-f]{3}[0-9A-Fa-fx]{2}[0-9A-Fa-f]{2}(?![\w.]))
    | (?P<date>(?<![\w.])(?:\d{4}-\d{1,2}-\d{1,2}|(?:19|20)\d\d-\d{2})(?![\w-])
        |(?<![\w.])\d{1,2}(?P<sep>[/.-])\d{1,2}(?P=sep)\d{4}(?!\w))
    | (?P<code>(?<![\w.])[A-TV-Z]\d[0-9AB](?:\.[0-9A-Z]{1,4})?(?:\.?[*x]|\.-)?(?![\w]))
    | (?P<loinc>(?<![\w.])\d{3,5}-\d(?![\w.]))
    | (?P<short>(?<![\w/])(?:w/o|w/in|s/p|h/o|c/w|c/o|d/t)(?![\w/])
        |(?<![\w/])w/(?=[\s\w]))
    | (?P<num>\d+(?:,\d{3})*(?:\.\d+)?)
    | (?P<word>[^\W\d_]\w*(?:'[^\W\d_]+)*)
    | (?P<sym>>=|<=|==|!=|[^\s\w])
    """,
    re.VERBOSE,
)
_IRREGULAR: Final = {
    "metastases": "metastasis",
    "diagnoses": "diagnosis",
    "stenoses": "stenosis",
    "thromboses": "thrombosis",
    "women": "woman",
    "womens": "woman",
    "mens": "man",
    "men": "man",
    "children": "child",
    "ladies": "lady",
    "feet": "foot",
    "teeth": "tooth",
    "mris": "mri",
    "cts": "ct",
    "pets": "pet",
    "series": "series",
    "biopsies": "biopsy",
    "masses": "mass",
    "viruses": "virus",
    "sinuses": "sinus",
}
_STABLE: Final = ("ss", "us", "is", "as", "os")
_PLURAL: Final = 2  # letters of an abbreviation at least
_NEGATED: Final = re.compile(r"(?:[a-z]+n't|cannot)$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number, or whatever else stands alone.

    Attributes
    ----------
    kind
        ``quoted``, ``tag``, ``date``, ``code``, ``loinc``, ``num``, ``word`` or
        ``sym``; ``short`` for shorthand such as ``w/o``.
    text
        As it is written; of what is quoted, without the quotes.
    low
        The text in small letters.
    key
        `low` in the singular: what the lexicon is asked for.
    start, end
        Offsets in the question.
    """

    kind: str
    text: str
    low: str
    key: str
    start: int
    end: int

    def renamed(self, low: str) -> "Token":
        """Return the token as if another word stood there."""
        return replace(self, low=low, key=singular(low))


def singular(word: str) -> str:
    """Return a word without the ending of its plural; the same for the same word."""
    word = word.removesuffix("'s").removesuffix("s'").replace("'", "")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(_STABLE):
        return word[:-1]
    return word


def keys_of(phrase: str) -> tuple[str, ...]:
    """Return the keys of the words of a phrase."""
    return tuple(each.key for each in tokens_of(phrase))


def tokens_of(question: str) -> list[Token]:
    """Return the tokens of a question; hyphens and strokes inside words are none."""
    text = question[:MOST].translate(_SAME_LENGTH)
    found = [_token(text, match) for match in _TOKEN.finditer(text)]
    kept = [each for at, each in enumerate(found) if not _joins(found, at)]
    return kept[:MOST_TOKENS]


def _token(text: str, match: re.Match[str]) -> Token:
    kind = match.lastgroup or "sym"
    kind = "date" if kind == "sep" else kind
    start, end = match.span()
    raw = text[start:end]
    if kind == "quoted":
        raw = raw[1:-1]
    low = unicodedata.normalize("NFKC", raw).casefold()
    if kind == "word" and _NEGATED.match(low):
        low = "not"
    # PPIs, MRs: an abbreviation in the plural.
    is_plural = len(raw) > _PLURAL and raw[-1] == "s" and raw[:-1].isupper()
    key = low[:-1] if kind == "word" and is_plural else singular(low)
    return Token(kind, raw, low, key, start, end)


def _joins(found: Sequence[Token], at: int) -> bool:
    """Tell whether a token is a hyphen or a stroke inside a compound word."""
    token = found[at]
    if token.low not in {"-", "/"} or not 0 < at < len(found) - 1:
        return False
    before, after = found[at - 1], found[at + 1]
    is_close = before.end == token.start and token.end == after.start
    return is_close and "word" in {before.kind, after.kind}


def category_of(code: str) -> str:
    """Return a code without what stands for those below it: C50.x, C50.*, C50-."""
    return code.rstrip("*x-").rstrip(".")
