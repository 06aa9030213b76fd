"""DICOM objects of the demo, made one at a time, and their Part 10 bytes.

References
----------
DICOM PS3.3 A (object definitions), PS3.10 7 (file format).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from imaging.pixels import ImageDescription, encode
from portal.demo import modalities, modules, phantom, segmentation, ultrasound
from portal.demo.identity import uid
from portal.demo.protocols import ENCAPSULATED, Contrast, SeriesPlan, Syntax
from portal.demo.shapes import Grid
from portal.demo.stories import Patient, Study

_IMPLEMENTATION_CLASS_UID: Final = UID(uid(0, "implementation"))
_IMPLEMENTATION_VERSION_NAME: Final = "PORTAL_DEMO_1"


@dataclass(frozen=True, slots=True)
class DemoObject:
    """One DICOM file: where it lies in a folder of demo files, and its bytes."""

    path: str
    data: bytes


def demo_objects(patients: Iterable[Patient]) -> Iterator[DemoObject]:
    """Make the files of a hospital one by one; a single series is held in memory."""
    for patient in patients:
        for study in patient.studies:
            folder = f"{patient.patient_id}/{study.accession_number}"
            for dataset in study_datasets(patient, study):
                name = f"{dataset.SeriesNumber}/{dataset.InstanceNumber:04d}.dcm"
                yield DemoObject(f"{folder}/{name}", part10(dataset))


def study_datasets(patient: Patient, study: Study) -> Iterator[Dataset]:
    """Yield the data sets of a study, file meta information included."""
    for number in range(1, len(study.protocol.series) + 1):
        yield from series_datasets(patient, study, number)


def series_datasets(patient: Patient, study: Study, number: int) -> Iterator[Dataset]:
    """Yield the data sets of series `number` (from 1) of a study."""
    plan = study.protocol.series[number - 1]
    shared = Dataset()
    for part in (
        modules.patient_modules(patient, study),
        modules.study_modules(patient, study),
        modules.series_modules(patient, study, number),
        modules.private_block(patient, study),
        segmentation.segmentation(patient, study, plan)
        if plan.contrast is Contrast.SEGMENT
        else modalities.acquisition(patient, study, plan),
    ):
        shared.update(part)
    if plan.contrast is not Contrast.CINE and plan.contrast is not Contrast.RADIOGRAPH:
        shared.update(modules.frame_of_reference(patient, study))
    for index, (geometry, pixels) in enumerate(_images(patient, study, plan)):
        dataset = Dataset()
        dataset.update(shared)
        dataset.update(geometry)
        _identify(dataset, patient, study, plan, index)
        _set_pixels(dataset, pixels, plan.syntax)
        yield dataset


def part10(dataset: Dataset) -> bytes:
    """Return the file of a data set: preamble, meta information, data set."""
    buffer = BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def _images(
    patient: Patient, study: Study, plan: SeriesPlan
) -> Iterator[tuple[Dataset, NDArray[np.generic]]]:
    """Yield geometry and pixels of each object of a series."""
    if plan.contrast is Contrast.CINE:
        loop = ultrasound.cine(patient, study, plan)
        yield Dataset(), ultrasound.tinted(loop) if plan.color else loop
        return
    if plan.contrast is Contrast.SEGMENT:
        yield Dataset(), segmentation.frames(study, plan)[1]
        return
    grid = phantom.lay_grid(study, plan)
    if plan.contrast is Contrast.RADIOGRAPH:
        integral = phantom.radiograph(patient, study, plan, grid)
        yield Dataset(), modalities.stored_values(integral, plan.contrast)
        return
    values = phantom.volume(patient, study, plan, grid)
    for index, plane in enumerate(modalities.stored_values(values, plan.contrast)):
        yield _geometry(grid, index, plan), plane


def _geometry(grid: Grid, index: int, plan: SeriesPlan) -> Dataset:
    part = modalities.image_plane(grid, index)
    if plan.modality == "PT":
        part.ImageIndex = index + 1
    return part


def _identify(
    dataset: Dataset, patient: Patient, study: Study, plan: SeriesPlan, index: int
) -> None:
    """General Image and SOP Common (PS3.3 C.7.6.1, C.12.1), and the file's meta."""
    at = study.at + timedelta(seconds=30 + index)
    dataset.SOPClassUID = modalities.SOP_CLASSES[plan.modality]
    dataset.SOPInstanceUID = modules.instance_uid(patient, study, plan, index + 1)
    dataset.InstanceNumber = index + 1
    for moment in ("Acquisition", "Content", "InstanceCreation"):
        setattr(dataset, f"{moment}Date", f"{at:%Y%m%d}")
        setattr(dataset, f"{moment}Time", f"{at:%H%M%S}")
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.ImplementationClassUID = _IMPLEMENTATION_CLASS_UID
    dataset.file_meta.ImplementationVersionName = _IMPLEMENTATION_VERSION_NAME


def _set_pixels(dataset: Dataset, pixels: NDArray[np.generic], syntax: Syntax) -> None:
    """Write the pixels, compressed frame by frame where the series is (PS3.5 A.4)."""
    rows_at = 1 if "NumberOfFrames" in dataset else 0
    dataset.Rows, dataset.Columns = pixels.shape[rows_at : rows_at + 2]
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    if syntax in ENCAPSULATED:
        described = _described(dataset)
        frames = pixels.reshape(-1, *described.shape)
        streams = [encode(frame, syntax, described) for frame in frames]
        dataset.add_new(0x7FE00010, "OB", encapsulate(streams))
        dataset["PixelData"].is_undefined_length = True
        return
    raw = pixels.tobytes()
    if pixels.dtype == bool:  # eight to a byte, across frames (PS3.5 8.1.1)
        raw = np.packbits(pixels.astype(np.bool_), bitorder="little").tobytes()
        raw += bytes(len(raw) % 2)
    dataset.add_new(0x7FE00010, "OW" if pixels.itemsize == 2 else "OB", raw)


def _described(dataset: Dataset) -> ImageDescription:
    return ImageDescription(
        rows=dataset.Rows,
        columns=dataset.Columns,
        samples_per_pixel=dataset.SamplesPerPixel,
        bits_allocated=dataset.BitsAllocated,
        bits_stored=dataset.BitsStored,
        high_bit=dataset.HighBit,
        is_signed=False,
        photometric_interpretation=dataset.PhotometricInterpretation,
    )
