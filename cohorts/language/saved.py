"""What was saved under a name: in my cohort "Stroke", the concept set "Statins"."""

from collections.abc import Sequence
from typing import Final

from cohorts.language.numbers import low, said
from cohorts.language.scene import Item, Scene
from cohorts.language.text import Token, keys_of, singular

_KINDS: Final = (
    *(("cohort", (each,)) for each in ("cohort", "cohorts")),
    *(("set", ("set", "of", each)) for each in ("concepts", "codes")),
    *(("set", (each, "set")) for each in ("concept", "code", "value")),
    *(("set", (each,)) for each in ("codeset", "valueset")),
)
_TO: Final = frozenset(["in", "of", "from", "within", "among", "inside", "for", "with"])
_WHOSE: Final = frozenset(["my", "our", "the", "this", "that", "saved", "own"])
_CALLED: Final = frozenset(["called", "named", "titled", ":"])


def saved_at(scene: Scene, at: int) -> Item | None:
    """Return a cohort or a set of concepts that is named there.

    Its value is the name; empty where "my cohort" names none. "A cohort of women" is
    none that was saved. A name without quotes is one of `Lexicon.saved`.
    """
    tokens = scene.tokens
    start = at
    at += low(tokens, at) in _TO
    is_certain = False
    while low(tokens, at) in _WHOSE:
        is_certain, at = True, at + 1
    kind, end = _kind(tokens, at)
    if not kind:
        return _named_first(scene, start, at)
    end += low(tokens, end) in _CALLED
    name, after = _name(scene, end, kind)
    if name:
        return Item(kind, start, after, name)
    is_one = is_certain and low(tokens, end) not in {"of", "with"}
    return Item(kind, start, end, "") if is_one else None


def _named_first(scene: Scene, start: int, at: int) -> Item | None:
    """Return "the 'Stroke' cohort"."""
    for wanted in ("cohort", "set"):
        name, after = _name(scene, at, wanted)
        kind, end = _kind(scene.tokens, after) if name else ("", 0)
        if kind == wanted:
            return Item(kind, start, end, name)
    return None


def _kind(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    for kind, words in _KINDS:
        if said(tokens, at, words):
            return kind, at + len(words)
    return "", at


def _name(scene: Scene, at: int, kind: str) -> tuple[str, int]:
    """Return the name that stands there, in quotes or known, and where it ends."""
    tokens = scene.tokens
    if at < len(tokens) and tokens[at].kind == "quoted":
        return tokens[at].text, at + 1
    best, end = "", at
    for name in scene.lexicon.saved.get(kind, ()):
        keys = keys_of(name)
        # As it was written: a name is no misspelt word.
        there = tuple(singular(e.text.casefold()) for e in tokens[at : at + len(keys)])
        if keys and there == keys and at + len(keys) > end:
            best, end = name, at + len(keys)
    return best, end
