"""Numbers: of events, of what was measured, of some of a list."""

from typing import Any, Final

from cohorts.language import reports
from cohorts.language.aged import add_age
from cohorts.language.attributes import read_attribute
from cohorts.language.before import Noun
from cohorts.language.drafts import Draft, Group, Node, joined
from cohorts.language.named import read_noun, read_skip
from cohorts.language.nouns import noun_at
from cohorts.language.numbers import TIMES
from cohorts.language.reader import Reader
from cohorts.language.scene import Item

Json = dict[str, Any]
_OLDEST: Final = 125  # years
_NOT_AGED: Final = frozenset(
    ("study", "modality", "exam", "report", "events", "tag", "instances")
)
_GROWN: Final = 18  # years
_SIZES: Final = frozenset(
    [
        "larger",
        "bigger",
        "smaller",
        "higher",
        "lower",
        "thicker",
        "thinner",
        "longer",
        "shorter",
        "heavier",
        "lighter",
        "taller",
        "exceeding",
        "exceeds",
        "exceed",
    ]
)
_NOT_AGED_BEFORE: Final = frozenset(("word", "body", "number", "mark"))
_TEMPERATURES: Final = frozenset(["Cel", "[degF]"])
_HEIGHTS: Final = {
    "taller": "body height",
    "shorter": "body height",
    "heavier": "body weight",
    "lighter": "body weight",
    "weighing": "body weight",
}


def read_weighing(reader: Reader, at: int, item: Item) -> int:
    """Read "weighing": what comes is a weight."""
    reader.part_before_verb()
    draft = Draft("observation", {"code": {"text": "body weight"}}, at=item.start)
    reader.add_noun(Noun([draft], at + 1))
    return reader.used(at, at + 1)


def read_list(reader: Reader, at: int, item: Item) -> int:
    """Read "any of A, B or C", "at least two of A, B and C"."""
    step = at + 1
    nodes: list[Node] = []
    while step < reader.end:
        kind = reader.state.kind(step)
        if kind in {"stop", "comma", "and", "or", "mark", "prep", "person"}:
            step += 1
            continue
        noun = noun_at(reader.state, step, reader.slot or "any")
        if noun is None:
            break
        nodes.append(joined("any", noun.drafts))
        reader.last = noun.drafts
        step = noun.end
    if not nodes:
        return at + 1
    if item.kind == "compare":
        group = Group("atleast", nodes, n=int(item.value.bounds["gte"]))
    else:
        group = Group("all" if item.kind in {"allof", "both"} else "any", nodes)
    reader.add(group)
    return reader.used(at, step)


def read_both(reader: Reader, at: int, item: Item) -> int:
    """Read "do not have both A and B": the two of them are denied, not each."""
    is_denied = reader.denial == "not" and reader.denying is not None
    return read_list(reader, at, item) if is_denied else read_skip(reader, at, item)


def read_compare(reader: Reader, at: int, item: Item) -> int:
    """Read a comparison: of a value, a count, an attribute, an age."""
    bounds, unit = item.value.bounds, item.value.unit
    if set(bounds) == {"gte"} and reader.says(at + 1).startswith("of"):
        return read_list(reader, at, item)
    if reader.is_image() and _counts_parts(reader, at, dict(bounds)):
        return reader.used(at, at + 2)
    if reader.state.kind(at + 1) == "tag":
        return read_attribute(reader, at + 1, reader.state.items[at + 1], before=item)
    if _is_of_times(reader, at, item):
        for each in reader.last:
            each.members["count"] = dict(bounds)
        return reader.used(at, at + 1 + (reader.says(at + 1) == "times"))
    if not unit:
        noun = noun_at(reader.state, at, reader.slot)
        if noun is not None and not reader.wants_value():
            reader.add_noun(noun)
            return noun.end
    return _value(reader, at, item, bounds, unit)


def _counts_parts(reader: Reader, at: int, bounds: Json) -> bool:
    """Read how many images or series a study has."""
    if reader.state.kind(at + 1) == "instances":
        for each in reader.last:
            each.members["instances"] = bounds
        return True
    if reader.says(at + 1) == "series":
        for each in reader.last:
            each.members.setdefault("series", {})["count"] = bounds
        return True
    return False


def _is_of_times(reader: Reader, at: int, item: Item) -> bool:
    """Tell whether it is said how often: at least twice, more than 3 times."""
    word = reader.state.scene.tokens[item.end - 1].low
    is_told = word in TIMES or "times" in {
        reader.says(at + 1),
        *reader.says(at).split(),
    }
    return bool(reader.last) and is_told and "count" not in reader.last[-1].members


def read_times(reader: Reader, at: int, item: Item) -> int:
    """Read how often: twice, x2."""
    if not reader.last or "count" in reader.last[-1].members:
        return read_noun(reader, at, item)
    number = item.value if item.kind == "times" else 0
    number = number or TIMES.get(reader.says(at).split()[0], 3)
    for each in reader.last:
        each.members["count"] = {"gte": number}
    return reader.used(at, at + 1)


def _is_fever(reader: Reader) -> bool:
    """Tell whether a fever was named, which a number is the temperature of."""
    code = reader.last[-1].members.get("code", {}) if reader.last else {}
    return code.get("text") == "fever"


def _is_of_body(number: float) -> bool:
    """Tell whether a number is a temperature of a body, in Celsius or Fahrenheit."""
    return 34 <= number <= 44 or 94 <= number <= 111


def _value(reader: Reader, at: int, item: Item, bounds: Json, unit: str) -> int:
    if reader.wants_value():
        for each in reader.last:
            each.members["value"] = {**bounds, **({"unit": unit} if unit else {})}
        return reader.used(at, at + 1)
    is_of_body = not unit and set(map(_is_of_body, bounds.values())) == {True}
    if (unit in _TEMPERATURES or is_of_body) and _is_fever(reader):
        fever = reader.last[-1]
        fever.type = "observation"
        fever.members["code"] = {"text": "body temperature"}
        fever.members["value"] = {**bounds, **({"unit": unit} if unit else {})}
        return reader.used(at, at + 1)
    words = set(reader.says(at).split())
    name = next((_HEIGHTS[each] for each in words if each in _HEIGHTS), "")
    if not name and unit in {"kg", "[lb_av]"}:
        name = "body weight"
    if name:
        draft = Draft("observation", {"code": {"text": name}}, at=item.start)
        draft.members["value"] = {**bounds, **({"unit": unit} if unit else {})}
        reader.add_noun(Noun([draft], at + 1))
        return reader.used(at, at + 1)
    is_age = set(bounds) != {"eq"} and max(bounds.values()) <= _OLDEST
    if unit or not is_age or not _may_be_aged(reader, at):
        return at + 1
    add_age(reader, bounds, item)
    lowest = max((v for k, v in bounds.items() if k[0] == "g"), default=_GROWN)
    if reader.state.kind(at - 1) == "concept" and lowest < _GROWN:
        reader.state.refuse(item)  # "a nodule over 8" is hardly an age
    return reader.used(at, at + 1)


def _may_be_aged(reader: Reader, at: int) -> bool:
    """Tell whether nobody knows what stands beside it, of which it may be a number."""
    if _SIZES & set(reader.says(at).split()):
        return False
    after = reader.state.kind(at + 1)
    if after == "word" and reader.state.kind(at - 1) in {"person", "age_group"}:
        return True
    if after in {"word", "count"} or reader.state.kind(at - 1) in _NOT_AGED:
        return False
    step = at - 1
    while reader.state.kind(step) == "stop":
        step -= 1
    return reader.state.kind(step) not in _NOT_AGED_BEFORE


def read_number(reader: Reader, at: int, item: Item) -> int:
    """Read a number alone: of a value, a count, an attribute."""
    number, unit = item.value
    if reader.state.kind(at + 1) == "tag":
        return read_attribute(reader, at + 1, reader.state.items[at + 1], before=item)
    if unit == "T" and reader.is_image():
        tag = {"tag": "MagneticFieldStrength", "eq": number, "unit": "T"}
        for each in reader.last:
            reports.add_tag(each, tag)
        return reader.used(at, at + 1)
    if reader.wants_value() and reader.state.kind(at - 1) in {
        *("prep", "stop", "concept", "code", "weighing"),
    }:
        return _value(reader, at, item, {"eq": number}, unit)
    return read_noun(reader, at, item)
