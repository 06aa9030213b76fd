from io import BytesIO
from itertools import islice
from typing import Final

import pydicom
import pytest
from pydicom import config
from pydicom.dataset import FileDataset
from pydicom.uid import UID

from bench.corpus import Corpus, Instance, Study
from bench.template import SHAPES, Kind, template_bytes

SIZES: Final = {Kind.CT: 528_844, Kind.SMALL: 12_078, Kind.MULTI_FRAME: 52_433_452}
ELEMENTS: Final = {Kind.CT: 126, Kind.SMALL: 126, Kind.MULTI_FRAME: 134}


def first_study(kind: Kind, *, seed: str = "test") -> Study:
    instances = 1 if kind is Kind.MULTI_FRAME else 3
    return next(Corpus(seed).studies(kind, instances_per_series=instances))


def parsed(instance: Instance) -> FileDataset:
    return pydicom.dcmread(BytesIO(instance.content))


@pytest.mark.parametrize("kind", Kind)
def test_an_object_has_the_size_and_elements_of_its_kind(kind: Kind) -> None:
    instance = first_study(kind).instances[0]
    dataset = parsed(instance)

    assert instance.size_bytes == SIZES[kind] == len(template_bytes(kind))
    assert len(dataset) == ELEMENTS[kind]
    assert sum(element.VR == "SQ" for element in dataset) == 7
    assert sum(element.tag.is_private for element in dataset) == 7


@pytest.mark.parametrize("kind", Kind)
def test_every_value_is_valid(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = config.settings
    monkeypatch.setattr(strict, "reading_validation_mode", config.RAISE)
    dataset = parsed(first_study(kind).instances[0])

    values = [element.value for element in dataset.iterall()]

    assert len(values) > ELEMENTS[kind]
    assert dataset.file_meta.MediaStorageSOPClassUID == dataset.SOPClassUID


@pytest.mark.parametrize("kind", Kind)
def test_an_object_is_what_its_study_says(kind: Kind) -> None:
    study = first_study(kind)
    for number, instance in enumerate(study.instances, 1):
        dataset = parsed(instance)

        assert dataset.StudyInstanceUID == study.study_instance_uid
        assert dataset.SeriesInstanceUID == study.series[0].series_instance_uid
        assert dataset.SOPInstanceUID == instance.sop_instance_uid
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
        assert str(dataset.PatientName) == study.patient_name
        assert dataset.PatientID == study.patient_id
        assert dataset.StudyDate == study.study_date
        assert dataset.AccessionNumber == study.accession_number
        assert dataset.Modality == study.modality
        assert dataset.InstanceNumber == number


@pytest.mark.parametrize("kind", Kind)
def test_the_frames_are_the_pixels(kind: Kind) -> None:
    instance = first_study(kind).instances[0]
    numbers = range(1, SHAPES[kind].number_of_frames + 1)
    frames = [instance.frame(number) for number in numbers]

    assert b"".join(frames) == parsed(instance).PixelData
    assert len(set(frames)) == len(frames)


def test_uids_are_valid_and_never_come_twice() -> None:
    corpus = Corpus("unique")
    studies = list(islice(corpus.studies(Kind.SMALL, instances_per_series=4), 50))
    uids = [
        *(study.study_instance_uid for study in studies),
        *(series.series_instance_uid for study in studies for series in study.series),
        *(i.sop_instance_uid for study in studies for i in study.instances),
    ]

    assert len(set(uids)) == len(uids) == 50 + 50 + 200
    assert all(UID(uid).is_valid and len(uid) == 44 for uid in uids)


def test_every_fifth_patient_has_two_studies() -> None:
    corpus = Corpus("patients")
    studies = list(islice(corpus.studies(Kind.SMALL, instances_per_series=1), 12))
    patients = [study.patient_id for study in studies]

    assert patients[4] == patients[5]
    assert patients[10] == patients[11]
    assert len(set(patients)) == 10


def test_the_seed_decides_every_byte() -> None:
    again = [first_study(Kind.SMALL).instances[2].content for _ in range(2)]

    assert again[0] == again[1]
    other = first_study(Kind.SMALL, seed="other").instances[2]
    assert other.content != again[0]
