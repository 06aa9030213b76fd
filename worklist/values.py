"""The values of a workitem as searches compare them: pure.

Every attribute is indexed, at any depth, that is no bulk data and has no column of its
own. A value that is none of its VR is left out: of what `worklist.rules` have checked
there is none.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from imaging.fold import text_key
from imaging.index import tag_of
from imaging.levels import Kind
from imaging.part10 import JsonModel
from imaging.query_tags.tag import KINDS
from imaging.query_tags.values import Unfit, parts_of
from worklist.data_set import STUDY_INSTANCE_UID, TRANSACTION_UID, elements

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
        if not _has_rows(path, vr):
            continue
        try:
            for part, key, long in _keys_of(vr, value, model):
                found[path, part, key, item] = Value(path, part, key, long, item)
        except Unfit:
            continue
    return list(found.values())


def studies_among(values: Iterable[Value]) -> list[str]:
    """Return the Study Instance UIDs among values, anywhere, in order."""
    return sorted(
        {each.text for each in values if each.path.endswith(STUDY_INSTANCE_UID)}
    )


_Keys = tuple[tuple[int, str, str], ...]
"""Of a value: part, text, and the text in full where that is shortened."""

_REMEMBERED: Final = 4096  # values of many workitems alike, and their paths
_SHORT: Final = 64  # characters; what is longer is rarely had twice


@lru_cache(_REMEMBERED)
def _has_rows(path: str, vr: str) -> bool:
    return path not in IN_COLUMNS and is_searched(path, vr)


def _keys_of(vr: str, value: Any, model: JsonModel) -> _Keys:
    is_short = isinstance(value, str) and len(value) <= _SHORT
    if is_short and KINDS[vr] is not Kind.MOMENT:  # which depends on the data set
        return _short_keys(vr, value)
    return _keyed(parts_of(vr, value, model, is_checked=True))


@lru_cache(_REMEMBERED)
def _short_keys(vr: str, value: str) -> _Keys:
    return _keyed(parts_of(vr, value, {}, is_checked=True))


def _keyed(parts: Iterable[tuple[int, str]]) -> _Keys:
    found = ((int(part), text_key(text), text) for part, text in parts)
    return tuple((part, key, "" if key == text else text) for part, key, text in found)
