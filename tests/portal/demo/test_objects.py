"""The demo's DICOM objects: whole, valid, repeatable, with the lesion as planted."""

import hashlib
import shutil
import subprocess
from functools import cache
from io import BytesIO
from math import pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import UID

from portal.demo import modules
from portal.demo.modules import PRIVATE_CREATOR, PRIVATE_GROUP
from portal.demo.objects import part10, study_datasets
from portal.demo.protocols import Contrast
from portal.demo.stories import EVERYONE, Patient, Study, hospital, patient_at
from portal.demo.truth import study_truth

# Patient and study (from 0) that show each kind of picture, a lesion where one can be.
XR_FEMUR, MR_FEMUR, CT_THIN, PET_CT = (0, 0), (0, 1), (0, 2), (5, 0)
XR_CHEST, CT_CHEST, CT_LIVER = (1, 0), (7, 0), (3, 2)
MR_BRAIN, US, US_COLOR, CT_KIDNEY = (4, 0), (6, 0), (11, 0), (8, 0)
KINDS = [
    XR_FEMUR,
    MR_FEMUR,
    CT_THIN,
    CT_CHEST,
    PET_CT,
    XR_CHEST,
    CT_LIVER,
    MR_BRAIN,
    US,
    US_COLOR,
]
MEASURED = [MR_FEMUR, CT_THIN, PET_CT, CT_CHEST, CT_LIVER, MR_BRAIN, US, CT_KIDNEY]

TYPE_1 = """
    SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID Modality Rows Columns
    SamplesPerPixel PhotometricInterpretation BitsAllocated BitsStored HighBit
    PixelRepresentation PixelData
"""
TYPE_2 = """
    PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime StudyID
    AccessionNumber ReferringPhysicianName SeriesNumber InstanceNumber Manufacturer
"""
PLANE = """
    PixelSpacing ImagePositionPatient ImageOrientationPatient SliceThickness ImageType
    FrameOfReferenceUID PositionReferenceIndicator PatientPosition
"""
OF_MODALITY = {
    "CT": f"{PLANE} KVP AcquisitionNumber RescaleIntercept RescaleSlope",
    "MR": f"""{PLANE} ScanningSequence SequenceVariant ScanOptions MRAcquisitionType
        RepetitionTime EchoTime EchoTrainLength""",
    "PT": f"""{PLANE} SeriesDate SeriesTime Units CountsSource SeriesType
        NumberOfSlices CorrectedImage DecayCorrection CollimatorType FrameReferenceTime
        ImageIndex RescaleIntercept RescaleSlope ActualFrameDuration DecayFactor
        AcquisitionDate AcquisitionTime RadiopharmaceuticalInformationSequence
        PatientOrientationCodeSequence PatientGantryRelationshipCodeSequence""",
    "SEG": """FrameOfReferenceUID PositionReferenceIndicator ImageType SegmentationType
        ContentLabel ContentDescription ContentCreatorName SegmentSequence ContentDate
        ContentTime NumberOfFrames DimensionOrganizationSequence DimensionIndexSequence
        SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence
        ReferencedSeriesSequence LossyImageCompression""",
    "CR": "ViewPosition BodyPartExamined PatientOrientation ImagerPixelSpacing",
    "US": """NumberOfFrames FrameTime FrameIncrementPointer ImageType
        PatientOrientation SequenceOfUltrasoundRegions""",
}


@cache
def files(place: tuple[int, int], seed: int = 1) -> tuple[bytes, ...]:
    patient, study = story(place, seed)
    return tuple(part10(dataset) for dataset in study_datasets(patient, study))


@cache
def datasets(place: tuple[int, int]) -> tuple[Dataset, ...]:
    return tuple(dcmread(BytesIO(data)) for data in files(place))


def story(place: tuple[int, int], seed: int = 1) -> tuple[Patient, Study]:
    patient = patient_at(place[0], seed=seed)
    return patient, patient.studies[place[1]]


def series_of(place: tuple[int, int], series_instance_uid: str) -> list[Dataset]:
    return [d for d in datasets(place) if d.SeriesInstanceUID == series_instance_uid]


def hashed(contents: tuple[bytes, ...]) -> str:
    return hashlib.sha256(b"".join(contents)).hexdigest()


@pytest.mark.parametrize("place", [MR_BRAIN, US_COLOR])
def test_same_seed_gives_the_same_bytes(place: tuple[int, int]) -> None:
    files_again = files.__wrapped__(place)
    assert hashed(files_again) == hashed(files(place))
    assert hashed(files(place, seed=2)) != hashed(files(place))


@pytest.mark.parametrize("place", KINDS)
def test_required_attributes_are_there(place: tuple[int, int]) -> None:
    for dataset in (datasets(place)[0], datasets(place)[-1]):
        required = f"{TYPE_1} {TYPE_2} {OF_MODALITY[dataset.Modality]}".split()
        assert [keyword for keyword in required if keyword not in dataset] == []
        assert [key for key in TYPE_1.split() if dataset[key].is_empty] == []
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
        assert dataset.RequestAttributesSequence[0].RequestedProcedureID
        assert dataset.AnatomicRegionSequence[0].CodeMeaning
        assert dataset.ProcedureCodeSequence[0].CodeValue


@pytest.mark.parametrize("place", KINDS)
def test_uids_are_valid_and_unique(place: tuple[int, int]) -> None:
    instances = [dataset.SOPInstanceUID for dataset in datasets(place)]
    assert len(set(instances)) == len(instances)
    for dataset in datasets(place):
        for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
            value = UID(dataset[keyword].value)
            assert value.is_valid
            assert value.startswith("2.25.")


@pytest.mark.parametrize("place", KINDS)
def test_counts_agree_with_the_truth(place: tuple[int, int]) -> None:
    truth = study_truth(*story(place))
    assert truth["number_of_instances"] == len(datasets(place))
    for series in truth["series"]:
        found = series_of(place, series["series_instance_uid"])
        assert len(found) == series["number_of_instances"]
        assert {dataset.Modality for dataset in found} == {series["modality"]}


def test_the_lesion_is_drawn_where_the_slices_show_it() -> None:
    *slices, drawn = datasets(CT_THIN)
    lesion = story(CT_THIN)[1].lesion
    assert lesion is not None
    mask = drawn.pixel_array.astype(bool)
    assert mask.shape == (drawn.NumberOfFrames, drawn.Rows, drawn.Columns)
    planes = {each.SOPInstanceUID: each for each in slices}
    (listed,) = drawn.ReferencedSeriesSequence
    assert listed.SeriesInstanceUID == slices[0].SeriesInstanceUID
    threshold = study_truth(*story(CT_THIN))["lesion"]["readings"][0]["threshold"]
    for frame, groups in zip(mask, drawn.PerFrameFunctionalGroupsSequence, strict=True):
        source = groups.DerivationImageSequence[0].SourceImageSequence[0]
        plane = planes[source.ReferencedSOPInstanceUID]
        position = groups.PlanePositionSequence[0].ImagePositionPatient
        assert position == plane.ImagePositionPatient
        values = plane.pixel_array * plane.RescaleSlope + plane.RescaleIntercept
        assert values[frame].mean() > threshold
    across, along = slices[0].PixelSpacing
    volume = mask.sum() * across * along * slices[0].SpacingBetweenSlices
    assert volume == pytest.approx(pi / 6 * lesion.diameter_mm**3, rel=0.1)


def test_ct_has_forty_slices_or_more() -> None:
    for patient in hospital(patients=len(EVERYONE), seed=1):
        for study in patient.studies:
            for plan in study.protocol.series:
                if plan.contrast is Contrast.CT:
                    assert plan.number_of_instances >= 40


@pytest.mark.parametrize("place", [CT_CHEST, MR_FEMUR, MR_BRAIN, PET_CT])
def test_slices_are_parallel_and_evenly_spaced(place: tuple[int, int]) -> None:
    for uid in {dataset.SeriesInstanceUID for dataset in datasets(place)}:
        slices = series_of(place, uid)
        orientation = np.array(slices[0].ImageOrientationPatient, float)
        normal = np.cross(orientation[:3], orientation[3:])
        heights = [np.dot(normal, d.ImagePositionPatient) for d in slices]
        steps = np.diff(heights)
        assert np.allclose(steps, slices[0].SpacingBetweenSlices, atol=1e-3)
        assert all(d.ImageOrientationPatient == list(orientation) for d in slices)
        assert [d.InstanceNumber for d in slices] == list(range(1, len(slices) + 1))


def test_pet_and_ct_share_the_frame_of_reference() -> None:
    assert {d.Modality for d in datasets(PET_CT)} == {"CT", "PT"}
    assert len({d.FrameOfReferenceUID for d in datasets(PET_CT)}) == 1


@pytest.mark.parametrize("index", range(12))
def test_names_decode_as_intended(index: int) -> None:
    patient = patient_at(index, seed=1)
    module = modules.patient_modules(patient, patient.studies[0])
    buffer = BytesIO()
    dcmwrite(buffer, module, implicit_vr=False, little_endian=True)
    dataset = dcmread(BytesIO(buffer.getvalue()), force=True)
    assert str(dataset.PatientName) == patient.name
    # The groups of a Japanese, Korean or Chinese name stay apart.
    groups = patient.name.split("=")
    if len(groups) > 1:
        assert dataset.PatientName.ideographic == groups[1]


def test_private_block_says_what_was_planted() -> None:
    patient, study = story(CT_LIVER)
    dataset = datasets(CT_LIVER)[0]
    block = dataset.private_block(PRIVATE_GROUP, PRIVATE_CREATOR)
    assert study.lesion is not None
    # Implicit VR: the reader has no VR of a private element.
    assert float(_text(block[0x03].value)) == study.lesion.diameter_mm
    assert _text(block[0x01].value) == patient.diagnosis.disease.meaning


def _text(value: Any) -> str:
    return value.decode().strip() if isinstance(value, bytes) else str(value)


def test_several_transfer_syntaxes() -> None:
    found = {
        place: datasets(place)[0].file_meta.TransferSyntaxUID.name for place in KINDS
    }
    assert found[CT_CHEST] == "Explicit VR Little Endian"
    assert found[CT_LIVER] == "Implicit VR Little Endian"
    assert found[XR_CHEST] == "Deflated Explicit VR Little Endian"
    assert found[XR_FEMUR] == found[US] == "RLE Lossless"


def test_tissues_have_their_hounsfield_units() -> None:
    dataset = datasets(CT_CHEST)[24]
    values = dataset.pixel_array * dataset.RescaleSlope + dataset.RescaleIntercept
    assert np.mean((values > -900) & (values < -800)) > 0.05  # lungs
    assert np.mean((values > 0) & (values < 100)) > 0.05  # muscle
    assert values.max() > 700  # bone
    assert abs(np.median(values[:20]) + 1000) < 5  # air


@pytest.mark.parametrize("place", MEASURED)
def test_diameter_measured_in_the_pixels_is_the_true_one(
    place: tuple[int, int],
) -> None:
    lesion = study_truth(*story(place))["lesion"]
    assert lesion["readings"]
    for reading in lesion["readings"]:
        slices = series_of(place, reading["series_instance_uid"])
        assert abs(_measured(slices, reading) - lesion["diameter_mm"]) < 1


def test_diameter_measured_in_a_radiograph_is_the_true_one() -> None:
    """Between the places where the profile across the ball is steepest."""
    lesion = study_truth(*story(XR_FEMUR))["lesion"]
    dataset = datasets(XR_FEMUR)[0]
    row, column = (round(lesion["readings"][0][key]) for key in ("row", "column"))
    spacing = float(dataset.PixelSpacing[0])
    reach = round((lesion["diameter_mm"] / 2 + 3) / spacing)
    band = dataset.pixel_array[row - 3 : row + 4, column - reach : column + reach + 1]
    slope = np.diff(band.mean(axis=0))
    width = (np.argmin(slope) - np.argmax(slope)) * spacing
    assert abs(width - lesion["diameter_mm"]) < 1


def _measured(slices: list[Dataset], reading: dict[str, Any]) -> float:
    """Diameter of a disc of the area beyond the threshold, in the middle slice."""
    if "frame" in reading:
        values: NDArray[Any] = slices[0].pixel_array[reading["frame"] - 1]
        region = slices[0].SequenceOfUltrasoundRegions[0]
        spacing = region.PhysicalDeltaX * 10
    else:
        dataset = slices[reading["instance_number"] - 1]
        slope = float(dataset.get("RescaleSlope", 1))
        values = dataset.pixel_array * slope + float(dataset.get("RescaleIntercept", 0))
        spacing = float(dataset.PixelSpacing[0])
    beyond = values > reading["threshold"]
    inside = beyond if reading["brighter"] else ~beyond
    area = _connected(inside, round(reading["row"]), round(reading["column"]))
    return 2 * sqrt(area * spacing**2 / pi)


def _connected(mask: NDArray[Any], row: int, column: int) -> int:
    """Number of pixels connected with one of them, found by growing."""
    region = np.zeros_like(mask)
    region[row, column] = True
    size = 0
    while region.sum() > size:
        size = int(region.sum())
        grown = region.copy()
        for axis in (0, 1):
            grown |= np.roll(region, 1, axis) | np.roll(region, -1, axis)
        region = grown & mask
    return size


@pytest.mark.skipif(not shutil.which("dcmdump"), reason="needs dcmtk")
def test_dcmdump_reads_every_kind_without_complaint(tmp_path: Path) -> None:
    paths = []
    for number, place in enumerate(KINDS):
        for position in (0, -1):
            path = tmp_path / f"{number}{position}.dcm"
            path.write_bytes(files(place)[position])
            paths.append(str(path))
    done = subprocess.run(
        ["dcmdump", "-q", "+E", *paths], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr == b""
