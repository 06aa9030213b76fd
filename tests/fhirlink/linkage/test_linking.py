"""Studies become ImagingStudies, and find their patients, orders and reports."""

from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import followers
from core.changefeed import head
from core.partitions import get_or_create_partition
from fhirlink.linkage.folding import fold_dirty
from fhirlink.linkage.follower import LinkFollower
from fhirlink.linkage.sources import configure_source
from fhirlink.models import (
    DirtyStudy,
    LinkConflict,
    LinkedStudy,
    PatientLink,
    ReportLink,
    ResourceVersion,
)
from imaging.models import Patient
from imaging.move import move_study
from tests.fhirlink.linkage.models import model_of, sequence
from tests.fhirlink.linkage.world import AUTHORITY, World
from tests.imaging.stores import ADMIN, received_model, store
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.django_db


def conflicts(world: World) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in LinkConflict.objects.filter(partition__name=world.name):
        found.setdefault(each.study_instance_uid, set()).add(each.kind)
    return found


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with each statement that Django does not know of."""
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(self: Any, query: Any, *values: Any, **options: Any) -> Any:
        if type(self) is psycopg.Cursor:
            statements.append(str(query))
        return execute(self, query, *values, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    return statements


def test_a_study_is_an_imaging_study_of_a_patient_that_images_made(
    world: World,
) -> None:
    study = world.study()
    world.link()
    found = world.imaging_study(study)
    (patient,) = world.all_of("Patient").items()
    assert found["subject"]["reference"] == f"Patient/{patient[0]}"
    assert patient[1]["identifier"] == [{"system": AUTHORITY, "value": "P1"}]
    assert patient[1]["meta"]["tag"] == [
        {"system": "urn:portal:origin", "code": "dicom"}
    ]
    assert len(world.all_of("Endpoint")) == 3
    link = PatientLink.objects.get(
        patient=Patient.objects.get(patient_id="P1", partition__name=world.name)
    )
    assert (link.fhir_id, link.how) == (patient[0], "made")


def test_a_second_fold_writes_nothing(world: World) -> None:
    world.study()
    world.link()
    versions, entries = ResourceVersion.objects.count(), head()
    followers.rebuild(LinkFollower())
    world.link()
    assert (ResourceVersion.objects.count(), head()) == (versions, entries)


def test_a_thousand_slices_are_one_update_by_few_statements(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, series = new_uid(), new_uid()[:50]
    one = model_of(instance(StudyInstanceUID=study, SeriesInstanceUID=series))
    slices = [
        {
            **one,
            "00080018": {"vr": "UI", "Value": [f"{series}.{number}"]},
            "00200013": {"vr": "IS", "Value": [number]},
        }
        for number in range(1000)
    ]
    store(*map(received_model, slices), partition=world.name)
    followers.run_until_caught_up(LinkFollower())
    statements = counted(monkeypatch)
    with CaptureQueriesContext(connection) as by_django:
        fold_dirty()
    assert len(statements) + len(by_django) < 80
    found = world.imaging_study(study)
    assert found["numberOfInstances"] == 1000
    assert len(found["series"][0]["instance"]) == 1000
    assert ResourceVersion.objects.filter(resource__type="ImagingStudy").count() == 1


def test_a_study_that_changes_again_waits_until_it_is_quiet(
    world: World, settings: Any
) -> None:
    settings.LINK_QUIET_S, settings.LINK_WAIT_S = 3600, 7200
    world.study()
    world.link()
    assert world.all_of("ImagingStudy") == {}
    assert DirtyStudy.objects.count() == 1
    settings.LINK_WAIT_S = 0
    world.link()
    assert len(world.all_of("ImagingStudy")) == 1
    assert DirtyStudy.objects.count() == 0


def test_the_record_knows_the_patient_before_the_study_comes(world: World) -> None:
    patient = world.patient()
    study = world.study()
    world.link()
    assert world.subject(study) == patient
    assert list(world.all_of("Patient")) == [patient]
    assert conflicts(world) == {}


def test_the_record_tells_of_the_patient_later(world: World) -> None:
    study = world.study()
    world.link()
    made = world.subject(study)
    patient = world.patient()
    world.link()
    assert world.subject(study) == patient
    assert world.all_of("Patient")[made]["active"] is False
    assert world.all_of("Patient")[made]["link"] == [
        {"other": {"reference": f"Patient/{patient}"}, "type": "replaced-by"}
    ]
    assert [e["target"] for e in world.all_of("Provenance").values()] == [
        [{"reference": f"ImagingStudy/{world.imaging_study(study)['id']}"}]
    ]


def test_the_record_takes_over_the_patient_that_images_made(world: World) -> None:
    study = world.study()
    world.link()
    made = world.subject(study)
    world.patient(fhir_id=made, telecom=[{"system": "phone", "value": "1"}])
    world.link()
    assert world.subject(study) == made
    assert world.all_of("Patient")[made]["telecom"]
    assert "meta" not in world.all_of("Patient")[made]
    assert LinkedStudy.objects.get(study_instance_uid=study).how == "key"


def test_the_same_number_of_another_issuer_is_another_patient(world: World) -> None:
    patient = world.patient()
    one = world.study()
    other = world.study(IssuerOfPatientID="urn:oid:9.9")
    world.link()
    assert world.subject(one) == patient
    assert world.subject(other) != patient


def test_without_an_issuer_a_patient_stays_unlinked_and_listed(
    world: World, settings: Any
) -> None:
    settings.ASSIGNING_AUTHORITY = ""
    world.patient()
    study = world.study()
    world.link()
    assert world.imaging_study(study)["subject"] == {
        "type": "Patient",
        "identifier": {"value": "P1"},
        "display": "Jane Doe",
    }
    assert conflicts(world) == {study: {"unlinked"}}


def test_each_study_without_patient_id_has_a_placeholder(world: World) -> None:
    studies = [world.study(PatientID=""), world.study(PatientID="")]
    world.link()
    subjects = {world.subject(each) for each in studies}
    assert len(subjects) == 2
    tags = [each["meta"]["tag"][1]["code"] for each in world.all_of("Patient").values()]
    assert tags == ["placeholder", "placeholder"]


@pytest.mark.parametrize(
    ("content", "members"),
    [
        ({"birthDate": "1971"}, ["birthDate"]),
        ({"birthDate": "1970"}, []),
        ({"gender": "male"}, ["gender"]),
        ({"gender": "unknown"}, []),
        ({"name": [{"text": "Ulrike Meyer"}]}, ["name"]),
        ({"name": [{"text": "Jane B. Doe"}]}, []),
        ({"name": [{"text": "Ulrike Meyer"}, {"text": "DOE, JANE"}]}, []),
        ({"name": [{"text": "山田太郎"}]}, []),  # says nothing of Latin letters
    ],
)
def test_a_contradiction_is_filed_under_the_key_and_flagged(
    world: World, content: dict[str, Any], members: list[str]
) -> None:
    patient = world.patient(**content)
    study = world.study()
    world.link()
    assert world.subject(study) == patient
    found = LinkConflict.objects.filter(study_instance_uid=study)
    assert [each.detail["members"] for each in found] == ([members] if members else [])


def test_what_no_longer_contradicts_is_no_conflict(world: World) -> None:
    patient = world.patient(birthDate="1960-01-01")
    study = world.study()
    world.link()
    assert conflicts(world) == {study: {"contradiction"}}
    world.patient(fhir_id=patient)
    world.link()
    assert conflicts(world) == {}


def test_several_patients_with_the_key_are_for_a_person_to_choose(
    world: World,
) -> None:
    candidates = sorted([world.patient(), world.patient()])
    study = world.study()
    world.link()
    assert world.subject(study) not in candidates
    (conflict,) = LinkConflict.objects.filter(study_instance_uid=study)
    assert (conflict.kind, conflict.detail) == ("several", {"candidates": candidates})


def test_a_merge_in_the_record_is_followed_and_taken_back(world: World) -> None:
    one, other = world.patient(), world.patient("P2")
    study = world.study(PatientID="P2")
    world.link()
    assert world.subject(study) == other
    link = {"other": {"reference": f"Patient/{one}"}, "type": "replaced-by"}
    world.patient("P2", other, link=[link])
    world.link()
    assert world.subject(study) == one
    world.patient("P2", other)
    world.link()
    assert world.subject(study) == other


def test_other_identifiers_join_and_part_again(world: World) -> None:
    others = sequence({"PatientID": "X", "IssuerOfPatientID": "urn:oid:8"})
    first = world.study(PatientID="X", IssuerOfPatientID="urn:oid:8")
    joining = instance(OtherPatientIDsSequence=others)
    second = world.store(joining)
    world.link()
    assert world.subject(first) == world.subject(second)
    patient = world.all_of("Patient")[world.subject(first)]
    assert {each["value"] for each in patient["identifier"]} == {"P1", "X"}
    del joining.OtherPatientIDsSequence
    world.store(joining)
    world.link()
    assert world.subject(first) != world.subject(second)
    assert all(each["active"] for each in world.all_of("Patient").values())


def test_a_corrected_patient_id_is_followed(world: World) -> None:
    right = world.patient("P2")
    wrong = instance()
    study = world.store(wrong)
    world.link()
    made = world.subject(study)
    wrong.PatientID = "P2"
    world.store(wrong)
    world.link()
    assert world.subject(study) == right
    assert world.all_of("Patient")[made]["active"] is False
    old = PatientLink.objects.filter(fhir_id=made)
    assert not old.exists()


def test_two_patients_in_a_study_are_linked_to_none(world: World) -> None:
    study, one = new_uid(), world.patient()
    world.store(
        instance(StudyInstanceUID=study),
        instance(StudyInstanceUID=study, PatientID="P2"),
    )
    world.link()
    assert world.subject(study) == ""
    assert conflicts(world) == {study: {"two-patients"}}
    assert PatientLink.objects.filter(fhir_id=one).count() == 0


def test_a_deleted_study_is_cancelled_and_comes_back(world: World) -> None:
    image = instance()
    study = world.store(image)
    world.link()
    before = world.imaging_study(study)
    world.remove(study)
    world.link()
    gone = world.imaging_study(study)
    assert (gone["status"], gone["id"]) == ("cancelled", before["id"])
    assert gone["numberOfInstances"] == 0
    assert gone["subject"] == before["subject"]
    world.store(image)
    world.link()
    assert world.imaging_study(study) == before


def test_a_moved_study_is_cancelled_here_and_available_there(world: World) -> None:
    other, study = World(), world.study()
    world.link()
    get_or_create_partition(actor=ADMIN, name=other.name)
    move_study(
        actor=ADMIN,
        partition=world.name,
        study_instance_uid=study,
        to=other.name,
        reason="test",
    )
    world.link()
    assert world.imaging_study(study)["status"] == "cancelled"
    assert other.imaging_study(study)["status"] == "available"


def test_the_records_imaging_study_is_the_one_that_is_written(world: World) -> None:
    study = world.study()
    world.link()
    patient = world.subject(study)
    ehr = world.write(
        "ImagingStudy",
        identifier=[{"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}],
        status="registered",
        subject={"reference": f"Patient/{patient}"},
        reasonCode=[{"text": "of the record"}],
    )
    world.link()
    found = world.imaging_study(study)
    assert found["id"] == ehr
    assert (found["status"], found["numberOfSeries"]) == ("available", 1)
    assert found["reasonCode"] == [{"text": "of the record"}]
    row = LinkedStudy.objects.get(study_instance_uid=study)
    assert row.of_record == ["identifier", "reasonCode"]
    world.delete("ImagingStudy", ehr)
    world.link()
    assert "reasonCode" not in world.imaging_study(study)
    assert LinkedStudy.objects.get(study_instance_uid=study).of_record == []


ACCESSION = {"system": "urn:oid:1.2.3.5", "value": "ACC1"}


@pytest.mark.parametrize("is_early", [True, False])
def test_a_study_answers_the_order_with_its_accession(
    world: World, *, is_early: bool
) -> None:
    patient = world.patient()
    order: dict[str, Any] = {
        "identifier": [ACCESSION],
        "subject": {"reference": f"Patient/{patient}"},
    }
    if is_early:
        world.write("ServiceRequest", "order", **order)
    study = world.study()
    world.link()
    if not is_early:
        (reference,) = world.imaging_study(study)["basedOn"]
        assert "reference" not in reference
        assert reference["identifier"]["value"] == "ACC1"
        world.write("ServiceRequest", "order", **order)
        world.link()
    (reference,) = world.imaging_study(study)["basedOn"]
    assert reference["reference"] == "ServiceRequest/order"


def test_an_order_announces_a_study_that_comes_and_goes(world: World) -> None:
    patient, image = world.patient(), instance()
    study = str(image.StudyInstanceUID)
    order: dict[str, Any] = {
        "identifier": [
            {"system": "urn:dicom:uid", "value": f"urn:oid:{study}"},
            {
                "type": {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/v2-0203",
                            "code": "ACSN",
                        }
                    ]
                },
                **ACCESSION,
            },
        ],
        "subject": {"reference": f"Patient/{patient}"},
        "code": {"text": "CT of the chest"},
    }
    world.write("ServiceRequest", "order", **order)
    world.link()
    found = world.imaging_study(study)
    assert found["status"] == "registered"
    assert found["basedOn"][0]["reference"] == "ServiceRequest/order"
    assert (found["numberOfInstances"], found["subject"]) == (0, order["subject"])
    assert [each["value"] for each in found["identifier"][1:]] == ["ACC1"]
    world.store(image)
    world.link()
    held = world.imaging_study(study)
    assert (held["status"], held["id"]) == ("available", found["id"])
    world.remove(study)
    world.link()
    assert world.imaging_study(study)["status"] == "registered"
    world.write("ServiceRequest", "order", **order, status="revoked")
    world.link()
    assert world.imaging_study(study)["status"] == "cancelled"
    world.rebuild()
    assert world.imaging_study(study)["status"] == "cancelled"


@pytest.mark.parametrize(
    "content",
    [
        {"status": "draft"},
        {"status": "completed"},
        {"subject": {"reference": "Location/1"}},
        {"identifier": [ACCESSION]},
        {"identifier": [{"system": "urn:x", "value": "1.2.3"}]},
    ],
)
def test_other_orders_announce_nothing(world: World, content: dict[str, Any]) -> None:
    usual: dict[str, Any] = {
        "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}],
        "subject": {"reference": "Patient/p"},
    }
    world.write("ServiceRequest", **{**usual, **content})
    world.link()
    assert world.all_of("ImagingStudy") == {}


def test_an_order_of_somebody_else_or_one_of_several_is_not_linked(
    world: World,
) -> None:
    patient = world.patient()
    stranger = {"reference": "Patient/stranger"}
    world.write("ServiceRequest", identifier=[ACCESSION], subject=stranger)
    study = world.study()
    world.link()
    (reference,) = world.imaging_study(study)["basedOn"]
    assert "reference" not in reference
    for _ in range(2):
        own = {"reference": f"Patient/{patient}"}
        world.write("ServiceRequest", identifier=[ACCESSION], subject=own)
    world.link()
    (reference,) = world.imaging_study(study)["basedOn"]
    assert "reference" not in reference


CT = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"}


@pytest.mark.parametrize("is_early", [True, False])
@pytest.mark.parametrize(
    ("content", "how"),
    [
        ({"imagingStudy": [{"identifier": "UID"}]}, "reference"),
        ({"imagingStudy": [{"reference": "ImagingStudy/ID"}]}, "reference"),
        ({"basedOn": [{"reference": "ServiceRequest/order"}]}, "order"),
        ({"identifier": [ACCESSION]}, "accession"),
        ({"basedOn": [{"identifier": ACCESSION}]}, "accession"),
        (
            {
                "category": [{"coding": [CT]}],
                "effectiveDateTime": "2020-01-31T08:00:00Z",
            },
            "suggestion",
        ),
        ({"identifier": [{"system": "urn:x", "value": "ACC1"}]}, ""),
        ({"effectiveDateTime": "2020-01-31"}, ""),
    ],
)
def test_reports_find_their_studies(
    world: World, content: dict[str, Any], how: str, *, is_early: bool
) -> None:
    patient = world.patient()
    subject = {"reference": f"Patient/{patient}"}
    image = instance()
    world.write("ServiceRequest", "order", identifier=[ACCESSION], subject=subject)
    study = image.StudyInstanceUID
    if not is_early:
        world.store(image)
        world.link()
        content = _named(content, study, world.imaging_study(study)["id"])
    else:
        content = _named(content, study, "not-known-yet")
    report = world.write("DiagnosticReport", subject=subject, **content)
    if is_early:
        world.store(image)
    world.link()
    found = ReportLink.objects.filter(report=report)
    is_told = how and not (is_early and "not-known-yet" in str(content))
    assert [each.how for each in found] == ([how] if is_told else [])
    assert all(each.is_suggestion == (how == "suggestion") for each in found)


def _named(content: dict[str, Any], study: str, id_: str) -> dict[str, Any]:
    identifier = {"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}
    named: dict[str, Any] = {}
    for key, value in content.items():
        named[key] = value
        if key == "imagingStudy" and "identifier" in value[0]:
            named[key] = [{"identifier": identifier}]
        elif key == "imagingStudy":
            named[key] = [{"reference": f"ImagingStudy/{id_}"}]
    return named


def test_an_accession_of_another_patient_links_no_report(world: World) -> None:
    world.patient()
    world.study()
    stranger = {"reference": "Patient/stranger"}
    world.write("DiagnosticReport", identifier=[ACCESSION], subject=stranger)
    world.link()
    assert not ReportLink.objects.exists()


def device_of(world: World) -> tuple[dict[str, Any], int]:
    """Return the one Device, and how many versions it has."""
    (found,) = world.all_of("Device").values()
    versions = ResourceVersion.objects.filter(
        resource__type="Device", resource__partition__name=world.name
    )
    return found, versions.count()


def test_a_device_is_described_as_the_newest_study_has_it(world: World) -> None:
    def scan(day: str, software: str) -> None:
        world.study(SeriesDate=day, DeviceSerialNumber="7", SoftwareVersions=[software])
        world.link()

    scan("20200101", "1.0")
    scan("20210101", "2.0")
    device, number = device_of(world)
    assert (device["version"], number) == ([{"value": "2.0"}], 2)
    scan("20190101", "0.9")  # late
    scan("20220101", "2.0")  # no news
    assert device_of(world) == (device, number)
    world.rebuild()
    assert device_of(world) == (device, number)


def test_a_device_that_the_record_has_written_stays_as_it_is(world: World) -> None:
    world.study(SeriesDate="20200101", DeviceSerialNumber="7")
    world.link()
    ((id_, _),) = world.all_of("Device").items()
    world.write("Device", id_, note=[{"text": "of the record"}])
    world.study(SeriesDate="20230101", DeviceSerialNumber="7", SoftwareVersions="3")
    world.link()
    assert device_of(world)[0]["note"] == [{"text": "of the record"}]


def test_endpoints_say_what_is_configured_and_nothing_else(world: World) -> None:
    world.study()
    world.link()
    held = world.all_of("Endpoint").values()
    kinds = {each["connectionType"]["code"]: each for each in held}
    assert set(kinds) == {"dicom-wado-rs", "dicom-qido-rs", "ihe-iid"}
    assert kinds["ihe-iid"]["address"] == (
        f"https://portal.example/IHEInvokeImageDisplay/{world.name}"
    )
    assert {each["status"] for each in held} == {"active"}
    for is_suspended, status in ((True, "suspended"), (False, "active")):
        configure_source(
            actor=ADMIN, partition=world.name, values={"is_suspended": is_suspended}
        )
        world.link()
        found = world.all_of("Endpoint").values()
        assert {each["status"] for each in found} == {status}
    configure_source(actor=ADMIN, partition=world.name, values={"address": "https://x"})
    world.link()
    references = world.imaging_study(
        LinkedStudy.objects.get(partition__name=world.name).study_instance_uid
    )["endpoint"]
    assert len(references) == 2  # where images are shown cannot be told


def test_a_hostile_study_is_linked_and_its_faults_are_noted(world: World) -> None:
    study = world.study(
        PatientName="^^^^^^", BodyPartExamined="GIZZARD", AnatomicRegionSequence=None
    )
    world.link()
    row = LinkedStudy.objects.get(study_instance_uid=study)
    assert ["unknown-body-part", "BodyPartExamined", 1] in row.notes
    assert world.imaging_study(study)["status"] == "available"
