"""Who or what is to do the work, as rules write it: pure.

A station is ``code, scheme, meaning``, as the standard writes codes (DICOM PS3.16 7.2);
a person is ``code, scheme, name, organization``, all of which a workitem must say
(PS3.4 table CC.2.5-3), or named: an account, or a Practitioner of the record, which the
portal knows all that of (`worklist.making.who`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from core.errors import Invalid
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist.making.converting import code_item

Known = Mapping[str, JsonModel]
"""Items of people by how rules name them."""

NOBODY: Final[Known] = MappingProxyType({})
STATIONS: Final = tag_of("ScheduledStationNameCodeSequence")
PERFORMERS: Final = tag_of("ScheduledHumanPerformersSequence")
_CODE: Final = tag_of("HumanPerformerCodeSequence")
_NAME: Final = tag_of("HumanPerformerName")
_ORGANIZATION: Final = tag_of("HumanPerformerOrganization")


def station(text: str, path: str) -> dict[str, Any]:
    """Return the attribute of a station.

    Raises
    ------
    Invalid
        It is written otherwise.
    """
    parts = _parts(text)
    if len(parts) != 3:
        message = "A station is written as code, scheme, meaning: CT1, 99HOUSE, CT 1."
        raise Invalid(message, path=path)
    return {"vr": "SQ", "Value": [code_item(*parts)]}


def is_name(text: str) -> bool:
    """Return whether a person is named, rather than written with all that is said."""
    return len(_parts(text)) == 1 and "," not in text


def performer(text: str, path: str, known: Known = NOBODY) -> dict[str, Any]:
    """Return the attribute of a person.

    Parameters
    ----------
    known
        Those who may be named, by their names.

    Raises
    ------
    Invalid
        It is written otherwise.
    """
    if person := known.get(text.strip()):
        return {"vr": "SQ", "Value": [person]}
    parts = _parts(text)
    if len(parts) != 4:
        message = (
            "A person is the name of an account, Practitioner/id, or code, scheme,"
            " name, organization: jdoe, 99HOUSE, Doe^Jane, Radiology."
        )
        raise Invalid(message, path=path)
    code, scheme, name, organization = parts
    item = {
        _ORGANIZATION: {"vr": "LO", "Value": [organization]},
        _NAME: {"vr": "PN", "Value": [{"Alphabetic": name}]},
        _CODE: {"vr": "SQ", "Value": [code_item(code, scheme, name.replace("^", " "))]},
    }
    return {"vr": "SQ", "Value": [item]}


def _parts(text: str) -> list[str]:
    return [part for each in text.strip("() ").split(",") if (part := each.strip(' "'))]
