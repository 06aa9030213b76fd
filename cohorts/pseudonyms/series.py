"""What is shown of a series to who may not see whose it is: pure.

Of texts that are codes those of DICOM's own tables; the machine as the limited view of
its images has it (`imaging.limited_view`); numbers of the technique. Of what a new
member says nothing is shown until it stands here.

References
----------
DICOM PS3.16 CID 29 and Annex L; PS3.15 table E.1-1, which keeps them.
"""

from fhirlink.linkage.body_parts_table import BODY_PARTS
from fhirlink.linkage.modalities_table import MODALITIES
from imaging.technique import Technique


def shown_series(series: Technique) -> Technique:
    """Return a series with nothing but what is shown."""
    part = "".join(filter(str.isalnum, series.body_part.upper()))
    return Technique(
        modality=series.modality if series.modality in MODALITIES else "",
        body_part=part if part in BODY_PARTS else "",
        manufacturer=series.manufacturer,
        model_name=series.model_name,
        number_of_instances=series.number_of_instances,
        slice_thickness_mm=series.slice_thickness_mm,
        spacing_between_slices_mm=series.spacing_between_slices_mm,
        kvp=series.kvp,
        magnetic_field_strength_t=series.magnetic_field_strength_t,
        repetition_time_ms=series.repetition_time_ms,
        echo_time_ms=series.echo_time_ms,
        flip_angle_deg=series.flip_angle_deg,
        rows=series.rows,
        columns=series.columns,
    )
