"""What clinicians write for short, w/, s/p, pts, dx, 58yo M, as whole words."""

from collections.abc import Sequence
from typing import Final

from cohorts.language.lexicon import CONCEPTS, Lexicon
from cohorts.language.text import Token

STROKES: Final = {
    "w/": "with",
    "w/o": "without",
    "w/in": "within",
    "s/p": "underwent",
    "h/o": "history",
    "c/w": "with",
    "c/o": "with",
    "d/t": "due",
}
"""Shorthand that has a stroke in it."""

_WORDS: Final = {
    "pts": "patients",
    "dx": "diagnosis",
    "dxd": "diagnosed",
    "dx'd": "diagnosed",
    "hx": "history",
    "rx": "taking",
    "tx": "treatment",
    "fx": "fracture",
    "adn": "and",
    "nad": "and",
    "teh": "the",
    "hte": "the",
    "wth": "with",
    "abd": "abdomen",
}
_GENDERS: Final = {"F": "female", "M": "male"}
_IONS: Final = {"K": "potassium", "Na": "sodium", "Mg": "magnesium"}
_AGED: Final = frozenset(["yo", "o", "old", "+", "y"])
_COMPARED: Final = frozenset(
    ["<", ">", ">=", "<=", "≥", "≤", "over", "under", "aged", "with", "w/", "on"]
)


def written_out(tokens: Sequence[Token], lexicon: Lexicon) -> list[Token]:
    """Return the tokens with shorthand as the words that it stands for.

    "M" and "F" are genders only beside an age or what compares one, "ca" only after a
    part of the body that has a cancer; "PT" in capitals is the modality.
    """
    return [_meant(tokens, at, lexicon) for at in range(len(tokens))]


def _meant(tokens: Sequence[Token], at: int, lexicon: Lexicon) -> Token:
    token = tokens[at]
    if token.kind == "short":
        return token.renamed(STROKES[token.low])
    if token.kind != "word":
        return token
    if token.text in _GENDERS and _is_person(tokens, at):
        return token.renamed(_GENDERS[token.text])
    if token.text in {"pt", "Pt"}:
        return token.renamed("patient")
    if token.low in _WORDS:
        return token.renamed(_WORDS[token.low])
    if token.text == "A" and _is_both(tokens, at):
        return token.renamed("abdomen")
    if token.text == "P" and at and _is_both(tokens, at - 1):
        return token.renamed("pelvis")
    if token.text in _IONS and _is_compared(tokens, at + 1):
        return token.renamed(_IONS[token.text])
    if token.low == "ca" and at and _has_cancer(tokens[at - 1], lexicon):
        return token.renamed("cancer")
    return token


def _is_both(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether A/P, abdomen and pelvis, stands there; the stroke is no token."""
    if at + 1 >= len(tokens) or (tokens[at].text, tokens[at + 1].text) != ("A", "P"):
        return False
    return tokens[at + 1].start == tokens[at].end + 1


def _is_compared(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].low in _COMPARED


def _is_person(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether M or F stands where a person is told of: 58yo F, M > 65, 65M."""
    before = tokens[at - 1] if at else None
    after = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if before is None:
        is_number = at + 1 < len(tokens) and tokens[at + 1].kind == "num"
        return after in _COMPARED or is_number
    is_close = before.kind == "num" and before.end == tokens[at].start
    return is_close or before.low in _AGED


def _has_cancer(before: Token, lexicon: Lexicon) -> bool:
    found = lexicon.named(f"{before.low} cancer")
    return any(each.kind in CONCEPTS for each in found)
