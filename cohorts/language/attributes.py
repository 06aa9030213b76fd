"""Attributes of images with their values: slice thickness under 1.5 mm."""

from typing import Any, Final

from cohorts.language.before import Noun
from cohorts.language.drafts import Draft
from cohorts.language.images import add_tag
from cohorts.language.reader import Reader
from cohorts.language.scene import Item

_VALUES: Final = frozenset(
    [
        "word",
        "code",
        "maker",
        "body",
        "concept",
        "modality",
        "study",
        "contrast",
        "plain",
        "poly",
    ]
)
_PRESENT: Final = frozenset(["present", "set", "there", "available"])
_OF: Final = frozenset({"of", "from", "by"})
_BETWEEN: Final = frozenset({"stop", "prep", "mark", "comma"})


def read_attribute(
    reader: Reader, at: int, item: Item, before: Item | None = None
) -> int:
    """Read an attribute, who made it where it is private, and what it has to be.

    Parameters
    ----------
    before
        The number that stands before it: 512 rows.
    """
    state = reader.state
    step = at
    if item.kind == "private":
        step += 1
        while state.kind(step) in _BETWEEN:
            step += 1
        if state.kind(step) not in {"tag", "tagno"}:
            return at + 1
    attribute = state.items[step]
    tag: dict[str, Any] = {"tag": attribute.value}
    step += 1
    step = _creator(reader, step, tag)
    if before is None:
        step = _condition(reader, step, tag)
    else:
        _bound(tag, before)
        reader.used(at - 1, at)
    if reader.denying is not None and tag.get("exists"):
        # No such attribute: a denial of the images would deny the study.
        tag["exists"], reader.denial, reader.denying = False, "", None
    if "creator" not in tag:
        _find_creator(reader, attribute, tag)
    if not (reader.last and reader.last[-1].type == "imaging"):
        reader.add_noun(Noun([Draft("imaging", at=item.start)], step))
    for each in reader.last:
        add_tag(each, dict(tag))
    reader.slot = ""
    return reader.used(at, step)


def _find_creator(reader: Reader, item: Item, tag: dict[str, Any]) -> None:
    """Take the creator of a private attribute that is known, or ask which is meant."""
    number = tag["tag"]
    known = reader.state.scene.lexicon.creators
    creators = known.get(f"{number[:4]}xx{number[6:]}", ())
    if len(creators) == 1:
        tag["creator"] = creators[0]
    elif creators:
        reader.state.ask(item, f"creator:{number}", tuple(creators))


def _creator(reader: Reader, at: int, tag: dict[str, Any]) -> int:
    """Read the creator of a private attribute: of GEMS_ACQU_01."""
    state = reader.state
    step = at
    is_told = False
    while state.kind(step) in {"prep", "stop", "creator"}:
        said = state.said(state.items[step])
        is_told = is_told or state.kind(step) == "creator" or said in _OF
        step += 1
    item = state.item(step)
    if not is_told or item is None or len(str(tag["tag"])) != 8:
        return at
    is_name = item.kind == "quoted" or (
        item.kind == "word" and "_" in state.scene.tokens[item.start].text
    )
    if not is_name:
        return at
    tag["creator"] = state.scene.tokens[item.start].text
    return step + 1


def _condition(reader: Reader, at: int, tag: dict[str, Any]) -> int:
    """Read what the value has to be; that there is one where nothing is said."""
    state = reader.state
    step = at
    while state.kind(step) in {*_BETWEEN, "open"}:
        step += 1
    item = state.item(step)
    kind = item.kind if item and step < reader.end else ""
    if item is not None and kind in {"compare", "number"}:
        _bound(tag, item)
        return step + 1
    if kind == "not" and reader.says(step + 1) in _PRESENT:
        tag["exists"] = False
        return step + 2
    is_contained = kind == "mention"
    step += is_contained
    value = _words(reader, step)
    is_contained = is_contained or tag["tag"] == "Manufacturer"
    if value:
        tag["contains" if is_contained else "eq"] = (
            value.casefold() if is_contained else value
        )
        return step + 1
    tag["exists"] = True
    return at


def _bound(tag: dict[str, Any], item: Item) -> None:
    """Give an attribute the number or the bounds that an item has."""
    if item.kind == "compare":
        tag.update(item.value.bounds)
        _unit(tag, item.value.unit)
    else:
        tag["eq"] = item.value[0]
        _unit(tag, item.value[1])


def _unit(tag: dict[str, Any], unit: str) -> None:
    if unit:
        tag["unit"] = unit


def _words(reader: Reader, at: int) -> str:
    item = reader.state.item(at)
    if item is None or at >= reader.end:
        return ""
    if item.kind == "quoted":
        return str(item.value)
    if item.kind in _VALUES:
        tokens = reader.state.scene.tokens
        start, end = tokens[item.start].start, tokens[item.end - 1].end
        return reader.state.scene.text[start:end]
    return ""
