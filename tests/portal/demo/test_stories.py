"""The demo's stories: repeatable, in order of time, before the reference date."""

import pytest

from portal.demo.stories import (
    EVERYONE,
    LARGEST_SEED,
    REFERENCE_DATE,
    hospital,
    patient_at,
)
from portal.demo.storybook import TALES
from portal.demo.tales import Course


def test_same_seed_tells_the_same_stories() -> None:
    assert list(hospital(patients=30, seed=5)) == list(hospital(patients=30, seed=5))


def test_other_seed_tells_other_stories() -> None:
    assert patient_at(0, seed=1) != patient_at(0, seed=2)


def test_patient_does_not_depend_on_the_size_of_the_hospital() -> None:
    assert list(hospital(patients=40, seed=1))[7] == patient_at(7, seed=1)


def test_default_hospital_tells_each_tale_once_in_all_scripts() -> None:
    patients = list(hospital(patients=len(EVERYONE), seed=1))
    assert [p.diagnosis.disease for p in patients] == [t.disease for t in EVERYONE]
    first = patients[: len(TALES)]
    assert len({patient.character_set for patient in first}) == 12
    osteosarcoma = [p for p in first if p.diagnosis.icd10 == "C40.2"]
    assert [p.diagnosis.course for p in osteosarcoma] == [
        Course.PROGRESSION,
        Course.RESPONSE,
        Course.RELAPSE,
    ]


@pytest.mark.parametrize("seed", [0, 1, LARGEST_SEED])
def test_stories_are_plausible(seed: int) -> None:
    for patient in hospital(patients=240, seed=seed):
        tale = EVERYONE[patient.index % len(EVERYONE)]
        moments = [study.at for study in patient.studies]
        assert moments == sorted(moments)
        assert all(moment.date() < REFERENCE_DATE for moment in moments)
        if patient.death_date:
            assert moments[-1].date() < patient.death_date < REFERENCE_DATE
        assert tale.ages[0] <= patient.age(patient.diagnosis.on) <= tale.ages[1], (
            patient
        )
        identifiers = [patient.patient_id] + [
            text for s in patient.studies for text in (s.accession_number, s.study_id)
        ]
        assert max(map(len, identifiers)) <= 16


def test_identifiers_are_unique() -> None:
    patients = list(hospital(patients=240, seed=1))
    studies = [study for patient in patients for study in patient.studies]
    assert len({p.patient_id for p in patients}) == 240
    assert len({s.accession_number for s in studies}) == len(studies)
    assert len({s.study_instance_uid for s in studies}) == len(studies)


def test_lesion_grows_shrinks_or_stays_as_the_course_says() -> None:
    growing, shrinking, still = (
        [s.lesion.diameter_mm for s in patient_at(i, seed=1).studies if s.lesion]
        for i in (1, 3, 7)
    )
    assert growing == sorted(growing)
    assert growing[-1] > 1.25 * growing[0]
    assert shrinking == sorted(shrinking, reverse=True)
    assert shrinking[-1] < 0.6 * shrinking[0]
    assert len(set(still)) == 1


def test_lesion_stays_at_its_place() -> None:
    places = {s.lesion.centre_mm for s in patient_at(3, seed=1).studies if s.lesion}
    assert len(places) == 1
