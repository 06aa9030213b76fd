"""What an extended query tag is: rules about attributes, without the database: pure."""

from dataclasses import dataclass
from typing import Final

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from core.errors import Invalid
from imaging.fold import storable
from imaging.models import TagLevel
from imaging.part10.validate import LONGEST, check_line
from imaging.query.attributes import resolve
from imaging.query.rules import AZURE_V2
from imaging.query_tags.tag import KINDS

AZURE_VRS: Final = frozenset(
    [
        "AE",
        "AS",
        "CS",
        "DA",
        "DT",
        "FD",
        "FL",
        "IS",
        "LO",
        "PN",
        "SH",
        "SL",
        "SS",
        "TM",
        "UI",
        "UL",
        "US",
    ]
)
"""Those that Azure's DICOM service takes."""

MAXIMUM_DEPTH: Final = 8
_MAXIMUM_PATH: Final = 8 * 80  # keywords are up to 64 characters long
_SHOWN_CHARACTERS: Final = 64
# Searches know these without a tag, in any dialect.
_CORE: Final = AZURE_V2.searchable or frozenset()


@dataclass(frozen=True, slots=True)
class Definition:
    """What somebody asks for, and what it was found to be."""

    path: str
    private_creator: str
    vr: str
    level: TagLevel

    @property
    def identity(self) -> str:
        """Return what two tags of the same attribute have in common."""
        if not self.private_creator:
            return self.path
        return f"{self.path[:-4]}xx{self.path[-2:]}|{self.private_creator}"


def define(
    path: str, *, level: str, vr: str = "", private_creator: str = ""
) -> Definition:
    """Return the tag that is asked for.

    Parameters
    ----------
    path
        A keyword or 8 hexadecimal digits; inside of sequences several, with dots.
    level
        `study`, `series` or `instance`, in any case.
    vr
        May be left out where the dictionary knows it.

    Raises
    ------
    Invalid
        `path` of the error names the member at fault.
    """
    tags = canonical(path).split(".")
    leaf = int(tags[-1], 16)
    for tag in tags[:-1]:
        if int(tag[3], 16) & 1 or dictionary_VR(int(tag, 16)) != "SQ":
            message = f"{tag} in the path is no sequence of the standard."
            raise Invalid(message, path="path")
    if len(tags) == 1 and tags[0] in _CORE:
        message = f"{tags[0]} can be searched for without a tag."
        raise Invalid(message, path="path")
    creator = _creator(leaf, storable(private_creator))
    return Definition(".".join(tags), creator, _vr(leaf, vr), _level(level))


def canonical(path: str) -> str:
    """Return a path in hexadecimal digits.

    Raises
    ------
    Invalid
        It names no attribute of a data set.
    """
    tags = resolve(path) if len(path) <= _MAXIMUM_PATH else None
    if not tags:
        message = (
            "The path must be a keyword, or eight hexadecimal digits; inside of"
            " sequences several of these, with dots between."
        )
        raise Invalid(message, path="path")
    parts = tags.split(".")
    if len(parts) > MAXIMUM_DEPTH or not all(map(_is_of_data_set, parts)):
        message = f"{path[:_SHOWN_CHARACTERS]} is no attribute that can be indexed."
        raise Invalid(message, path="path")
    return tags


def _is_of_data_set(tag: str) -> bool:
    """Return whether it can be in one: no group length, no file meta information."""
    return "0008" <= tag[:4] < "FFFE" and tag[4:] != "0000"


def _creator(tag: int, given: str) -> str:
    """Return the private creator of a tag; empty for one that can have none."""
    element = tag & 0xFFFF
    is_private = bool(tag >> 16 & 1)
    if is_private and not 0x10 <= element <= 0xFF and element < 0x1000:
        message = "A private tag stands in a block: its element is 1000 or above."
        raise Invalid(message, path="path")
    if not is_private or element <= 0xFF:
        if given:
            message = "Only a private tag that stands in a block has a privateCreator."
            raise Invalid(message, path="privateCreator")
        return ""
    if not given:
        message = "A private tag needs its privateCreator."
        raise Invalid(message, path="privateCreator")
    if fault := check_line(given, LONGEST["LO"]):
        message = f"The privateCreator must be a value of LO: it {fault}."
        raise Invalid(message, path="privateCreator")
    return given


def _vr(tag: int, given: str) -> str:
    """Return the value representation: that given, if it may be, or the only one."""
    legal = _legal(tag)
    if given and given not in KINDS:
        message = f"vr must be one of {', '.join(sorted(KINDS))}."
        raise Invalid(message, path="vr")
    if not given and not legal:
        message = "A private tag needs its vr."
        raise Invalid(message, path="vr")
    vr = given or legal[0]
    if (legal and vr not in legal) or vr not in KINDS:
        message = f"{tag:08X} is {' or '.join(legal)}: it cannot be indexed as {vr}."
        raise Invalid(message, path="vr")
    return vr


def _legal(tag: int) -> list[str]:
    if dictionary_has_tag(tag):
        return dictionary_VR(tag).split(" or ")
    return ["LO"] if tag & 0xFFFF <= 0xFF else []  # a private creator


def _level(given: str) -> TagLevel:
    try:
        return TagLevel(given.lower())
    except ValueError as error:
        message = f"level must be one of {', '.join(TagLevel.values)}."
        raise Invalid(message, path="level") from error
