"""The XHTML of narratives: only what formats text, nothing that acts (pure).

References
----------
FHIR R4 2.25.0 Narrative, txt-1 and txt-2.
"""

from typing import Any, Final
from xml.parsers import expat

from fhirlink.validation.narrative_table import ATTRIBUTES, ELEMENTS, NAMESPACE

_ADDRESSES: Final = frozenset({"href", "src", "cite", "longdesc", "usemap"})
_ACTING: Final = ("javascript:", "vbscript:", "data:text", "data:application")
_DEEPEST: Final = 100


class _Refused(Exception):
    """A narrative has what it may not; says what."""


def check_narrative(value: Any) -> str | None:
    """Return what is wrong with the value of ``Narrative.div``, or nothing."""
    if type(value) is not str:
        return "must be a text"
    reading = _Reading()
    try:
        reading.read(value)
    except expat.ExpatError:
        return "must be well-formed XHTML, one div around all"
    except _Refused as error:
        return str(error)
    if not reading.has_content:
        return "must have some text or an image (txt-2)"
    return None


class _Reading:
    """Reads one narrative, and stops at what must not be there."""

    def __init__(self) -> None:
        self.has_content = False
        self._depth = 0

    def read(self, text: str) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._declaration
        parser.ProcessingInstructionHandler = self._declaration
        parser.XmlDeclHandler = self._declaration
        # To a reader of HTML they end earlier, and what follows would act.
        parser.StartCdataSectionHandler = self._declaration
        parser.CommentHandler = self._comment
        parser.Parse(text.encode(), True)  # noqa: FBT003 it takes no name

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            message = f"must not be nested deeper than {_DEEPEST} elements"
            raise _Refused(message)
        if self._depth == 1 and (name, attributes.get("xmlns")) != ("div", NAMESPACE):
            message = f'must be a div of XHTML: <div xmlns="{NAMESPACE}">'
            raise _Refused(message)
        if name not in ELEMENTS:
            message = f"must not have the element {name[:40]!r} (txt-1)"
            raise _Refused(message)
        self.has_content = self.has_content or name == "img"
        for attribute, value in attributes.items():
            self._attribute(attribute, value)

    def _attribute(self, name: str, value: str) -> None:
        if name not in ATTRIBUTES:
            message = f"must not have the attribute {name[:40]!r} (txt-1)"
            raise _Refused(message)
        if name in _ADDRESSES:
            plain = "".join(value.split()).lower()
            if plain.startswith(_ACTING):
                message = f"must not have an address that acts in {name!r} (txt-1)"
                raise _Refused(message)

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _text(self, text: str) -> None:
        self.has_content = self.has_content or not text.isspace()

    def _declaration(self, *given: object) -> None:
        message = "must not have declarations, sections or instructions of XML"
        raise _Refused(message)

    def _comment(self, text: str) -> None:
        if text.startswith((">", "->")):
            message = "must not have comments that HTML would end at once"
            raise _Refused(message)
