"""Words that stand in a report, said before it: "mass" in the report."""

from typing import Final

from cohorts.language import reports
from cohorts.language.nouns import noun_at
from cohorts.language.reader import Reader
from cohorts.language.scene import Item

_TERMS: Final = frozenset(["quoted", "concept", "word", "body", "stage"])
_IN: Final = frozenset(["in", "within", "of", "on"])
_OF_IMAGES: Final = frozenset(["body", "modality", "exam", "study"])
_ARTICLES: Final = frozenset(["stop", "their"])


def read_in_report(reader: Reader, at: int, item: Item) -> int | None:
    """Read "'mass' in the report", and "in the report" behind words of one.

    "The report" alone is no other report; what is said by it of anything but images is
    told. None where no report is meant.
    """
    if item.kind == "report" and reader.last and _is_inside(reader, at):
        has_text = any("report" in each.members for each in reader.last)
        if not has_text and not any("text" in each.members for each in reader.last):
            reader.state.refuse(item)
        return reader.used(at, at + 1)
    if item.kind in _TERMS:
        return _read_terms(reader, at)
    return None


def _is_inside(reader: Reader, at: int) -> bool:
    """Tell whether "in the report", "according to the report" stands there."""
    words: list[str] = []
    step = at - 1
    while reader.state.kind(step) in _ARTICLES:
        words.append(reader.says(step))
        step -= 1
    is_in = reader.state.kind(step) == "prep" and reader.says(step) in _IN
    is_by = "according to" in words or ("in" in words and "the" in words)
    return bool(words) and (is_in or is_by)


def _read_terms(reader: Reader, at: int) -> int | None:
    state = reader.state
    end = at
    while state.kind(end) in _TERMS and end < reader.end:
        end += 1
    step = end + (state.kind(end) == "mention")
    if state.kind(step) != "prep" or reader.says(step) not in {"in", "within"}:
        return None
    step += 1
    while state.kind(step) in _ARTICLES:
        step += 1
    last = step
    while state.kind(last) in _OF_IMAGES:
        last += 1
    if state.kind(last) != "report" or last >= reader.end:
        return None
    start, stop = state.items[at], state.items[end - 1]
    phrase = state.source(start.start, stop.end)
    if start.kind == "quoted":
        phrase = " ".join(str(start.value).casefold().split())
    if not (reader.is_image() and last == step and state.kind(last + 1) != "prep"):
        noun = noun_at(state, step)
        if noun is None:
            return None
        reader.add_noun(noun)
        last = noun.end - 1
    for each in reader.last:
        reports.give_text(each, {"phrase": phrase})
    return reader.used(at, last + 1)
