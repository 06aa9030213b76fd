"""From words to DICOM JSON: codes, people and times as workitems have them: pure."""

import re
from typing import Any, Final, NamedTuple

from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.rules import ATTRIBUTES

_LONGEST_CODE: Final = 16  # of SH; longer ones are Long Code Values
_LONGEST_TEXT: Final = 64  # of LO, and of a group of PN
_SEPARATORS: Final = re.compile(r"[\\^=\x00-\x1f\x7f]+")


class Code(NamedTuple):
    """A code, its scheme and what it means."""

    value: str
    scheme: str
    meaning: str

    def item(self) -> JsonModel:
        """Return it as an item of a code sequence (DICOM PS3.3 8.8)."""
        is_long = len(self.value) > _LONGEST_CODE
        keyword, vr = ("LongCodeValue", "UC") if is_long else ("CodeValue", "SH")
        return {
            **attribute(keyword, vr, self.value),
            **attribute("CodingSchemeDesignator", "SH", self.scheme),
            **attribute("CodeMeaning", "LO", self.meaning),
        }


def attribute(keyword: str, vr: str, *values: Any) -> JsonModel:
    """Return a data set of one attribute; without values it is empty."""
    held = [value for value in values if value is not None and value != ""]
    return {tag_of(keyword): {"vr": vr, "Value": held} if held else {"vr": vr}}


def person_name(first: str, last: str) -> str:
    """Return a name as PN writes it."""
    parts = (_SEPARATORS.sub(" ", part).strip() for part in (last, first))
    return "^".join(parts).rstrip("^")[:_LONGEST_TEXT]


def short_text(text: str) -> str:
    """Return as much of a text as LO may hold."""
    return _SEPARATORS.sub(" ", text).strip()[:_LONGEST_TEXT]


def empty_workitem() -> JsonModel:
    """Return what has to be sent of a workitem even without a value: type 2."""
    return {
        tag: {"vr": each.vr}
        for tag, each in ATTRIBUTES.items()
        if each.create.scu == "2"
    }
