"""A data set in DICOM JSON from outside made into one that rules can look at: pure.

What comes back is well-formed, whatever came: keys are tags in capitals and in order,
each attribute has the VR of the dictionary and values of it, or none; items are data
sets. What was otherwise is told of and left out. (DICOM PS3.18 annex F, PS3.5 6.2.)
"""

import re
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


class Reading(NamedTuple):
    """What was read, and what is wrong with it."""

    dataset: JsonModel
    findings: tuple[Finding, ...]


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

    @property
    def _is_over(self) -> bool:
        return len(self.findings) >= MOST_FINDINGS

    def data_set(self, model: dict[Any, Any], place: Place, depth: int) -> JsonModel:
        """Read a data set, or an item of a sequence."""
        found: dict[str, Any] = {}
        for key, attribute in model.items():
            tag = self._tag(key, found, place)
            if self._is_over or not self._has_room(tag, place):
                break
            if tag:
                found[tag] = attribute
        dataset: JsonModel = {}
        for tag in sorted(found):
            if self._is_over:
                break
            attribute = self._attribute(tag, found[tag], place, depth)
            if attribute is not None:
                dataset[tag] = attribute
        return dataset

    def _tell(self, place: Place, tag: str, rule: Rule, message: str) -> None:
        self.findings.append(place.finding(tag, keyword_of(tag), rule, message))

    def _has_room(self, tag: str, place: Place) -> bool:
        """Count one more; tell once that it is too much."""
        self._values += 1
        if self._values <= MOST_VALUES and self._characters <= MOST_CHARACTERS:
            return True
        message = (
            f"The data set is too large: it may have {MOST_VALUES} attributes, items "
            f"and values, with {MOST_CHARACTERS} characters together."
        )
        if not any(finding.rule is Rule.LIMIT for finding in self.findings):
            finding = Finding(place.prefix + tag, place.label, Rule.LIMIT, message)
            self.findings.append(finding)
        return False

    def _tag(self, key: object, found: dict[str, Any], place: Place) -> str:
        """Return the tag of a key, empty where it is none or nothing to keep."""
        if not isinstance(key, str) or not _TAG.fullmatch(key):
            message = (
                "A key of the data set is no tag of eight hexadecimal digits, such as "
                "00741200. Keywords are not taken here."
            )
            finding = Finding(
                place.prefix.rstrip("/"), place.label.rstrip("."), Rule.SYNTAX, message
            )
            self.findings.append(finding)
            return ""
        tag = key.upper()
        group, element = int(tag[:4], 16), int(tag[4:], 16)
        if group in {0x0000, 0x0002} or group >= 0xFFFE:
            message = "is no attribute of a data set. Leave it out."
            self._tell(place, tag, Rule.NOT_ALLOWED, message)
            return ""
        if tag in found:
            message = "is there twice, in capital and in small letters."
            self._tell(place, tag, Rule.SYNTAX, message)
            return ""
        return tag if element else ""  # a group length says nothing (F.2.2)

    def _attribute(
        self, tag: str, attribute: object, place: Place, depth: int
    ) -> dict[str, Any] | None:
        vr = attribute.get("vr") if isinstance(attribute, dict) else None
        if not isinstance(attribute, dict) or not isinstance(vr, str):
            message = 'is no object with a "vr".'
            self._tell(place, tag, Rule.SYNTAX, message)
            return None
        expected = representation(tag)
        if vr not in KNOWN or (expected and vr not in expected.split(" or ")):
            wanted = f"; it is {expected}" if expected else ""
            message = f"has a value representation that is not its own{wanted}."
            self._tell(place, tag, Rule.VALUE, message)
            return None
        contents = [name for name in _CONTENTS if name in attribute]
        if not contents:
            return {"vr": vr}
        if vr in BINARY:
            return self._binary(tag, vr, attribute, contents, place)
        if contents != ["Value"] or not isinstance(attribute["Value"], list):
            message = f"has no list of values; {vr} is written as Value."
            self._tell(place, tag, Rule.SYNTAX, message)
            return None
        if vr == "SQ":
            return self._sequence(tag, attribute["Value"], place, depth)
        return self._values_of(tag, vr, attribute["Value"], place)

    def _binary(
        self,
        tag: str,
        vr: str,
        attribute: dict[str, Any],
        contents: list[str],
        place: Place,
    ) -> dict[str, Any] | None:
        """Read bytes: they have to be in the data set, as nothing else keeps them."""
        if contents != ["InlineBinary"]:
            message = f"has no bytes in itself; {vr} is written as InlineBinary."
            self._tell(place, tag, Rule.SYNTAX, message)
            return None
        value, fault = read_binary(attribute["InlineBinary"])
        if fault:
            self._tell(place, tag, Rule.VALUE, f"{fault}.")
            return None
        if not isinstance(value, str):
            return {"vr": vr}
        self._characters += len(value)
        return {"vr": vr, "InlineBinary": value}

    def _values_of(
        self, tag: str, vr: str, values: list[object], place: Place
    ) -> dict[str, Any] | None:
        kept: list[object] = []
        for value in values:
            if not self._has_room(tag, place):
                return None
            read_one, fault = read_value(vr, value)
            if fault:
                self._tell(place, tag, Rule.VALUE, f"{fault} ({vr}).")
                return None
            self._characters += len(value) if isinstance(value, str) else 8
            kept.append(read_one)
        if not any(value is not None for value in kept):
            return {"vr": vr}
        if len(kept) > 1 and _is_single(tag):
            message = f"has {len(kept)} values where one is allowed."
            self._tell(place, tag, Rule.VALUE, message)
            return None
        return {"vr": vr, "Value": kept}

    def _sequence(
        self, tag: str, items: list[object], place: Place, depth: int
    ) -> dict[str, Any] | None:
        if depth >= DEEPEST:
            message = f"is nested more than {DEEPEST} levels deep."
            self._tell(place, tag, Rule.LIMIT, message)
            return None
        read_items: list[JsonModel] = []
        for number, item in enumerate(items, 1):
            if self._is_over or not self._has_room(tag, place):
                return None
            if item is not None and not isinstance(item, dict):
                message = f"has an item (number {number}) that is no data set."
                self._tell(place, tag, Rule.SYNTAX, message)
                return None
            inside = place.item(tag, keyword_of(tag), number)
            read_items.append(self.data_set(item or {}, inside, depth + 1))
        return {"vr": "SQ", "Value": read_items} if read_items else {"vr": "SQ"}


def _is_single(tag: str) -> bool:
    entry = DICTIONARY.get(int(tag, 16))
    return entry.flag == ONE if entry else tag in NEWER and tag != "00100047"
