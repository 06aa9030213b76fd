"""The attributes of a workitem as objects: table CC.2.5-3 with its macros put in.

The data is `worklist.rules.attributes_table`; this module reads it once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from imaging.part10.dictionary_table import BIG_ENDIAN as DICTIONARY
from imaging.part10.dictionary_table import keyword
from worklist.rules.attributes_table import (
    CANCEL_REQUEST,
    ENUMERATED,
    MACROS,
    NEWER,
    TABLE,
)

NOT_ALLOWED: Final = "no"
SERVER: Final = "server"
LOCK: Final = "lock"


class Usage(NamedTuple):
    """Who has to send or keep an attribute (DICOM PS3.4 5.4.2.1).

    Attributes
    ----------
    scu
        ``1``, ``1C``, ``2``, ``2C``, ``3`` or ``-`` of who sends; `NOT_ALLOWED`; or
        `SERVER` or `LOCK`, which have rules of their own.
    scp
        The same of the server: with ``1`` and ``1C`` it has to hold a value.
    value
        What the value has to be: ``empty``, or the value itself; mostly nothing.
    """

    scu: str
    scp: str = ""
    value: str = ""

    @property
    def is_conditional(self) -> bool:
        """Return whether it has to be there under a condition alone."""
        return self.scu in {"1C", "2C"}

    @property
    def has_value(self) -> bool:
        """Return whether it has to have a value where it is there."""
        return self.value != "empty" and self.scu != "2" and self.scp in {"1", "1C"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A row of the table.

    Attributes
    ----------
    path
        8 hexadecimal digits for each level, joined by dots (DICOM PS3.18 8.3.4.1).
    keyword
        Of the attribute itself, without those of its sequences.
    vr
        As the dictionary has it; with several joined by " or ".
    module
        Of the UPS information object, empty for Transaction UID.
    final
        The final state code: ``R``, ``RC``, ``P``, ``X`` or ``O``.
    matching
        The type of matching key: ``R``, ``U``, ``O`` or ``-``.
    returned
        The type of return key: ``1``, ``1C``, ``2``, ``2C``, ``3`` or ``-``.
    condition
        Names what makes it required, in `worklist.rules.conditions`; mostly empty.
    children
        The attributes of its items, by tag.
    """

    path: str
    tag: str
    keyword: str
    vr: str
    module: str
    create: Usage
    update: Usage
    final: str
    get: Usage
    matching: str
    returned: str
    condition: str
    enumerated: tuple[str, ...]
    children: Mapping[str, "Attribute"]

    def walk(self) -> Iterator["Attribute"]:
        """Yield it and all attributes of its items, as the table has them."""
        yield self
        for child in self.children.values():
            yield from child.walk()


class _Line(NamedTuple):
    depth: int
    cells: tuple[str, ...]
    condition: str
    module: str


def _usage(text: str) -> Usage:
    usage, _, value = text.partition(":")
    scu, _, scp = usage.partition("/")
    return Usage(scu, scp, value)


def _lines(text: str, depth: int = 0, module: str = "") -> Iterator[_Line]:
    """Yield the lines with the macros that they include."""
    for line in text.strip().splitlines():
        bare = line.lstrip(">")
        level = depth + len(line) - len(bare)
        if bare.startswith("= "):
            module = bare[2:]
        elif bare.startswith("+ "):
            yield from _lines(MACROS[bare[2:]], level, module)
        else:
            row, _, condition = bare.partition(" ?")
            yield _Line(level, tuple(row.split()), condition, module)


def representation(tag: str) -> str:
    """Return the VR that the dictionary has for a tag, empty where it knows none."""
    entry = DICTIONARY.get(int(tag, 16))
    return entry.vr if entry else NEWER.get(tag, "")


def _read(text: str) -> dict[str, Attribute]:
    """Return the attributes of a data set by their tags."""
    root: dict[str, Attribute] = {}
    above: list[tuple[str, str, dict[str, Attribute]]] = [("", "-", root)]
    for line in _lines(text):
        keyword, tag, create, update, final, get, matching, returned = line.cells
        del above[line.depth + 1 :]
        parent, matched, siblings = above[-1]
        path = f"{parent}.{tag}" if parent else tag
        matching = matched if matching == "*" else matching
        children: dict[str, Attribute] = {}
        siblings[tag] = Attribute(
            path=path,
            tag=tag,
            keyword=keyword,
            vr=representation(tag),
            module=line.module,
            create=_usage(create),
            update=_usage(update),
            final=final,
            get=_usage(get),
            matching=matching,
            returned=returned,
            condition=line.condition,
            enumerated=ENUMERATED.get(keyword, ()),
            children=children,
        )
        above.append((path, matching, children))
    return root


ATTRIBUTES: Final[Mapping[str, Attribute]] = _read(TABLE)
"""Those of the data set itself by their tags, the others below them."""

CANCEL_REQUEST_ATTRIBUTES: Final[Mapping[str, Attribute]] = _read(CANCEL_REQUEST)
"""What a request to cancel may say (table CC.2.2-1), by tag."""

BY_PATH: Final[Mapping[str, Attribute]] = {
    attribute.path: attribute for top in ATTRIBUTES.values() for attribute in top.walk()
}
"""All rows by their paths."""

MATCHING_KEYS: Final = tuple(
    attribute
    for attribute in BY_PATH.values()
    if attribute.matching != "-" and attribute.vr != "SQ"
)
"""The attributes that a search has to (``R``, ``U``) or may (``O``) match."""

RETURN_KEYS: Final = tuple(
    attribute.tag
    for attribute in ATTRIBUTES.values()
    if attribute.returned in {"1", "1C", "2", "2C"}
)
"""Tags that a search answers by default where they are held (PS3.18 11.9.2).

A sequence is answered whole.
"""

_KEYWORDS: Final = {attribute.tag: attribute.keyword for attribute in BY_PATH.values()}


def keyword_of(tag: str) -> str:
    """Return the keyword of a tag in hexadecimal, empty where it has none."""
    return keyword(int(tag, 16)) or _KEYWORDS.get(tag, "")
