"""Which instance stands for a study or a series where one picture does.

Of a study its first series with images, by number; of a series the instance in the
middle, in the order in which a viewer shows them (it counts alike: of four the third).
"""

from dataclasses import replace
from typing import Final

from core.access import Actor, Verb, require
from core.database import raw_connection
from imaging.retrieve.address import OF_SERIES, OF_STUDY, Address

WITHOUT_IMAGES: Final = (
    "ANN", "ASMT", "AU", "DOC", "ECG", "EEG", "EMG", "EOG", "EPS", "FID", "HD", "KO",
    "M3D", "OAM", "OPV", "OSS", "PLAN", "PR", "REG", "RESP", "RTPLAN", "RTRAD",
    "RTRECORD", "RTSEGANN", "RTSTRUCT", "SMR", "SR", "STAIN", "TEXTUREMAP", "VA",
)  # fmt: skip
"""Modalities (DICOM PS3.3 C.7.3.1.1.1) whose objects have no pixels."""

BEHIND_IMAGES: Final = ("SEG", "RTDOSE")
"""Those whose pixels mean little without the images that they belong to."""

# `series` is which rows of imaging_series are looked at, in the order given to them.
MIDDLE: Final = """
SELECT series_id, series_instance_uid, sop_instance_uid, version_id FROM (
  SELECT series.id AS series_id, series.series_instance_uid, i.sop_instance_uid,
    i.version_id, count(*) OVER (PARTITION BY series.id) AS number,
    row_number() OVER (
      PARTITION BY series.id ORDER BY i.instance_number NULLS LAST, i.id) AS place
  FROM series JOIN imaging_instance i ON i.series_id = series.id
) ordered WHERE place = number / 2 + 1
"""
_SERIES: Final = """
WITH series AS (
  SELECT se.id, se.series_instance_uid
  FROM core_partition p
  JOIN imaging_study st ON st.partition_id = p.id
  JOIN imaging_series se ON se.study_id = st.id
  {condition}
  ORDER BY se.modality = ANY(%(without_images)s), se.modality = ANY(%(behind_images)s),
    se.series_number NULLS LAST, se.id
  LIMIT 1
)"""
_STATEMENTS: Final = {
    level: _SERIES.format(condition=condition) + MIDDLE
    for level, condition in (("study", OF_STUDY), ("series", OF_SERIES))
}


def find_representative(*, actor: Actor, address: Address) -> Address:
    """Return the address of the instance that stands for what `address` names.

    Raises
    ------
    NotFound
        There is nothing that the actor may see.
    """
    if address.level == "instance":
        return address
    require(actor, Verb.READ)
    parameters = {
        **address.parameters(actor),
        "without_images": list(WITHOUT_IMAGES),
        "behind_images": list(BEHIND_IMAGES),
    }
    statement = _STATEMENTS[address.level]
    row = raw_connection().execute(statement, parameters).fetchone()
    if row is None:
        raise address.missing(actor)
    return replace(address, series_instance_uid=row[1], sop_instance_uid=row[2])
