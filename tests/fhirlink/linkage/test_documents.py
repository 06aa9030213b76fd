"""Reports and PDFs in studies, and documents of the record, are found from studies."""

from base64 import b64decode
from typing import Any

import pytest
from fhir.resources.R4B.documentreference import DocumentReference
from pydicom.dataset import Dataset

from core import followers
from fhirlink.events.follower import EventFollower
from fhirlink.events.shapes import Kind
from fhirlink.linkage.documents import Place, document_of
from fhirlink.linkage.report_tree import About
from fhirlink.models import ReportLink
from fhirlink.timeline import timeline
from tests.fhirlink.hapi.validator import errors
from tests.fhirlink.linkage import reports
from tests.fhirlink.linkage.models import SOURCE, model_of
from tests.fhirlink.linkage.world import World
from tests.imaging.stores import ADMIN
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.django_db

BASIC = "1.2.840.10008.5.1.4.1.1.88.11"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
FINDING = ("121071", "DCM", "Finding")
TITLE = ("18748-4", "LN", "Diagnostic Imaging Report")
ABOUT = About("1.2.3", "study", {"reference": "Patient/p"}, SOURCE)


def written(words: str = "No fracture.", **attributes: Any) -> Dataset:
    """Return a report for people."""
    said = reports.item("TEXT", FINDING, TextValue=words)
    return reports.report(BASIC, reports.container(TITLE, said), **attributes)


def pdf(**attributes: Any) -> Dataset:
    """Return an encapsulated PDF."""
    root = Dataset()
    root.RelationshipType = "CONTAINS"
    made = reports.report(PDF, root, Modality="DOC", **attributes)
    made.DocumentTitle, made.MIMETypeOfEncapsulatedDocument = (
        "Letter",
        "application/pdf",
    )
    made.EncapsulatedDocument = b"%PDF-1.7 "
    return made


def place_of(made: Dataset) -> Place:
    return Place(
        made.StudyInstanceUID,
        made.SeriesInstanceUID,
        made.SOPInstanceUID,
        made.SOPClassUID,
    )


def links(world: World, study: str) -> dict[str, str]:
    found = ReportLink.objects.filter(
        partition__name=world.name, study_instance_uid=study
    )
    return {f"{each.type}/{each.report}": each.how for each in found}


@pytest.mark.parametrize("make", [written, pdf])
@pytest.mark.peer("hapi")
def test_a_document_is_a_valid_document_reference(make: Any) -> None:
    made = make(TimezoneOffsetFromUTC="+0100")
    found = document_of(model_of(made), place_of(made), ABOUT)
    DocumentReference.model_validate(found)
    assert errors([found, document_of({}, place_of(made), ABOUT)]) == [[], []]
    uid = f"urn:oid:{made.SOPInstanceUID}"
    assert found["masterIdentifier"] == {"system": "urn:dicom:uid", "value": uid}
    assert found["date"] == "2020-02-01T10:15:00+01:00"
    assert found["context"]["related"] == [{"reference": "ImagingStudy/study"}]


def test_the_words_of_a_report_are_attached_and_a_pdf_is_referred_to() -> None:
    made, letter = written(CompletionFlag="PARTIAL"), pdf()
    report = document_of(model_of(made), place_of(made), ABOUT)
    text, itself = (each["attachment"] for each in report["content"])
    assert "Finding: No fracture." in b64decode(text["data"]).decode()
    assert itself["url"] == f"{SOURCE.address}{place_of(made).path}"
    assert report["docStatus"] == "preliminary"
    assert report["type"]["coding"][0]["code"] == "18748-4"
    found = document_of(model_of(letter), place_of(letter), ABOUT)
    (only,) = (each["attachment"] for each in found["content"])
    assert only["contentType"] == "application/pdf"
    assert only["url"] == f"{SOURCE.address}{place_of(letter).path}/rendered"
    assert (found["description"], found["docStatus"]) == ("Letter", "final")


@pytest.mark.parametrize("make", [written, pdf])
def test_a_document_in_a_study_is_one_of_the_study_and_goes_with_it(
    world: World, make: Any
) -> None:
    study = new_uid()
    world.store(instance(StudyInstanceUID=study), make(StudyInstanceUID=study))
    world.link()
    (made,) = world.all_of("DocumentReference").items()
    assert made[1]["subject"]["reference"] == f"Patient/{world.subject(study)}"
    assert links(world, study) == {f"DocumentReference/{made[0]}": "document"}
    world.rebuild()
    assert world.all_of("DocumentReference") == dict([made])
    assert links(world, study) == {f"DocumentReference/{made[0]}": "document"}
    world.remove(study)
    world.link()
    assert world.all_of("DocumentReference") == {}
    assert links(world, study) == {}


def test_reports_of_dose_are_no_documents(world: World) -> None:
    world.store(reports.ct_dose("1.2.7"))
    world.link()
    assert world.all_of("DocumentReference") == {}
    assert world.all_of("Observation")


@pytest.mark.parametrize("is_early", [True, False])
@pytest.mark.parametrize(
    ("type_", "naming"),
    [
        ("DiagnosticReport", "identifier"),
        ("DiagnosticReport", "imagingStudy"),
        ("DocumentReference", "identifier"),
        ("DocumentReference", "masterIdentifier"),
        ("DocumentReference", "context"),
    ],
)
def test_what_the_record_tells_of_a_document_is_told_once(
    world: World, type_: str, naming: str, *, is_early: bool
) -> None:
    made = written()
    study, uid = made.StudyInstanceUID, f"urn:oid:{made.SOPInstanceUID}"
    one = {"system": "urn:ietf:rfc:3986", "value": uid}
    contents: dict[str, dict[str, Any]] = {
        "identifier": {"identifier": [one]},
        "imagingStudy": {"imagingStudy": [{"identifier": one}]},
        "masterIdentifier": {"masterIdentifier": one},
        "context": {"context": {"related": [{"identifier": one}]}},
    }
    content = contents[naming]
    if not is_early:
        world.store(made)
        world.link()
        assert len(world.all_of("DocumentReference")) == 1
    told = world.write(type_, **content)
    if is_early:
        world.store(made)
    world.link()
    assert links(world, study) == {f"{type_}/{told}": "document"}
    assert list(world.all_of("DocumentReference")) == (
        [told] if type_ == "DocumentReference" else []
    )
    world.delete(type_, told)
    world.link()
    assert list(links(world, study).values()) == ["document"]
    assert told not in world.all_of("DocumentReference")
    assert len(world.all_of("DocumentReference")) == 1


@pytest.mark.parametrize("lacking", [(), ("masterIdentifier", "context", "subject")])
def test_a_document_that_the_record_has_taken_over_stays_with_it(
    world: World, lacking: tuple[str, ...]
) -> None:
    made = written()
    study = world.store(made)
    world.link()
    ((id_, content),) = world.all_of("DocumentReference").items()
    ours = {name: content[name] for name in content if name not in lacking}
    world.write("DocumentReference", id_, **{**ours, "description": "ours"})
    world.link()
    world.store(instance(StudyInstanceUID=study))
    world.link()
    assert world.all_of("DocumentReference")[id_]["description"] == "ours"
    how = "document" if lacking else "reference"
    assert links(world, study) == {f"DocumentReference/{id_}": how}
    world.delete("DocumentReference", id_)
    world.link()
    assert world.all_of("DocumentReference") == {id_: content}
    world.write("DocumentReference", id_, **{**ours, "description": "ours"})
    world.remove(study)
    world.link()
    assert world.all_of("DocumentReference")[id_]["description"] == "ours"


def test_one_that_is_taken_over_while_its_study_goes_stays(world: World) -> None:
    study = world.store(written())
    world.link()
    (id_,) = world.all_of("DocumentReference")
    world.write("DocumentReference", id_, description="ours")
    world.remove(study)
    world.link()
    assert world.all_of("DocumentReference")[id_]["description"] == "ours"


ACCESSION = {"system": "urn:oid:1.2.3.5", "value": "ACC1"}


@pytest.mark.parametrize(
    ("content", "how"),
    [
        ({"context": {"related": [{"reference": "ImagingStudy/STUDY"}]}}, "reference"),
        ({"masterIdentifier": "UID"}, "reference"),
        ({"context": {"related": [{"reference": "ServiceRequest/o"}]}}, "order"),
        ({"context": {"related": [{"identifier": ACCESSION}]}}, "accession"),
        ({"identifier": [ACCESSION]}, "accession"),
        ({"identifier": [{"system": "urn:x", "value": "ACC1"}]}, ""),
        ({"context": {"related": "ImagingStudy"}}, ""),
    ],
)
def test_documents_of_the_record_find_their_studies(
    world: World, content: dict[str, Any], how: str
) -> None:
    patient = world.patient()
    subject = {"reference": f"Patient/{patient}"}
    world.write("ServiceRequest", "o", identifier=[ACCESSION], subject=subject)
    study = world.study()
    world.link()
    uid = {"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}
    if content.get("masterIdentifier"):
        content = {"masterIdentifier": uid}
    elif "STUDY" in str(content):
        here = f"ImagingStudy/{world.imaging_study(study)['id']}"
        content = {"context": {"related": [{"reference": here}]}}
    elif "related" in str(content) and isinstance(content["context"]["related"], str):
        content = {"context": {"related": [{"display": "ImagingStudy"}]}}
    told = world.write("DocumentReference", subject=subject, **content)
    stranger = {"reference": "Patient/stranger"}
    if how == "accession":
        world.write("DocumentReference", subject=stranger, **content)
    world.link()
    expected = {f"DocumentReference/{told}": how} if how else {}
    assert links(world, study) == expected
    world.rebuild()
    assert links(world, study) == expected


def test_a_document_is_on_the_time_line_of_its_patient(world: World) -> None:
    study = world.store(written())
    world.link()
    followers.run_until_caught_up(EventFollower())
    found = timeline(actor=ADMIN, partition=world.name, patient=world.subject(study))
    (event,) = [each for each in found.events if each.kind is Kind.DOCUMENT]
    assert event.label == TITLE[2]
    assert event.studies == (study,)
    assert str(event.start_first) == "2020-02-01"
