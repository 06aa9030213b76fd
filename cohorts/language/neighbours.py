"""Phrases that are settled by what stands beside them."""

from collections.abc import Sequence
from dataclasses import replace

from cohorts.language import function_table
from cohorts.language.alongside import DISCHARGED
from cohorts.language.asides import without_asides
from cohorts.language.forms import by_form
from cohorts.language.lexicon import Entry
from cohorts.language.scene import Item, Scene
from cohorts.language.statuses import with_statuses


def settled(scene: Scene, items: Sequence[Item]) -> list[Item]:
    """Return phrases as what they are beside their neighbours."""
    items = without_asides(scene, items)
    items = [
        _slices(scene, items, at, _of_people(scene, items, at))
        for at in range(len(items))
    ]
    items = [_discharge(scene, items, at) for at in range(len(items))]
    items = [_admitted_to(items, at) for at in range(len(items))]
    return with_statuses(scene, by_form(scene, items))


def _admitted_to(items: Sequence[Item], at: int) -> Item:
    """Return "admitted" of "admitted to the ICU" as nothing: that stay is named."""
    item, step = items[at], at + 1
    if item.kind != "admitted" or step == len(items) or items[step].kind != "prep":
        return item
    step += 1
    while step < len(items) and items[step].kind == "stop":
        step += 1
    entries = items[step].entries if step < len(items) else ()
    is_stay = any(each.kind == "encounter" for each in entries)
    return replace(item, kind="stop") if is_stay else item


def _discharge(scene: Scene, items: Sequence[Item], at: int) -> Item:
    """Return "discharge" as the hospital stay whose end a window is around."""
    item, step = items[at], at - 1
    if scene.tokens[item.start].low not in DISCHARGED:
        return item
    while step >= 0 and items[step].kind in {"stop", "their", "site"}:
        step -= 1
    is_end = step >= 0 and items[step].kind == "rel" and items[step].value.is_end
    return replace(item, kind="admitted") if is_end else item


def _of_people(scene: Scene, items: Sequence[Item], at: int) -> Item:
    """Return "diagnoses of" as what is wanted, where people follow, not a name."""
    item = items[at]
    if item.kind == "events" and item.value == "condition" and _names_next(items, at):
        return Item("slot", item.start, item.end, "condition")
    kind = function_table.OF_PEOPLE.get(scene.tokens[item.start].low, "")
    if item.kind != "slot" or item.value != kind:
        return item
    step = at + 1
    while step < len(items) and items[step].kind in {"stop", "their"}:
        step += 1
    if step == len(items) or items[step].kind not in {"person", "age_group"}:
        return item
    return Item("events", item.start, item.end, kind, (Entry("events", kind),))


def _names_next(items: Sequence[Item], at: int) -> bool:
    """Tell whether the diagnosis is named: diagnosis asthma."""
    after = items[at + 1] if at + 1 < len(items) else None
    return after is not None and any(e.kind == "condition" for e in after.entries)


def _slices(scene: Scene, items: Sequence[Item], at: int, item: Item) -> Item:
    """Return "slices thinner than 1 mm" as their thickness; else they are counted."""
    after = items[at + 1] if at + 1 < len(items) else None
    if item.kind != "instances" or after is None or after.kind != "compare":
        return item
    is_slices = scene.tokens[item.end - 1].key == "slice"
    is_thickness = is_slices and after.value.unit in {"mm", "cm"}
    return replace(item, kind="tag", value="SliceThickness") if is_thickness else item
