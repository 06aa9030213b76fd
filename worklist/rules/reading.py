"""A data set in DICOM JSON from outside made into one that rules can look at: pure.

What comes back is well-formed, whatever came: keys are tags in capitals and in order,
each attribute has the VR of the dictionary and values of it, or none; items are data
sets. What was otherwise is told of and left out. (DICOM PS3.18 annex F, PS3.5 6.2.)
"""

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from imaging.part10.dictionary_table import BIG_ENDIAN as DICTIONARY
from imaging.part10.dictionary_table import ONE
from imaging.part10.json_model import BINARY
from imaging.part10.model import JsonModel
from worklist.rules.attributes import keyword_of, representation
from worklist.rules.attributes_table import NEWER
from worklist.rules.findings import MOST_FINDINGS, Finding, Place, Rule
from worklist.rules.values import TEXTS, read_binary, read_value

MOST_VALUES: Final = 20_000
"""Attributes, items and values of one data set."""
MOST_CHARACTERS: Final = 4 << 20
"""Of all texts and binary values of one data set together."""
DEEPEST: Final = 16
"""Levels of sequences; the table has five."""

_TAG: Final = re.compile("[0-9A-Fa-f]{8}", re.ASCII)
_CONTENTS: Final = ("Value", "InlineBinary", "BulkDataURI")
_NUMBERS: Final = frozenset(
    {"AT", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"}
)
KNOWN: Final = TEXTS | _NUMBERS | BINARY | {"SQ"}
"""The value representations (DICOM PS3.5 6.2)."""
_CATEGORY_REFERENCE: Final = "00100047"
_LENGTH: Final = 8
_KEYS: Final = 8192


class Reading(NamedTuple):
    """What was read, and what is wrong with it."""

    dataset: JsonModel
    findings: tuple[Finding, ...]


class _Key(NamedTuple):
    """What is known of a key of a data set.

    Attributes
    ----------
    tag
        In capitals; empty where the key is no tag.
    is_kept
        Whether it is an attribute of a data set.
    representations
        Those that the dictionary has for it; all where it does not know it.
    is_single
        Whether it has one value at most.
    is_group_length
        Whether it says nothing and is passed over (PS3.18 F.2.2).
    """

    tag: str
    is_kept: bool = False
    representations: frozenset[str] = KNOWN
    is_single: bool = False
    is_group_length: bool = False


@lru_cache(maxsize=_KEYS)
def _key(text: str) -> _Key:
    if not _TAG.fullmatch(text):
        return _Key("")
    tag = text.upper()
    group = int(tag[:4], 16)
    if group in {0x0000, 0x0002} or group >= 0xFFFE:
        return _Key(tag)
    names = representation(tag)
    entry = DICTIONARY.get(int(tag, 16))
    single = entry.flag == ONE if entry else tag in NEWER and tag != _CATEGORY_REFERENCE
    known = frozenset(names.split(" or ")) if names else KNOWN
    return _Key(tag, True, known, single, tag.endswith("0000"))  # noqa: FBT003 - facts


_NO_KEY: Final = _Key("")


def read(model: object) -> Reading:
    """Return a data set as rules look at it, with what was wrong and is left out.

    Never raises, whatever `model` is. After `MOST_FINDINGS` it stops looking.
    """
    reader = _Reader()
    if not isinstance(model, dict):
        message = "The body is no data set. Send an object of DICOM JSON."
        return Reading({}, (Finding("", "", Rule.SYNTAX, message),))
    dataset = reader.data_set(model, Place(), 0)
    return Reading(dataset, tuple(reader.findings[:MOST_FINDINGS]))


class _Reader:
    """Reads one data set and counts what it takes."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._values = 0
        self._characters = 0
        self._is_full = False

    def data_set(self, model: dict[Any, Any], place: Place, depth: int) -> JsonModel:
        """Read a data set, or an item of a sequence."""
        found: dict[str, tuple[_Key, Any]] = {}
        if not self._has_room(place, len(model)):
            return {}
        for text, attribute in model.items():
            # What is no key anyway is not kept in the cache: it may be megabytes.
            is_apt = isinstance(text, str) and len(text) == _LENGTH
            key = _key(text) if is_apt else _NO_KEY
            if key.is_kept and key.tag not in found:
                found[key.tag] = key, attribute
            elif len(self.findings) < MOST_FINDINGS:
                self._refuse(key, found, place)
        dataset: JsonModel = {}
        for tag in sorted(found):
            if len(self.findings) >= MOST_FINDINGS:
                break
            key, attribute = found[tag]
            read_one = None
            if not key.is_group_length:
                read_one = self._attribute(key, attribute, place, depth)
            if read_one is not None:
                dataset[tag] = read_one
        return dataset

    def _tell(self, place: Place, tag: str, rule: Rule, message: str) -> None:
        self.findings.append(place.finding(tag, keyword_of(tag), rule, message))

    def _tell_here(self, place: Place, rule: Rule, message: str) -> None:
        """Tell of a data set, or an item, as a whole."""
        path, name = place.prefix.rstrip("/"), place.label.rstrip(".")
        self.findings.append(Finding(path, name, rule, message))

    def _has_room(self, place: Place, more: int) -> bool:
        """Count so many more; tell once that it is too much."""
        self._values += more
        if self._values <= MOST_VALUES and self._characters <= MOST_CHARACTERS:
            return True
        if not self._is_full:
            self._is_full = True
            message = (
                f"The data set is too large: it may have {MOST_VALUES} attributes, "
                f"items and values, with {MOST_CHARACTERS} characters together."
            )
            self._tell_here(place, Rule.LIMIT, message)
        return False

    def _refuse(
        self, key: _Key, found: dict[str, tuple[_Key, Any]], place: Place
    ) -> None:
        """Tell why a key is not one of the data set."""
        if not key.tag:
            message = (
                "A key of the data set is no tag of eight hexadecimal digits, such as "
                "00741200. Keywords are not taken here."
            )
            self._tell_here(place, Rule.SYNTAX, message)
        elif key.tag in found:
            message = "is there twice, in capital and in small letters."
            self._tell(place, key.tag, Rule.SYNTAX, message)
        else:
            message = "is no attribute of a data set. Leave it out."
            self._tell(place, key.tag, Rule.NOT_ALLOWED, message)

    def _attribute(
        self, key: _Key, attribute: object, place: Place, depth: int
    ) -> dict[str, Any] | None:
        vr = attribute.get("vr") if isinstance(attribute, dict) else None
        if not isinstance(attribute, dict) or not isinstance(vr, str):
            message = 'is no object with a "vr".'
            self._tell(place, key.tag, Rule.SYNTAX, message)
            return None
        if vr not in key.representations:
            wanted = " or ".join(sorted(key.representations))
            wanted = f"; it is {wanted}" if key.representations is not KNOWN else ""
            message = f"has a value representation that is not its own{wanted}."
            self._tell(place, key.tag, Rule.VALUE, message)
            return None
        if len(attribute) == 1:
            return {"vr": vr}
        contents = [name for name in _CONTENTS if name in attribute]
        if not contents:
            return {"vr": vr}
        if vr in BINARY:
            return self._binary(key.tag, attribute, contents, place)
        if contents != ["Value"] or not isinstance(attribute["Value"], list):
            message = f"has no list of values; {vr} is written as Value."
            self._tell(place, key.tag, Rule.SYNTAX, message)
            return None
        if vr == "SQ":
            return self._sequence(key.tag, attribute["Value"], place, depth)
        return self._values_of(key, vr, attribute["Value"], place)

    def _binary(
        self, tag: str, attribute: dict[str, Any], contents: list[str], place: Place
    ) -> dict[str, Any] | None:
        """Read bytes: they have to be in the data set, as nothing else keeps them."""
        if contents != ["InlineBinary"]:
            message = "has no bytes in itself; they are written as InlineBinary."
            self._tell(place, tag, Rule.SYNTAX, message)
            return None
        value, fault = read_binary(attribute["InlineBinary"])
        if fault:
            self._tell(place, tag, Rule.VALUE, f"{fault}.")
            return None
        if not isinstance(value, str):
            return {"vr": attribute["vr"]}
        self._characters += len(value)
        return {"vr": attribute["vr"], "InlineBinary": value}

    def _values_of(
        self, key: _Key, vr: str, values: list[object], place: Place
    ) -> dict[str, Any] | None:
        if not self._has_room(place, len(values)):
            return None
        kept: list[object] = []
        for value in values:
            read_one, fault = read_value(vr, value)
            if fault:
                self._tell(place, key.tag, Rule.VALUE, f"{fault} ({vr}).")
                return None
            self._characters += len(value) if isinstance(value, str) else 8
            kept.append(read_one)
        if not self._has_room(place, 0):
            return None
        if kept.count(None) == len(kept):
            return {"vr": vr}
        if key.is_single and len(kept) > 1:
            message = f"has {len(kept)} values where one is allowed."
            self._tell(place, key.tag, Rule.VALUE, message)
            return None
        return {"vr": vr, "Value": kept}

    def _sequence(
        self, tag: str, items: list[object], place: Place, depth: int
    ) -> dict[str, Any] | None:
        if depth >= DEEPEST:
            message = f"is nested more than {DEEPEST} levels deep."
            self._tell(place, tag, Rule.LIMIT, message)
            return None
        if not self._has_room(place, len(items)):
            return None
        keyword = keyword_of(tag)
        read_items: list[JsonModel] = []
        for number, item in enumerate(items, 1):
            if len(self.findings) >= MOST_FINDINGS:
                return None
            if item is not None and not isinstance(item, dict):
                message = f"has an item (number {number}) that is no data set."
                self._tell(place, tag, Rule.SYNTAX, message)
                return None
            inside = place.item(tag, keyword, number)
            read_items.append(self.data_set(item or {}, inside, depth + 1))
        return {"vr": "SQ", "Value": read_items} if read_items else {"vr": "SQ"}
