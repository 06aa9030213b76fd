"""Who or what is to do the work, as rules write it: pure.

A station is ``code, scheme, meaning``, as the standard writes codes (DICOM PS3.16 7.2);
a person is ``code, scheme, name, organization``, all of which a workitem must say
(PS3.4 table CC.2.5-3).
"""

from typing import Any, Final

from core.errors import Invalid
from imaging.index import tag_of
from worklist.making.converting import code_item

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


def performer(text: str, path: str) -> dict[str, Any]:
    """Return the attribute of a person.

    Raises
    ------
    Invalid
        It is written otherwise.
    """
    parts = _parts(text)
    if len(parts) != 4:
        message = (
            "A person is written as code, scheme, name, organization:"
            " jdoe, 99HOUSE, Doe^Jane, Radiology."
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
