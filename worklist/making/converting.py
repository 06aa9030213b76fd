"""Values of FHIR and DICOM JSON as values of an attribute: pure.

What a value is, its form tells: of a HumanName a PN is made, of a CodeableConcept an
item of a code sequence, of a dateTime a DT, DA or TM. What cannot be made one of the
attribute is left out. Text is cut to what its representation allows where a cut leaves
it readable; identifiers are not cut, as they would be others then.

References
----------
DICOM PS3.5 6.2, PS3.3 8.8; FHIR R4 2.24.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fhirlink.linkage.codes import SYSTEMS
from imaging.part10 import JsonModel
from worklist.making.paths import written
from worklist.making.timing import read_moment

Json = Any

UNKNOWN_SCHEME: Final = "99FHIR"
"""Of codes whose system DICOM has no designator for (PS3.16 8.2: private ones)."""
DAY: Final = 10  # characters of a date of FHIR; more have a time

_SCHEMES: Final = {system: scheme for scheme, system in [*SYSTEMS.items()][::-1]}
_LONGEST_CODE: Final = 16
_LONGEST: Final = {"LO": 64, "ST": 1024, "LT": 10240}  # of text that is cut
_LONGEST_MEANING: Final = 64
_NUMBERS: Final = frozenset(
    {"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"}
)
_PN_GROUPS: Final = frozenset({"Alphabetic", "Ideographic", "Phonetic"})
_SEX: Final = "00100040"
_PRIORITY: Final = "00741200"
_CODES: Final[Mapping[str, Mapping[str, str]]] = {
    _SEX: {"male": "M", "female": "F", "other": "O", "unknown": ""},
    # PS3.3 C.30.1: HIGH is STAT, LOW is routine; FHIR R4 request-priority.
    _PRIORITY: {"stat": "HIGH", "asap": "HIGH", "urgent": "MEDIUM", "routine": "LOW"},
}
"""Codes of FHIR that DICOM calls otherwise, by the attribute."""


def converted(tag: str, vr: str, values: Sequence[Json]) -> list[Any]:
    """Return values as those of an attribute, as DICOM JSON has them."""
    convert = _CONVERTERS.get(vr, _text)
    found = (convert(each) for each in values)
    made = [each for each in found if each not in ("", None)]
    if codes := _CODES.get(tag):
        made = [code for each in made if (code := codes.get(each, each))]
    if longest := _LONGEST.get(vr):
        made = [each[:longest].rstrip() for each in made]
    return made


def text_of(value: Json) -> str:
    """Return what people read of a value; empty where that is nothing."""
    if isinstance(value, str):  # most are
        return value.strip("\0 ")
    if isinstance(value, Mapping):
        return _text_of_object(value)
    return written(value).strip("\0 ")


def concept_item(value: Json) -> JsonModel | None:
    """Return a CodeableConcept, Coding or code of FHIR as an item; else None."""
    if not isinstance(value, Mapping):
        return None
    codings = value.get("coding")
    found = codings if isinstance(codings, list) else [value]
    coded = [each for each in found if isinstance(each, Mapping) and each.get("code")]
    if not coded:
        return None
    # One that DICOM has a scheme for, rather than another.
    coding = next((each for each in coded if each.get("system") in _SCHEMES), coded[0])
    code = text_of(coding["code"])
    scheme = _SCHEMES.get(coding.get("system", ""), UNKNOWN_SCHEME)
    meaning = text_of(coding.get("display")) or text_of(value.get("text")) or code
    return code_item(code, scheme, meaning)


def code_item(code: str, scheme: str, meaning: str) -> JsonModel:
    """Return an item of a code sequence (DICOM PS3.3 8.8)."""
    short = len(code) <= _LONGEST_CODE
    tag, vr = ("00080100", "SH") if short else ("00080119", "UC")
    return {
        tag: {"vr": vr, "Value": [code]},
        "00080102": {"vr": "SH", "Value": [scheme]},
        "00080104": {"vr": "LO", "Value": [meaning[:_LONGEST_MEANING].strip()]},
    }


def _text_of_object(value: Mapping[str, Json]) -> str:
    """Return what people read of a name, a concept, a reference or an identifier."""
    if _PN_GROUPS & value.keys():
        return next((text_of(each) for each in value.values() if each), "")
    for name in ("text", "display"):
        if found := text_of(value.get(name)):
            return found
    codings = value.get("coding")
    for each in codings if isinstance(codings, list) else ():
        if isinstance(each, Mapping) and (found := text_of(each.get("display"))):
            return found
    if "value" in value:
        unit = text_of(value.get("unit"))
        return f"{text_of(value['value'])} {unit}".rstrip()
    if {"family", "given"} & value.keys():
        return " ".join([*_texts(value.get("given")), text_of(value.get("family"))])
    return text_of(value.get("code")) or text_of(value.get("reference"))


def _texts(values: Json) -> list[str]:
    return [text_of(each) for each in values] if isinstance(values, list) else []


def _text(value: Json) -> str:
    return text_of(value)


def _name(value: Json) -> Json:
    if isinstance(value, Mapping):
        if _PN_GROUPS & value.keys():
            return value
        parts = [
            text_of(value.get("family")),
            *_given(_texts(value.get("given"))),
            " ".join(_texts(value.get("prefix"))),
            " ".join(_texts(value.get("suffix"))),
        ]
        name = "^".join(_component(part) for part in parts).rstrip("^")
        # Of a name that is given as a text alone nobody knows the parts.
        name = name or _component(text_of(value))
    else:
        name = text_of(value).replace("=", " ").replace("\\", " ")
    return {"Alphabetic": name} if name else None


def _given(names: Sequence[str]) -> tuple[str, str]:
    """Return the first given name and the others, which DICOM keeps apart."""
    return (names[0], " ".join(names[1:])) if names else ("", "")


def _component(text: str) -> str:
    """Return a part of a name without what separates parts and groups."""
    for mark in "^=\\":
        text = text.replace(mark, " ")
    return text.strip()


def _item(value: Json) -> JsonModel | None:
    if isinstance(value, Mapping) and any(len(key) == 8 for key in value):
        return dict(value)  # an item already
    return concept_item(value)


def _date_time(value: Json) -> str:
    text = value if isinstance(value, str) else ""
    if text[:8].isdigit():
        return text.strip("\0 ")  # DICOM's own, with the zone it has or has not
    read = read_moment(value)
    return "" if read is None else f"{read:%Y%m%d%H%M%S}+0000"


def _date(value: Json) -> str:
    text = value if isinstance(value, str) else ""
    if text[:8].isdigit():
        return text[:8]
    if len(text) == DAY:
        return text.replace("-", "") if read_moment(text) else ""
    read = read_moment(value)
    return "" if read is None else f"{read:%Y%m%d}"


def _time(value: Json) -> str:
    read = read_moment(value)
    text = text_of(value)
    if read is None:
        return text if text[:2].isdigit() else ""
    return "" if len(text) <= DAY else f"{read.astimezone(dt.UTC):%H%M%S}"


def _uid(value: Json) -> str:
    return text_of(value).removeprefix("urn:oid:")


def _number(value: Json) -> Json:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return _number(value.get("value"))
    try:
        return float(value) if "." in value else int(value)
    except (TypeError, ValueError):
        return None


_CONVERTERS: Final[Mapping[str, Callable[[Json], Any]]] = {
    "PN": _name,
    "SQ": _item,
    "DT": _date_time,
    "DA": _date,
    "TM": _time,
    "UI": _uid,
    **dict.fromkeys(_NUMBERS, _number),
}
