"""The values that a data set has of a tag, as searches compare them: pure.

From the stored DICOM JSON model alone. A value of more than 1 MiB is not in it
(`imaging.part10`): of UC, UR, UT and of numbers in masses that can be so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any, Final, NamedTuple

from imaging.fold import MAXIMUM_CHARACTERS, fold, fold_name, storable, text_key
from imaging.index import Model
from imaging.levels import Kind
from imaging.moments import dt_utc, split_zone
from imaging.numbers import sortable
from imaging.part10 import validate
from imaging.query_tags.tag import KINDS, Tag

MAXIMUM_VALUES: Final = 1000
"""Different values that one row may have of a tag; more are an error."""
_LONGEST_NUMBER: Final = 64  # characters
_OFFSET_TAG: Final = "00080201"


class Part(IntEnum):
    """What of a value a row holds."""

    WHOLE = 0  # of a name the first group, of DT the moment as it stands
    IDEOGRAPHIC = 1
    PHONETIC = 2
    UTC = 3  # of DT in a known time zone
    UNZONED = 4  # of DT in none, once more


class Entry(NamedTuple):
    """A row of `imaging.TagValue` without its keys."""

    part: int
    text: str
    long: str
    places: list[int] | None


class Found(NamedTuple):
    """What a data set has of a tag, and what of it could not be indexed."""

    entries: list[Entry]
    fault: str


class Unfit(ValueError):
    """A value is none of its representation; the message names the rule only."""


_TEXT_CHECKS: Final[Mapping[str, validate.Check]] = {
    "AE": validate.check_application_entity,
    "AS": validate.check_age,
    "CS": validate.check_code,
    "DA": validate.check_date,
    "DT": validate.check_date_time,
    "TM": validate.check_time,
    "UI": validate.check_identifier,
    "UR": validate.check_location,
}


def values_of(tag: Tag, model: Model) -> Found:
    """Return all values that a data set has of a tag; empty ones are none."""
    places: dict[tuple[int, str], set[int]] = {}
    longs: dict[tuple[int, str], str] = {}
    try:
        for place, value in _elements(tag, model):
            for part, text in parts_of(tag.vr, value, model):
                key = text_key(text)
                if key != text:
                    longs[part, key] = text
                places.setdefault((part, key), set()).add(place)
            if len(places) > MAXIMUM_VALUES:
                return Found([], f"has more than {MAXIMUM_VALUES} values")
    except Unfit as error:
        return Found([], str(error))
    return Found(
        [
            Entry(*key, longs.get(key, ""), None if where == {0} else sorted(where))
            for key, where in places.items()
        ],
        "",
    )


def parts_of(
    vr: str, value: object, model: Model, *, is_checked: bool = False
) -> Iterable[tuple[int, str]]:
    """Return a value in the forms in which searches look for it; empty ones go.

    Parameters
    ----------
    vr
        One of those that have a kind.
    model
        The data set, which says in which time zone it is.
    is_checked
        Whether it is known to be one of its representation: that takes half the time.

    Raises
    ------
    Unfit
        It is none of its representation.
    """
    kind = KINDS[vr]
    match kind:
        case Kind.NAME:
            return _name(value, is_checked=is_checked)
        case Kind.DECIMAL:
            return [(Part.WHOLE, _number(vr, value))]
    text = _text(vr, value, is_checked=is_checked)
    if not text:
        return []
    if kind is Kind.TEXT:
        folded = fold(text)[:MAXIMUM_CHARACTERS]
        return [(Part.WHOLE, folded)] if folded else []
    if kind is Kind.MOMENT:
        return _moment(text, model)
    return [(Part.WHOLE, text)]


def raw_values(tag: Tag, model: Model) -> list[object]:
    """Return all values that a data set has of a tag, as DICOM JSON has them."""
    try:
        return [value for _, value in _elements(tag, model)]
    except Unfit:
        return []


def _elements(tag: Tag, model: Model) -> Iterator[tuple[int, object]]:
    """Yield each value, and of which item of the sequence, or the how manieth."""
    *sequences, _leaf = tag.path
    sets: list[Model] = [model]
    for sequence in sequences:
        sets = [item for each in sets for item in _items(each, sequence)]
    for place, data_set in enumerate(sets):
        attribute = data_set.get(_leaf_of(tag, data_set), {})
        if "BulkDataURI" in attribute:
            message = "is longer than 1 MiB"
            raise Unfit(message)
        values = attribute.get("Value")
        for number, value in enumerate(values if isinstance(values, list) else ()):
            if value is not None:
                yield place if sequences else number, value


def _items(data_set: Model, sequence: str) -> Iterator[Model]:
    values = data_set.get(sequence, {}).get("Value")
    return (item for item in values or () if isinstance(item, dict))


def _leaf_of(tag: Tag, data_set: Model) -> str:
    """Return where the element stands: a private one in its creator's block."""
    leaf = tag.path[-1]
    if not tag.private_creator:
        return leaf
    for block in range(0x10, 0x100):
        values = data_set.get(f"{leaf[:4]}00{block:02X}", {}).get("Value")
        if values and storable(str(values[0])) == tag.private_creator:
            return f"{leaf[:4]}{block:02X}{leaf[6:]}"
    return ""


def _text(vr: str, value: object, *, is_checked: bool) -> str:
    if not isinstance(value, str):
        message = f"is not {vr}"
        raise Unfit(message)
    bare = value.rstrip("\0 ")
    if is_checked:
        return storable(bare)
    if vr in _TEXT_CHECKS:
        fault = _TEXT_CHECKS[vr](bare) if bare else ""
    elif vr in {"LT", "ST", "UT"}:
        fault = validate.check_lines(bare, validate.LONGEST.get(vr))
    else:
        fault = validate.check_line(bare, validate.LONGEST.get(vr))
    if fault:
        raise Unfit(fault)
    return storable(bare)


def _name(value: object, *, is_checked: bool) -> list[tuple[int, str]]:
    if not isinstance(value, dict):
        message = "is not PN"
        raise Unfit(message)
    groups = ("Alphabetic", "Ideographic", "Phonetic")
    names = [value.get(group, "") for group in groups]
    if not all(isinstance(name, str) for name in names):
        message = "is not PN"
        raise Unfit(message)
    if not is_checked and (fault := validate.check_person_name("=".join(names))):
        raise Unfit(fault)
    folded = [fold_name(name) for name in names]
    return [(part, name) for part, name in enumerate(folded) if name]


def _number(vr: str, value: object) -> str:
    """Return a number so that text order is its order."""
    fault = f"is not {vr}"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Unfit(fault)
    if len(str(value)) > _LONGEST_NUMBER:
        raise Unfit(fault)
    try:
        return sortable(Decimal(str(value)))
    except (InvalidOperation, ValueError) as error:
        raise Unfit(fault) from error


def _moment(text: str, model: Model) -> list[tuple[int, str]]:
    """Return a moment as it stands, and in universal time where that is known."""
    local, zone = split_zone(text)
    offset = zone or _zone(model)
    utc = dt_utc(local, offset) if offset else ""
    return [
        (Part.WHOLE, local),
        (Part.UTC, utc) if utc else (Part.UNZONED, local),
    ]


def _zone(model: Model) -> str:
    values: Sequence[Any] = model.get(_OFFSET_TAG, {}).get("Value") or ()
    return values[0].strip() if values and isinstance(values[0], str) else ""
