"""Key object selections reject studies, as the linker tells."""

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.fhirlink.linkage import reports
from tests.fhirlink.linkage.models import sequence
from tests.fhirlink.linkage.world import World
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.django_db

KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"


def note(title: str, *rejected: Dataset, scheme: str = "DCM") -> Dataset:
    """Return a key object selection in the study of the first one that it names."""
    root = reports.container((title, scheme, "a title"))
    made = reports.report(
        KEY_OBJECTS, root, Modality="KO", StudyInstanceUID=rejected[0].StudyInstanceUID
    )
    series = Dataset()
    series.SeriesInstanceUID = rejected[0].SeriesInstanceUID
    series.ReferencedSOPSequence = sequence(
        *(
            {
                "ReferencedSOPClassUID": each.SOPClassUID,
                "ReferencedSOPInstanceUID": each.SOPInstanceUID,
            }
            for each in rejected
        )
    )
    evidence = Dataset()
    evidence.StudyInstanceUID = rejected[0].StudyInstanceUID
    evidence.ReferencedSeriesSequence = Sequence([series])
    made.CurrentRequestedProcedureEvidenceSequence = Sequence([evidence])
    return made


def images(number: int) -> list[Dataset]:
    study, series = new_uid(), new_uid()
    return [
        instance(StudyInstanceUID=study, SeriesInstanceUID=series)
        for _ in range(number)
    ]


@pytest.mark.parametrize(
    ("title", "scheme", "status"),
    [
        ("113001", "DCM", "entered-in-error"),
        ("113037", "DCM", "entered-in-error"),
        ("113038", "DCM", "entered-in-error"),
        ("113039", "DCM", "available"),
        ("113000", "DCM", "available"),
        ("113001", "99X", "available"),
    ],
)
def test_a_study_whose_images_are_all_rejected_is_entered_in_error(
    world: World, title: str, scheme: str, status: str
) -> None:
    found = images(120)
    study = world.store(*found, note(title, *found, scheme=scheme))
    world.link()
    assert world.imaging_study(study)["status"] == status


def test_what_is_rejected_in_part_is_available_until_the_rest_is_too(
    world: World,
) -> None:
    one, other = images(2)
    study = world.store(one, other, note("113001", one))
    world.link()
    assert world.imaging_study(study)["status"] == "available"
    world.store(note("113037", other))
    world.link()
    assert world.imaging_study(study)["status"] == "entered-in-error"
    right = instance(StudyInstanceUID=study)
    world.store(right)
    world.link()
    assert world.imaging_study(study)["status"] == "available"


def test_a_note_about_images_that_are_not_here_rejects_nothing(world: World) -> None:
    (elsewhere,) = images(1)
    study = world.store(note("113001", elsewhere))
    world.link()
    assert world.imaging_study(study)["status"] == "available"
