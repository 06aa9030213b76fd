"""A query tag, as those know it who keep values and who look for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydicom.datadict import keyword_for_tag

from imaging.levels import Kind, Level
from imaging.models import TagLevel

KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("AE", "LO", "LT", "SH", "ST", "UC", "UR", "UT"), Kind.TEXT),
    **dict.fromkeys(("AS", "CS"), Kind.CODE),
    **dict.fromkeys(
        ("DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"), Kind.DECIMAL
    ),
    "DA": Kind.DATE,
    "DT": Kind.MOMENT,
    "PN": Kind.NAME,
    "TM": Kind.TIME,
    "UI": Kind.UID,
}
"""How values are compared, by value representation: all that a tag can have."""

LEVELS: Final = {
    TagLevel.STUDY: Level.STUDY,
    TagLevel.SERIES: Level.SERIES,
    TagLevel.INSTANCE: Level.INSTANCE,
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as far as values and searches need to know it.

    Attributes
    ----------
    path
        Of the element: the sequences that it stands in, and itself.
    """

    id: int
    path: tuple[str, ...]
    vr: str
    private_creator: str
    level: Level

    @property
    def kind(self) -> Kind:
        """Return how its values are compared."""
        return KINDS[self.vr]

    @property
    def name(self) -> str:
        """Return what it is called where that can be: keywords, else digits."""
        return name_of(".".join(self.path))


def name_of(path: str) -> str:
    """Return what the attribute of a path is called: keywords, else digits."""
    return ".".join(keyword_for_tag(int(tag, 16)) or tag for tag in path.split("."))
