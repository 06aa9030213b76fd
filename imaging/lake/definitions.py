"""The four tables of the lake: their columns, in order, and how they are laid out.

All are partitioned by data partition and month of store. Of what rows are found by,
Delta keeps the least and the greatest value in each file; of nothing else, as the log
would name patients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imaging.lake.columns import AnyColumn, Column, ModelColumn, Type, model_columns
from imaging.levels import Level

PARTITIONED_BY: Final = ("partition_id", "month")


@dataclass(frozen=True, slots=True)
class Definition:
    """A table.

    Attributes
    ----------
    fixed
        The columns that it always has.
    found_by
        Those of them that Delta keeps the range of, for each file.
    level
        Of the attributes that are columns as well; None where there are none.
    """

    name: str
    fixed: tuple[Column, ...]
    found_by: tuple[str, ...]
    level: Level | None

    def columns(self) -> tuple[AnyColumn, ...]:
        """Return all columns that a row is written with now."""
        return (*self.fixed, *self.model_columns())

    def model_columns(self) -> Sequence[ModelColumn]:
        """Return those whose values come out of a DICOM model."""
        if self.level is None:
            return ()
        own = {column.name for column in self.fixed}
        return [each for each in model_columns(self.level) if each.name not in own]


def _columns(words: str) -> tuple[Column, ...]:
    pairs = (word.split(":") for word in words.split())
    return tuple(Column(name, Type(type_)) for name, type_ in pairs)


_PLACE: Final = "partition_id:integer month:text partition:text"

INSTANCES: Final = Definition(
    "instances",
    _columns(
        f"{_PLACE} version_id:integer feed_seq:integer study_instance_uid:text"
        " series_instance_uid:text sop_instance_uid:text stored_at:moment"
        " transfer_syntax_uid:text blob_key:text size_bytes:integer sha256:text"
        " number_of_frames:integer frame_offsets:integers frame_lengths:integers"
    ),
    ("version_id", "study_instance_uid", "series_instance_uid", "stored_at"),
    Level.INSTANCE,
)
SERIES: Final = Definition(
    "series",
    _columns(
        f"{_PLACE} study_instance_uid:text series_instance_uid:text"
        " number_of_instances:integer newest_version_id:integer created_at:moment"
    ),
    ("study_instance_uid", "series_instance_uid", "created_at"),
    Level.SERIES,
)
STUDIES: Final = Definition(
    "studies",
    _columns(
        f"{_PLACE} study_instance_uid:text modalities_in_study:texts"
        " sop_classes_in_study:texts number_of_series:integer"
        " number_of_instances:integer newest_version_id:integer created_at:moment"
    ),
    ("study_instance_uid", "created_at"),
    Level.STUDY,
)
CHANGES: Final = Definition(
    "changes",
    _columns(
        f"{_PLACE} seq:integer at:moment kind:text op:text key:texts"
        " version_id:integer actor:text reason:text"
    ),
    ("seq", "at"),
    None,
)

TABLES: Final = (STUDIES, SERIES, INSTANCES, CHANGES)
"""In the order in which they are written: what ``changes`` has, all others have."""
