"""How the series of studies were made: machine and protocol, nothing of whose they are.

The caller has decided that the studies may be told of, and tells the audit log.

References
----------
DICOM PS3.3 C.7.3.1, C.7.5.1, C.7.6.2, C.8.2.1, C.8.3.1.
"""

import math
from collections import defaultdict
from collections.abc import Collection
from typing import Final, NamedTuple

from core.database import raw_connection
from imaging.index import tag_of
from imaging.metadata import model_of
from imaging.part10 import JsonModel

MOST_SERIES: Final = 50  # of a study


class Technique(NamedTuple):
    """A series, as its newest instance describes it; None of what it does not say.

    Attributes
    ----------
    slice_thickness_mm, spacing_between_slices_mm
        (0018,0050), (0018,0088)
    kvp
        (0018,0060), in kV.
    magnetic_field_strength_t, repetition_time_ms, echo_time_ms, flip_angle_deg
        (0018,0087), (0018,0080), (0018,0081), (0018,1314)
    rows, columns
        (0028,0010), (0028,0011)
    """

    modality: str
    body_part: str
    manufacturer: str
    model_name: str
    number_of_instances: int
    slice_thickness_mm: float | None = None
    spacing_between_slices_mm: float | None = None
    kvp: float | None = None
    magnetic_field_strength_t: float | None = None
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    flip_angle_deg: float | None = None
    rows: int | None = None
    columns: int | None = None


def techniques_of(
    partition_id: int, studies: Collection[str]
) -> dict[str, list[Technique]]:
    """Return the series of studies that are held, by UID, in one statement.

    Of each study the first `MOST_SERIES`, by number.
    """
    if not studies:
        return {}
    rows = raw_connection().execute(_SERIES, (list(studies), partition_id, MOST_SERIES))
    found: defaultdict[str, list[Technique]] = defaultdict(list)
    for uid, modality, part, number, metadata in rows:
        model = model_of(metadata) if metadata is not None else {}
        found[uid].append(_technique(modality, part, number, model))
    return found


def _technique(modality: str, part: str, number: int, model: JsonModel) -> Technique:
    return Technique(
        modality,
        part,
        _text(model, "Manufacturer"),
        _text(model, "ManufacturerModelName"),
        number,
        _number(model, "SliceThickness"),
        _number(model, "SpacingBetweenSlices"),
        _number(model, "KVP"),
        _number(model, "MagneticFieldStrength"),
        _number(model, "RepetitionTime"),
        _number(model, "EchoTime"),
        _number(model, "FlipAngle"),
        _whole(model, "Rows"),
        _whole(model, "Columns"),
    )


def _first(model: JsonModel, keyword: str) -> object:
    values = model.get(tag_of(keyword), {}).get("Value") or [None]
    return values[0]


def _text(model: JsonModel, keyword: str) -> str:
    value = _first(model, keyword)
    return value.strip() if isinstance(value, str) else ""


def _number(model: JsonModel, keyword: str) -> float | None:
    value = _first(model, keyword)
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except ValueError:  # DS is text in some senders' files
        return None
    return number if math.isfinite(number) else None


def _whole(model: JsonModel, keyword: str) -> int | None:
    number = _number(model, keyword)
    return None if number is None or abs(number) >= _FAR else int(number)


_FAR: Final = 2**31
_SERIES: Final = (
    "SELECT st.study_instance_uid, one.modality, one.body_part_examined,"
    " one.number_of_instances, v.metadata FROM unnest(%s::text[]) AS asked (uid)"
    " JOIN imaging_study st ON st.study_instance_uid = asked.uid"
    " AND st.partition_id = %s CROSS JOIN LATERAL (SELECT s.* FROM imaging_series s"
    " WHERE s.study_id = st.id ORDER BY s.series_number, s.id LIMIT %s) one"
    " LEFT JOIN imaging_instanceversion v ON v.id = one.newest_version_id"
    " ORDER BY st.id, one.series_number, one.id"
)
