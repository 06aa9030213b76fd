"""What is said of images after their name: their reports' words, makers, body."""

from typing import Any, Final

from cohorts.language.drafts import Draft
from cohorts.language.images import add_tag
from cohorts.language.reader import Reader
from cohorts.language.scene import made_by

__all__ = ["add_tag", "give_text", "read_body", "read_maker", "read_text"]

_OF_TERMS: Final = frozenset(
    [
        "word",
        "concept",
        "body",
        "quoted",
        "stage",
        "number",
        "events",
        "study",
        "modality",
        "instances",
    ]
)


def read_text(reader: Reader, at: int, *, is_denied: bool, start: int) -> int:
    """Read which words a report has or must not affirm: 'nodule' but not 'mass'."""
    state = reader.state
    if not reader.last:
        return at + 1
    found: dict[str, list[str]] = {"all": [], "none": []}
    is_any, step = False, at
    step += state.kind(step) in {"mention", "both", "either"}
    if state.kind(step) == "neither":
        is_denied, step = True, step + 1
    while step < reader.end:
        kind = state.kind(step)
        if kind in _OF_TERMS:
            term, step = _term(reader, step)
            found["none" if is_denied else "all"].append(term)
        elif kind == "or" and found["all" if not is_denied else "none"]:
            is_any = is_any or not is_denied
            step += 1
        elif kind in {"nor", "comma", "stop", "both", "either"}:
            step += 1
        elif kind in {"but", "and", "not", "mention"} and _goes_on(reader, step):
            is_denied = is_denied or kind == "not"
            step += 1
        else:
            break
    text = _text(found, is_any=is_any)
    if text is None:
        return at + 1
    for each in reader.last:
        give_text(each, text)
    reader.used(start, step)
    return step


def _goes_on(reader: Reader, at: int) -> bool:
    """Tell whether more words of the report follow: not the next criterion."""
    kinds = {"but", "and", "not", "mention", "stop"}
    step = at
    while reader.state.kind(step) in kinds:
        step += 1
    after = reader.state.kind(step)
    return after in {"word", "concept", "quoted", "body"} and step - at <= 4


def _term(reader: Reader, at: int) -> tuple[str, int]:
    """Return words that stand together, as they are written."""
    state = reader.state
    item = state.items[at]
    if item.kind == "quoted":
        return " ".join(str(item.value).casefold().split()), at + 1
    end = at
    while state.kind(end) in _OF_TERMS - {"quoted"}:
        end += 1
    return state.source(item.start, state.items[end - 1].end), end


def _text(found: dict[str, list[str]], *, is_any: bool) -> dict[str, Any] | None:
    wanted, denied = found["all"], found["none"]
    if not (wanted or denied):
        return None
    if len(wanted) == 1 and not denied:
        return {"phrase": wanted[0]}
    text: dict[str, Any] = {}
    if wanted:
        text["any" if is_any and len(wanted) > 1 else "all"] = wanted
    if denied:
        text["none"] = denied
    return text


def give_text(draft: Draft, text: dict[str, Any]) -> None:
    """Ask that a report, or one of an image, has words."""
    if draft.type == "imaging":
        draft.members.setdefault("report", {})["text"] = text
    elif draft.type == "report":
        draft.members["text"] = text


def read_maker(reader: Reader, at: int) -> int:
    """Read "on a Siemens scanner" after an image."""
    state = reader.state
    step = at + 1
    while state.kind(step) != "maker":
        step += 1
    end = step
    while state.kind(end) in {"maker", "machine"}:
        if state.kind(end) == "maker":
            for each in reader.last:
                add_tag(each, made_by(state.items[end]))
        end += 1
    return reader.used(at, end)


def read_body(reader: Reader, at: int) -> int:
    """Read "in the chest" after an image."""
    state = reader.state
    step = at + 1
    while state.kind(step) != "body":
        step += 1
    for each in reader.last:
        each.members.setdefault("body", {"text": state.items[step].value})
    return reader.used(at, step + 1)
