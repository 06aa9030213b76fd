"""Clinical documents (HL7 CDA, release 2): their narrative, to be shown as a report is.

The narrative is what its author signed and what shall be shown (CDA 4.3.5): titles and
text of sections. Whoever wrote the document may have written anything: it is read in
one pass, a DTD is refused, so that there are no entities, and of elements nothing but
their text is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from imaging.reports import wording
from imaging.reports.document import Item, Piece, Report
from imaging.reports.reading import MOST_DEPTH, MOST_ITEMS

MOST_BYTES: Final = 4 << 20
"""Of a document that is shown."""

_NAMESPACE: Final = "urn:hl7-org:v3 "
_BLOCKS: Final = frozenset(
    {"text", "paragraph", "list", "item", "caption", "table", "tr", "footnote", "br"}
)
_CELLS: Final = frozenset({"td", "th"})
_BETWEEN_CELLS: Final = " | "
# What is told of the document, by the names of the elements around it.
_FACTS: Final = {
    ("ClinicalDocument", "effectiveTime"): "Written",
    ("recordTarget", "patientRole", "patient", "name"): "Patient",
    ("recordTarget", "patientRole", "patient", "birthTime"): "Born",
    ("author", "assignedAuthor", "assignedPerson", "name"): "Author",
    ("author", "assignedAuthor", "representedOrganization", "name"): "Institution",
}
_MOST_WORDS: Final = 60  # of a fact
_MOST_ELEMENTS: Final = 256  # inside of each other: deeper than any narrative
_PIECE_BYTES: Final = 64 * 1024


class Unreadable(Exception):
    """A document is no CDA that can be shown; its text says why."""


def read_clinical_document(document: bytes) -> Report:
    """Return what is shown of a clinical document.

    Raises
    ------
    Unreadable
        It is not well-formed, has a DTD or is no clinical document.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    reader = _Reader()
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        _feed(parser, memoryview(document))
    except (expat.ExpatError, LookupError, ValueError) as error:
        message = "it is not well-formed"
        raise Unreadable(message) from error
    return reader.report()


def _feed(parser: expat.XMLParserType, document: memoryview) -> None:
    """Parse a piece at a time: a tag without end would hold up all other threads."""
    for start in range(0, len(document), _PIECE_BYTES):
        piece = document[start : start + _PIECE_BYTES]
        parser.Parse(piece, False)  # noqa: FBT003
        if start + len(piece) - parser.CurrentByteIndex > 2 * _PIECE_BYTES:
            message = "a tag of it is too long"
            raise Unreadable(message)
    parser.Parse(b"", True)  # noqa: FBT003


def _refuse_dtd(*_args: object) -> None:
    message = "it has a DTD"
    raise Unreadable(message)


@dataclass(slots=True)
class _Section:
    title: str = ""
    blocks: list["str | _Section"] = field(default_factory=list)


class _Reader:
    """Collects sections, and lines of text between the ends of blocks."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._sections = [_Section()]
        self._pieces: list[str] = []
        self._facts: dict[str, list[str]] = {}
        self._blocks = MOST_ITEMS
        self._narratives = 0  # elements `text` that are open
        self._is_cut = False

    def report(self) -> Report:
        """Return what was read."""
        root = self._sections[0]
        facts = [(label, " ".join(texts)) for label, texts in self._facts.items()]
        items = tuple(_items(root, "1"))
        title = root.title or "Clinical Document"
        return Report(title, tuple(facts), items, self._is_cut)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the begin of an element."""
        local = name.removeprefix(_NAMESPACE)
        if not self._path and local != "ClinicalDocument":
            message = "it is no clinical document"
            raise Unreadable(message)
        if len(self._path) >= _MOST_ELEMENTS:
            message = "its elements are nested too deep"
            raise Unreadable(message)
        self._path.append(local)
        if local == "section":
            self._open_section()
        elif self._path[-2:] == ["section", "text"]:
            self._narratives += 1
        if self._narratives and local in _BLOCKS:
            self._flush()
        if "value" in attributes:
            self._note(wording.moment(attributes["value"]))

    def end(self, _name: str) -> None:
        """Take the end of the element that was opened last."""
        local = self._path.pop()
        if self._narratives and local in _BLOCKS:
            self._flush()
        elif self._narratives and local in _CELLS:
            self._pieces.append(_BETWEEN_CELLS)
        if local == "text" and self._path[-1:] == ["section"]:
            self._narratives -= 1
        elif local == "title":
            self._sections[-1].title = self._taken()
        elif local == "section" and len(self._sections) > 1:
            self._sections.pop()

    def text(self, data: str) -> None:
        """Take characters: narrative, a title, or part of a name."""
        if self._narratives or self._path[-1:] == ["title"]:
            self._pieces.append(data)
        elif data.strip():
            self._note(wording.clean(" ".join(data.split())))

    def _note(self, told: str) -> None:
        """Keep what is a fact; a name may be written in elements of its own."""
        for path in (self._path, self._path[:-1]):
            for place, label in _FACTS.items():
                if tuple(path[-len(place) :]) == place:
                    found = self._facts.setdefault(label, [])
                    found += [told] if len(found) < _MOST_WORDS else []

    def _open_section(self) -> None:
        if len(self._sections) > MOST_DEPTH or self._blocks <= 0:
            self._is_cut = True
        section = _Section()
        if not self._is_cut:
            self._blocks -= 1
            self._sections[-1].blocks.append(section)
        self._sections.append(section)

    def _flush(self) -> None:
        line = self._taken().removesuffix(_BETWEEN_CELLS.rstrip()).strip()
        if line and self._blocks > 0:
            self._blocks -= 1
            self._sections[-1].blocks.append(line)
        elif line:
            self._is_cut = True

    def _taken(self) -> str:
        line = " ".join("".join(self._pieces).split())
        self._pieces.clear()
        return wording.clean(line)


def _items(section: _Section, number: str) -> Iterator[Item]:
    for place, block in enumerate(section.blocks, 1):
        path = f"{number}.{place}"
        if isinstance(block, str):
            yield Item(path, "", "", (Piece(block),), (), is_container=False)
        else:
            below = tuple(_items(block, path))
            yield Item(path, "", block.title, (), below, is_container=True)
