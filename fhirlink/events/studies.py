"""Imaging events: a study each, of its images and of the ImagingStudy about it: pure.

Where images are held, they say what and when; the resource says of whom, and why.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from fhirlink.events.codes import Codes, Coding, codes_of
from fhirlink.events.days import dicom_days, dicom_second
from fhirlink.events.extract import Event
from fhirlink.events.series import Series
from fhirlink.events.shapes import Kind
from fhirlink.events.values import NOTHING
from fhirlink.linkage.body_parts_table import BODY_PARTS
from fhirlink.linkage.codes import DCM, SCT
from imaging.outline import SeriesOutline, StudyOutline

_HELD: Final = "available"
_REGISTERED: Final = "registered"


class Told(NamedTuple):
    """What an ImagingStudy tells."""

    resource_id: int
    event: Event
    series: tuple[Series, ...]


class ImagingEvent(NamedTuple):
    """A study as an event, with its series."""

    resource_id: int | None
    event: Event
    series: tuple[Series, ...]


def imaging_event(
    uid: str, told: Told | None, held: StudyOutline | None
) -> ImagingEvent | None:
    """Return the event of a study; None where nothing of it is here."""
    if held is None:
        if told is None:
            return None
        modalities = _modalities(each.modality for each in told.series)
        # Of what is registered only, there is nothing yet.
        is_counted = told.event.is_counted and told.event.status != _REGISTERED
        event = replace(told.event, categories=modalities, is_counted=is_counted)
        return ImagingEvent(told.resource_id, event, told.series)
    event = _of_images(uid, held)
    series = tuple(_series(each) for each in held.series)
    if told is None:
        return ImagingEvent(None, event, series)
    both = replace(
        told.event,
        codes=tuple(dict.fromkeys((*told.event.codes, *event.codes))),
        categories=event.categories,
        start=event.start or told.event.start,
        second=event.second if event.start else told.event.second,
    )
    return ImagingEvent(told.resource_id, both, series)


def identity_of(held: StudyOutline) -> str:
    """Return how the patient of a study is called where no Patient claims it."""
    if held.patient is None:
        return f"study/{held.study_instance_uid}"
    return f"imaging/{held.patient}"


def _of_images(uid: str, held: StudyOutline) -> Event:
    return Event(
        kind=Kind.IMAGING,
        part=0,
        patient=identity_of(held),
        codes=codes_of(held.study_description),
        categories=_modalities(each.modality for each in held.series),
        start=dicom_days(held.study_date),
        second=dicom_second(held.study_time),
        run=None,
        end=None,
        status=_HELD,
        is_counted=True,
        value=NOTHING,
        encounter="",
        site=(),
        studies=(uid,),
        text="",
    )


def _modalities(codes: Iterable[str]) -> Codes:
    return tuple(
        Coding(DCM, code, "") for code in sorted({code for code in codes if code})
    )


def _body(written: str) -> Codes:
    """Return the code of Body Part Examined (0018,0015), and what stands there."""
    found = BODY_PARTS.get("".join(filter(str.isalnum, written.upper())))
    coded = () if found is None else (Coding(SCT, *found),)
    return (*coded, *codes_of(written))


def _series(series: SeriesOutline) -> Series:
    return Series(
        series.series_instance_uid,
        series.modality,
        _body(series.body_part_examined),
        series.number_of_instances,
    )
