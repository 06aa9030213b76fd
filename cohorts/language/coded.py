"""Attributes, codes and stages as they are written: C50.9, stage 3, (0018,0050)."""

from collections.abc import Sequence
from typing import Final

from pydicom.datadict import keyword_dict

from cohorts.language import function_table
from cohorts.language.lexicon import CONCEPTS
from cohorts.language.numbers import low, said
from cohorts.language.scene import Item, Scene
from cohorts.language.text import Token

_ROMAN: Final = ("i", "ii", "iii", "iv", "v")
_ARABIC: Final = {each: str(at) for at, each in enumerate(_ROMAN, start=1)}
_STAGES: Final = frozenset(
    ["stage", "grade", "type", "class", "stages", "grades", "types"]
)
_LEAST_KEYWORD: Final = 3  # letters; shorter ones are words of other things


def tag_at(scene: Scene, at: int) -> Item | None:
    """Return an attribute that is called by its number."""
    token = scene.tokens[at]
    if token.kind != "tag":
        return None
    digits = "".join(each for each in token.text if each.isalnum())
    number = "".join("x" if each in "xX" else each.upper() for each in digits)
    return Item("tagno", at, at + 1, number)


def code_at(scene: Scene, at: int) -> Item | None:
    """Return a code, with the system that is named before it or that it looks like."""
    for words, system in function_table.SYSTEMS:
        if said(scene.tokens, at, words):
            end = at + len(words)
            while low(scene.tokens, end) in {
                "code",
                "codes",
                "of",
                ":",
                "is",
                "number",
            }:
                end += 1
            if end < len(scene.tokens) and _is_code(scene.tokens[end]):
                value = (system, scene.tokens[end].text)
                return Item("code", at, end + 1, value)
    token = scene.tokens[at]
    if token.kind == "code":
        known = next(scene.lexicon.at(scene.tokens, at), None)
        return None if known else Item("code", at, at + 1, ("icd", token.text))
    if token.kind == "loinc":
        return Item("code", at, at + 1, ("loinc", token.text))
    return None


def _is_code(token: Token) -> bool:
    return token.kind in {"code", "loinc", "num", "quoted"} or (
        token.kind == "word" and any(each.isdigit() for each in token.text)
    )


def stage_at(scene: Scene, at: int) -> Item | None:
    """Return "stage 3 or 4", "grade II", "type 1 or type 2"."""
    word = low(scene.tokens, at)
    if word not in _STAGES or _is_named(scene, at):
        return None
    word = word.removesuffix("s") if word != "class" else word
    found: list[str] = []
    end = at + 1
    while True:
        step = end
        step += bool(found) and low(scene.tokens, step) in {"or", "and", ",", "to", "-"}
        step += bool(found) and low(scene.tokens, step) == "or"
        step += bool(found) and low(scene.tokens, step).removesuffix("s") == word
        value = _step(scene.tokens, step)
        value = _ARABIC.get(value, value) if word == "stage" else value
        if not value or (found and step == end):
            break
        is_range = bool(found) and low(scene.tokens, end) in {"to", "-"}
        found.extend(_between(found[-1], word, value) if is_range else ())
        found.append(f"{word} {value}")
        end = step + 1
    return Item("stage", at, end, tuple(found)) if found else None


def _between(before: str, word: str, value: str) -> list[str]:
    """Return the stages that "stage 2 to 4" leaves out."""
    first = before.removeprefix(f"{word} ")
    if not (first.isdigit() and value.isdigit()):
        return []
    return [f"{word} {each}" for each in range(int(first) + 1, int(value))]


def _is_named(scene: Scene, at: int) -> bool:
    """Tell whether the stage is a part of a name: type 1 diabetes."""
    length = max(
        (
            length
            for length, entry in scene.lexicon.at(scene.tokens, at)
            if entry.kind in CONCEPTS
        ),
        default=0,
    )
    return length > 1


def _step(tokens: Sequence[Token], at: int) -> str:
    if at >= len(tokens):
        return ""
    word = tokens[at].low
    is_number = tokens[at].kind == "num" and word.isdigit() and len(word) == 1
    is_letter = len(word) == 2 and word[0].isdigit() and word[1] in "abc"
    return word if is_number or word in _ROMAN or is_letter else ""


def keyword_at(scene: Scene, at: int) -> Item | None:
    """Return an attribute that is called by its keyword of DICOM."""
    text = scene.tokens[at].text
    is_camel = len(text) > _LEAST_KEYWORD and any(e.isupper() for e in text[1:])
    if text in keyword_dict and (is_camel or text in {"KVP", "Rows", "Columns"}):
        return Item("tag", at, at + 1, text)
    return None
