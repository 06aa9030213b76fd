"""The values of a workitem as searches compare them: pure.

Every attribute is indexed, at any depth, that is no bulk data and has no column of its
own. A value that is none of its VR is left out: of what `worklist.rules` have checked
there is none.
"""

from typing import Final, NamedTuple

from imaging.fold import text_key
from imaging.index import tag_of
from imaging.part10 import JsonModel
from imaging.query_tags.tag import KINDS
from imaging.query_tags.values import Unfit, parts_of
from worklist.data_set import TRANSACTION_UID, elements

UID: Final = tag_of("SOPInstanceUID")
STATE: Final = tag_of("ProcedureStepState")
PRIORITY: Final = tag_of("ScheduledProcedureStepPriority")
LABEL: Final = tag_of("WorklistLabel")
IN_COLUMNS: Final = frozenset({UID, STATE, PRIORITY, LABEL})
"""The attributes that searches find in columns of the workitem."""

UNSEARCHED: Final = frozenset({TRANSACTION_UID, tag_of("SpecificCharacterSet")})


class Value(NamedTuple):
    """A row of `worklist.WorkitemValue` without its keys."""

    path: str
    part: int
    text: str
    long: str
    item: str


def is_searched(path: str, vr: str) -> bool:
    """Return whether searches find values of an attribute."""
    leaf = path.rpartition(".")[2]
    return vr in KINDS and leaf not in UNSEARCHED


def values_of(model: JsonModel) -> list[Value]:
    """Return all values of a data set that searches find, each once."""
    found = {}
    for path, item, vr, value in elements(model):
        if path in IN_COLUMNS or not is_searched(path, vr):
            continue
        try:
            for part, text in parts_of(vr, value, model, is_checked=True):
                key = text_key(text)
                long = text if key != text else ""
                found[path, part, key, item] = Value(path, int(part), key, long, item)
        except Unfit:
            continue
    return list(found.values())
