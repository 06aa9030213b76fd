"""What a workitem lacks to be COMPLETED or CANCELED (DICOM PS3.4 CC.2.5.1.1): pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from imaging.part10.model import JsonModel
from worklist.rules.attributes import ATTRIBUTES, Attribute
from worklist.rules.conditions import has_value, values_of
from worklist.rules.findings import Finding, Place, Rule
from worklist.rules.requirements import CHARACTER_SET
from worklist.rules.states import State

_NEEDED: Final[Mapping[State, frozenset[str]]] = {
    State.COMPLETED: frozenset({"R", "P"}),
    State.CANCELED: frozenset({"R", "X"}),
}
"""Final state codes (table CC.2.5-1). ``RC`` is looked at apart."""

_MAY_BE_EMPTY: Final = frozenset({"00741216.00404033"})
"""Output Information Sequence: without outputs it has no items, but is there."""


def missing_for(state: State, dataset: JsonModel) -> tuple[Finding, ...]:
    """Return what a workitem has to be given before it may be in a final state.

    Parameters
    ----------
    state
        The final state; for any other nothing is missing.
    dataset
        What is held, well-formed.

    Notes
    -----
    Who performed it (Actual Human Performers Sequence, code ``RC``) is needed if it is
    known, which only the performer can tell: it is never missed here.
    """
    needed = _NEEDED.get(state)
    if needed is None:
        return ()
    found = list(_missing(ATTRIBUTES, dataset, Place(), needed, state))
    if needs_character_set(dataset) and not has_value(dataset, CHARACTER_SET):
        found.append(_finding(ATTRIBUTES[CHARACTER_SET], Place(), state))
    return tuple(found)


def needs_character_set(dataset: JsonModel) -> bool:
    """Tell whether a data set has text beyond ASCII in it, at any depth."""
    return any(
        _is_extended(value)
        for attribute in dataset.values()
        for value in attribute.get("Value", ())
    )


def _missing(
    attributes: Mapping[str, Attribute],
    item: JsonModel,
    place: Place,
    needed: frozenset[str],
    state: State,
) -> Iterator[Finding]:
    for tag, attribute in attributes.items():
        if attribute.vr == "SQ" and attribute.children:
            yield from _missing_of_sequence(attribute, item, place, needed, state)
        elif attribute.final in needed and not has_value(item, tag):
            yield _finding(attribute, place, state)


def _missing_of_sequence(
    attribute: Attribute,
    item: JsonModel,
    place: Place,
    needed: frozenset[str],
    state: State,
) -> Iterator[Finding]:
    """Yield what is missing in its items; without items, in a first one."""
    tag = attribute.tag
    is_needed = attribute.final in needed
    items = values_of(item, tag)
    if is_needed and not items:
        if attribute.path in _MAY_BE_EMPTY:
            if tag not in item:
                yield _finding(attribute, place, state)
            return
        first = place.item(tag, attribute.keyword, 1)
        inside = list(_missing(attribute.children, {}, first, needed, state))
        yield from inside or [_finding(attribute, place, state)]
        return
    for number, each in enumerate(items, 1):
        inside_of = place.item(tag, attribute.keyword, number)
        yield from _missing(attribute.children, each, inside_of, needed, state)


def _finding(attribute: Attribute, place: Place, state: State) -> Finding:
    what = "with a value"
    if attribute.path in _MAY_BE_EMPTY:
        what = "with the instances that were made, or empty where there are none"
    elif attribute.vr == "SQ":
        what = "with an item"
    message = f"is needed before a workitem is {state}. Update it {what}."
    return place.finding(attribute.tag, attribute.keyword, Rule.MISSING, message)


def _is_extended(value: object) -> bool:
    if isinstance(value, str):
        return not value.isascii()
    if not isinstance(value, dict):
        return False
    if any(isinstance(each, str) for each in value.values()):  # a name
        return any(not each.isascii() for each in value.values())
    return needs_character_set(value)
