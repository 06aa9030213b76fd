"""What has a code: C50 and below, C50 to C58, LOINC 4548-4."""

import re
from typing import Any, Final

from cohorts.language.before import Before, Noun
from cohorts.language.drafts import Draft
from cohorts.language.function_table import SYSTEM_OF
from cohorts.language.lexicon import CONCEPTS
from cohorts.language.state import State
from cohorts.language.text import category_of

_TO: Final = frozenset(["-", "to", "through", "until"])
_CATEGORY: Final = re.compile(r"([A-Z])(\d\d)")  # of ICD-10, such as C50


def codes_at(state: State, at: int, before: Before) -> Noun:
    """Return what has any of the codes that are named there."""
    codes: list[dict[str, Any]] = []
    kind = before.slot if before.slot in CONCEPTS else ""
    words = [state.said(each) for each in before.words]
    is_below = words[-1:] in (["below"], ["under"], ["beneath"])
    for each in before.words[: len(words) - is_below]:
        state.refuse(each)
    while (item := state.item(at)) is not None:
        if item.kind == "code":
            system, code = item.value
            uri, own = SYSTEM_OF[system]
            kind = kind or own
            plain = category_of(code) if system == "icd" else code
            below = {"descendants": True} if plain != code or is_below else {}
            codes.append({"system": uri, "code": plain, **below})
            at = _up_to(state, at, plain, codes)
        elif item.kind == "below":
            for found in codes:
                found["descendants"] = True
        elif not (
            item.kind in {"or", "comma"}
            and (after := state.item(at + 1)) is not None
            and after.kind in {"code", "below"}
        ):
            break
        at += 1
    return Noun([Draft(kind, {"code": {"codes": codes}})], at)


def _up_to(state: State, at: int, first: str, codes: list[dict[str, Any]]) -> int:
    """Read the rest of "C50 to C58": all between them, with what lies below."""
    step, after = at + 1, state.item(at + 2)
    is_range = step < len(state.items) and state.said(state.items[step]) in _TO
    if not is_range or after is None or after.kind != "code":
        return at
    last = str(after.value[1])
    ends = [_CATEGORY.fullmatch(each) for each in (first, last)]
    if not (ends[0] and ends[1]) or ends[0][1] != ends[1][1]:
        state.refuse(state.items[step])
        return at
    system = codes.pop()["system"]
    for number in range(int(ends[0][2]), int(ends[1][2]) + 1):
        code = f"{ends[0][1]}{number:02}"
        codes.append({"system": system, "code": code, "descendants": True})
    return at + 2
