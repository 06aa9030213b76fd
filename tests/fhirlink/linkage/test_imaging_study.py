"""Each row of the mapping of a study to its ImagingStudy."""

import json
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.imagingstudy import ImagingStudy
from hypothesis import given, settings
from hypothesis import strategies as st

from fhirlink.linkage.held import HeldInstance, HeldSeries, HeldStudy, Links
from fhirlink.linkage.imaging_study import cancelled, imaging_study, merged
from fhirlink.linkage.notes import Notes
from tests.fhirlink.linkage.models import (
    SOURCE,
    coded,
    held_study,
    model_of,
    sequence,
    study_of,
)
from tests.synthetic import instance, new_uid

LINKS = Links({"reference": "Patient/p"}, [], [{"reference": "Endpoint/e"}])
DCM = "http://dicom.nema.org/resources/ontology/DCM"
SCT = "http://snomed.info/sct"
ACSN = {
    "coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}
    ]
}


def made(held: HeldStudy, **changes: Any) -> dict[str, Any]:
    """Return the ImagingStudy of a study, that a reader of FHIR takes."""
    found = imaging_study(held, LINKS, replace(SOURCE, **changes), Notes())
    ImagingStudy.model_validate(found)
    return found


def noted(held: HeldStudy) -> dict[tuple[str, str], int]:
    notes = Notes()
    imaging_study(held, LINKS, SOURCE, notes)
    return {(kind, name): number for kind, name, number in notes.as_json()}  # type: ignore[misc]


# Attributes of an instance, and what stands at a place of the resource.
ROWS: list[tuple[dict[str, Any], str, object]] = [
    ({}, "status", "available"),
    ({}, "subject", {"reference": "Patient/p"}),
    ({}, "description", "Thorax"),
    ({}, "endpoint", [{"reference": "Endpoint/e"}]),
    ({}, "numberOfSeries", 1),
    ({}, "numberOfInstances", 1),
    (
        {},
        "modality",
        [{"system": DCM, "code": "CT", "display": "Computed Tomography"}],
    ),
    ({"Modality": "ZZ"}, "modality", [{"system": DCM, "code": "ZZ"}]),
    ({"TimezoneOffsetFromUTC": "-0330"}, "started", "2020-01-31T14:25:30-03:30"),
    ({}, "started", "2020-01-31T14:25:30+01:00"),  # of the source's zone
    ({"StudyDate": "20200731"}, "started", "2020-07-31T14:25:30+02:00"),
    ({"StudyTime": "1425"}, "started", "2020-01-31T14:25:00+01:00"),
    ({"StudyTime": "142530.123456"}, "started", "2020-01-31T14:25:30.123456+01:00"),
    ({"StudyTime": ""}, "started", "2020-01-31"),
    (
        {"StudyDate": "", "SeriesDate": "20200202", "SeriesTime": "01"},
        "started",
        "2020-02-02T01:00:00+01:00",
    ),
    (
        {},
        "referrer",
        {"type": "Practitioner", "display": "Gregory House"},
    ),
    (
        {
            "ReferringPhysicianIdentificationSequence": sequence(
                {"PersonIdentificationCodeSequence": coded("D7", "99HR", "House")}
            )
        },
        "referrer",
        {
            "type": "Practitioner",
            "identifier": {"system": "urn:portal:scheme:default:99HR", "value": "D7"},
            "display": "Gregory House",
        },
    ),
    (
        {"NameOfPhysiciansReadingStudy": ["Wilson^James", "Cuddy^Lisa^^Dr."]},
        "interpreter",
        [
            {"type": "Practitioner", "display": "James Wilson"},
            {"type": "Practitioner", "display": "Dr. Lisa Cuddy"},
        ],
    ),
    (
        {"ProcedureCodeSequence": coded("24727-0", "LN", "CT Head W contrast IV")},
        "procedureCode",
        [
            {
                "coding": [
                    {
                        "system": "http://loinc.org",
                        "code": "24727-0",
                        "display": "CT Head W contrast IV",
                    }
                ],
                "text": "CT Head W contrast IV",
            }
        ],
    ),
    (
        {
            "RequestAttributesSequence": sequence(
                {
                    "ReasonForTheRequestedProcedure": "cough",
                    "ReasonForRequestedProcedureCodeSequence": coded(
                        "49727002", "SCT", "Cough"
                    ),
                }
            )
        },
        "reasonCode",
        [
            {
                "coding": [{"system": SCT, "code": "49727002", "display": "Cough"}],
                "text": "Cough",
            },
            {"text": "cough"},
        ],
    ),
    (
        {"InstitutionName": "St. Elsewhere", "InstitutionalDepartmentName": "CT"},
        "location",
        {"type": "Location", "display": "St. Elsewhere, CT"},
    ),
    ({"StudyComments": "secret"}, "note", None),
    # Of series
    ({"SeriesNumber": 7}, "series.number", 7),
    ({"SeriesNumber": -7}, "series.number", None),
    ({"SeriesDescription": "axial"}, "series.description", "axial"),
    (
        {"SeriesDate": "20200131", "SeriesTime": "143000"},
        "series.started",
        "2020-01-31T14:30:00+01:00",
    ),
    ({"Modality": ""}, "series.modality.code", "OT"),
    (
        {},  # an older code of SNOMED becomes today's
        "series.bodySite",
        {"system": SCT, "code": "51185008", "display": "Chest"},
    ),
    (
        {"AnatomicRegionSequence": None, "BodyPartExamined": "CHEST ABD PELVIS"},
        "series.bodySite",
        {
            "system": SCT,
            "code": "416775004",
            "display": "Chest, Abdomen and Pelvis",
        },
    ),
    (
        {"AnatomicRegionSequence": None, "BodyPartExamined": "GIZZARD"},
        "series.bodySite",
        None,
    ),
    ({"Laterality": "L"}, "series.laterality.display", "Left"),
    ({"Laterality": "U"}, "series.laterality", None),
    ({"StationName": "CT1"}, "series.performer.actor.display", "CT1"),
    ({"OperatorsName": "Nosy^Ned"}, "series.performer.actor.display", "ACME"),
    ({"InstanceNumber": 9}, "series.instance.number", 9),
    (
        {},
        "series.instance.sopClass",
        {
            "system": "urn:ietf:rfc:3986",
            "code": "urn:oid:1.2.840.10008.5.1.4.1.1.2",
        },
    ),
]


@pytest.mark.parametrize(("attributes", "path", "expected"), ROWS)
def test_attributes_are_elements(
    attributes: dict[str, Any], path: str, expected: object
) -> None:
    found: Any = made(study_of(**attributes))
    for name in path.split("."):
        found = found[0] if isinstance(found, list) else found
        found = found.get(name)
    assert found == expected


def test_identifiers_are_uid_accession_and_study_id() -> None:
    held = study_of(StudyInstanceUID="1.2.3")
    assert made(held)["identifier"] == [
        {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"},
        {"type": ACSN, "system": "urn:oid:1.2.3.5", "value": "ACC1"},
        {"system": "urn:portal:study-id:default", "value": "S1"},
    ]


def test_an_issuer_of_accessions_is_their_system_and_a_study_id_that_is_one_goes() -> (
    None
):
    issuer = sequence({"UniversalEntityID": "1.9.8", "UniversalEntityIDType": "ISO"})
    held = study_of(
        StudyInstanceUID="1.2.3",
        StudyID="ACC1",
        IssuerOfAccessionNumberSequence=issuer,
    )
    assert made(held)["identifier"][1:] == [
        {"type": ACSN, "system": "urn:oid:1.9.8", "value": "ACC1"}
    ]


def test_an_accession_without_issuer_is_shown_without_system() -> None:
    identifiers = made(study_of(), accession_system="")["identifier"]
    assert identifiers[1] == {"type": ACSN, "value": "ACC1"}


def test_without_any_zone_only_the_date_is_said() -> None:
    assert made(study_of(), zone="")["started"] == "2020-01-31"


def test_series_are_told_in_their_order_with_the_union_of_modalities() -> None:
    study = new_uid()
    images = [
        instance(StudyInstanceUID=study, Modality=modality, SeriesNumber=number)
        for modality, number in (("PT", 3), ("CT", 2), ("CT", 1))
    ]
    found = made(held_study(*images))
    assert [each["code"] for each in found["modality"]] == ["CT", "PT"]
    assert [each["number"] for each in found["series"]] == [1, 2, 3]
    assert found["numberOfSeries"] == 3


def test_what_is_counted_is_what_is_held() -> None:
    held = study_of(NumberOfStudyRelatedInstances=99)
    assert made(held)["numberOfInstances"] == 1
    assert noted(held)["other-count", "NumberOfStudyRelatedInstances"] == 1


def test_a_large_study_lists_its_series_and_where_to_ask() -> None:
    study, series = new_uid(), new_uid()
    held = held_study(
        *(instance(StudyInstanceUID=study, SeriesInstanceUID=series) for _ in range(3))
    )
    assert len(made(held, most_instances=3)["series"][0]["instance"]) == 3
    (told,) = made(held, most_instances=2)["series"]
    assert "instance" not in told
    assert told["numberOfInstances"] == 3
    assert told["endpoint"] == [{"reference": "Endpoint/e"}]


def test_staff_is_named_where_a_setting_says_so() -> None:
    held = study_of(OperatorsName="Nosy^Ned")
    (told,) = made(held, names_staff=True)["series"]
    assert [each["actor"].get("display") for each in told["performer"]] == [
        "ACME",
        "Ned Nosy",
    ]


def test_a_study_that_is_gone_is_cancelled_and_keeps_who_and_what() -> None:
    last = made(study_of())
    found = cancelled(last)
    ImagingStudy.model_validate(found)
    assert found["status"] == "cancelled"
    assert found["numberOfInstances"] == 0
    assert "series" not in found
    assert found["identifier"] == last["identifier"]


def test_the_record_knows_the_order_and_images_know_the_series() -> None:
    record = {
        "resourceType": "ImagingStudy",
        "id": "ehr",
        "status": "registered",
        "identifier": [{"system": "urn:hospital", "value": "7"}],
        "subject": {"reference": "Patient/other"},
        "encounter": {"reference": "Encounter/1"},
        "basedOn": [{"reference": "ServiceRequest/1"}],
        "description": "of the record",
        "numberOfSeries": 40,
    }
    images = made(study_of())
    found = merged(record, images)
    assert found["id"] == "ehr"
    assert found["encounter"] == {"reference": "Encounter/1"}
    assert found["basedOn"] == [{"reference": "ServiceRequest/1"}]
    assert found["description"] == "of the record"
    assert found["subject"] == {"reference": "Patient/p"}
    assert (found["status"], found["numberOfSeries"]) == ("available", 1)
    (other,) = found["identifier"][:1]
    assert other == {"system": "urn:hospital", "value": "7"}
    assert found["identifier"][1:] == images["identifier"]


@pytest.mark.parametrize(
    ("attributes", "note"),
    [
        ({"StudyDate": "20200230"}, ("bad-date", "StudyDate")),
        ({"Modality": ""}, ("no-modality", "Modality")),
        ({"Modality": "ZZ"}, ("unknown-modality", "Modality")),
        ({"SeriesNumber": -1}, ("bad-number", "SeriesNumber")),
        ({"Laterality": "X"}, ("unknown-laterality", "Laterality")),
        ({"TimezoneOffsetFromUTC": "+99"}, ("bad-zone", "TimezoneOffsetFromUTC")),
        (
            {"AnatomicRegionSequence": None, "BodyPartExamined": "GIZZARD"},
            ("unknown-body-part", "BodyPartExamined"),
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # of pydicom, of bad values
def test_bad_values_are_noted(
    attributes: dict[str, Any], note: tuple[str, str]
) -> None:
    assert noted(study_of(**attributes))[note] >= 1


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["20200101", "1.2.3", "DCM", "\ud800", "\x00", "A^B=C^D"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["vr", "Value", "Alphabetic", "00080100", "00400275"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
TAGS = [
    *sorted(model_of(instance())),
    *("00081032", "00400275", "00080051", "00102160", "00080096", "00082218"),
    *("0040A043", "00081060", "00101002", "00100024", "00080201", "00181000"),
]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(TAGS), JSON, max_size=12), JSON)
def test_hostile_values_never_fail_and_give_what_can_be_written(
    hostile: dict[str, Any], value: Any
) -> None:
    model = {tag: {"vr": "LO", "Value": [each]} for tag, each in hostile.items()}
    for broken in (model, hostile, {tag: {"Value": value} for tag in hostile}):
        instances = [HeldInstance("1.2", "1.3", -1, "t")]
        series = HeldSeries("1.2.3", broken, 1, instances)
        held = HeldStudy("1.2.3.4", broken, [series])
        found = imaging_study(held, LINKS, SOURCE, Notes())
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
        ImagingStudy.model_validate(found)
