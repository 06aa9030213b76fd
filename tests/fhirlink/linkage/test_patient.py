"""Whom a data set names: the key, the other keys, and the Patient made of it."""

from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.device import Device
from fhir.resources.R4B.endpoint import Endpoint
from fhir.resources.R4B.patient import Patient

from fhirlink.linkage.device import device_of
from fhirlink.linkage.endpoints import endpoints_of
from fhirlink.linkage.identifiers import (
    Identifier,
    accessions_of,
    other_keys,
    patient_key,
    study_uid,
)
from fhirlink.linkage.notes import Notes
from fhirlink.linkage.patient import demographics, is_ours, patient_of
from tests.fhirlink.linkage.models import SOURCE, model_of, sequence
from tests.synthetic import instance

ISO = sequence({"UniversalEntityID": "1.7", "UniversalEntityIDType": "ISO"})


@pytest.mark.parametrize(
    ("attributes", "system"),
    [
        ({}, "urn:oid:1.2.3.4"),  # the configured one
        ({"IssuerOfPatientID": "urn:oid:9.9"}, "urn:oid:9.9"),
        ({"IssuerOfPatientID": "https://h.example/mrn"}, "https://h.example/mrn"),
        ({"IssuerOfPatientID": "HOSP"}, "urn:hosp"),  # by the configured mapping
        ({"IssuerOfPatientID": "1.2.99"}, "urn:oid:1.2.99"),
        ({"IssuerOfPatientID": "A B"}, "urn:portal:issuer:default:A%20B"),
        ({"IssuerOfPatientIDQualifiersSequence": ISO}, "urn:oid:1.7"),
        (
            {
                "IssuerOfPatientID": "A B",
                "IssuerOfPatientIDQualifiersSequence": ISO,
            },
            "urn:oid:1.7",
        ),
    ],
)
def test_the_issuer_is_told_or_configured(
    attributes: dict[str, Any], system: str
) -> None:
    source = replace(SOURCE, issuers={"HOSP": "urn:hosp"})
    model = model_of(instance(**attributes))
    assert patient_key(model, source) == Identifier(system, "P1")


def test_without_issuer_and_setting_nobody_is_named() -> None:
    source = replace(SOURCE, assigning_authority="")
    assert patient_key(model_of(instance()), source) == Identifier("", "P1")


def test_other_identifiers_count_where_their_issuer_is_told() -> None:
    others = sequence(
        {"PatientID": "X1", "IssuerOfPatientID": "urn:oid:8"},
        {"PatientID": "X2"},
        {"PatientID": "X1", "IssuerOfPatientID": "urn:oid:8"},
    )
    model = model_of(instance(OtherPatientIDsSequence=others))
    assert other_keys(model, SOURCE) == [Identifier("urn:oid:8", "X1")]


def test_accessions_of_requests_count_too() -> None:
    requests = sequence(
        {"AccessionNumber": "ACC1"},
        {"AccessionNumber": "ACC2", "IssuerOfAccessionNumberSequence": ISO},
    )
    model = model_of(instance(RequestAttributesSequence=requests))
    assert accessions_of(model, SOURCE) == [
        Identifier("urn:oid:1.2.3.5", "ACC1"),
        Identifier("urn:oid:1.7", "ACC2"),
    ]


@pytest.mark.parametrize(
    ("system", "value", "uid"),
    [
        ("urn:dicom:uid", "urn:oid:1.2.3", "1.2.3"),
        ("urn:ietf:rfc:3986", "urn:oid:1.2.3", "1.2.3"),
        ("urn:dicom:uid", "1.2.3", "1.2.3"),
        ("", "1.2.3", "1.2.3"),
        ("", "123", ""),
        ("urn:hospital", "1.2.3", ""),
        ("urn:dicom:uid", "urn:oid:x", ""),
    ],
)
def test_others_write_the_uid_in_several_ways(
    system: str, value: str, uid: str
) -> None:
    assert study_uid(system, value) == uid


def test_a_patient_says_who_and_where_from() -> None:
    notes = Notes()
    model = model_of(instance(PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう"))
    made = patient_of([Identifier("urn:s", "P1")], demographics(model, notes))
    Patient.model_validate(made)
    assert is_ours(made)
    assert made["identifier"] == [{"system": "urn:s", "value": "P1"}]
    assert (made["gender"], made["birthDate"]) == ("female", "1970-01-02")
    assert [each["family"] for each in made["name"]] == ["Yamada", "山田", "やまだ"]
    assert [each["extension"][0]["valueCode"] for each in made["name"]] == [
        "ABC",
        "IDE",
        "SYL",
    ]
    assert notes.as_json() == []


@pytest.mark.filterwarnings("ignore::UserWarning")  # of pydicom, of bad values
def test_bad_demographics_are_left_out_and_noted() -> None:
    notes = Notes()
    model = model_of(instance(PatientSex="X", PatientBirthDate="19701341"))
    assert set(demographics(model, notes)) == {"name"}
    assert notes.as_json() == [
        ["bad-date", "PatientBirthDate", 1],
        ["bad-sex", "PatientSex", 1],
    ]


def test_one_who_was_replaced_says_by_whom() -> None:
    made = patient_of([Identifier("urn:s", "P1")], {}, replaced_by="q")
    Patient.model_validate(made)
    assert made["active"] is False
    assert made["link"] == [
        {"other": {"reference": "Patient/q"}, "type": "replaced-by"}
    ]


def test_a_device_is_one_by_maker_and_serial_number() -> None:
    one = model_of(instance(Manufacturer="ACME", DeviceSerialNumber="7"))
    other = model_of(
        instance(
            Manufacturer="acme",
            DeviceSerialNumber="7",
            ManufacturerModelName="Scan",
            SoftwareVersions=["1", "2"],
        )
    )
    made = device_of(other, SOURCE)
    Device.model_validate(made)
    assert made["id"] == device_of(one, SOURCE)["id"]
    assert made["serialNumber"] == "7"
    assert [each["value"] for each in made["version"]] == ["1", "2"]
    assert device_of(model_of(instance()), SOURCE) == {}


def test_a_partition_has_endpoints_to_retrieve_to_search_and_to_look_at() -> None:
    made = endpoints_of(SOURCE)
    for each in made:
        Endpoint.model_validate(each)
    assert [each["connectionType"]["code"] for each in made] == [
        "dicom-wado-rs",
        "dicom-qido-rs",
        "ihe-iid",
    ]
    assert [each["address"] for each in made] == [
        *["https://portal.example/dicomweb"] * 2,
        "https://portal.example/IHEInvokeImageDisplay/default",
    ]
    down = endpoints_of(replace(SOURCE, is_suspended=True))
    assert {each["status"] for each in down} == {"suspended"}
    assert endpoints_of(replace(SOURCE, address="")) == []


def test_ids_are_told_apart_by_partition_and_key_and_come_again() -> None:
    other = replace(SOURCE, partition="other")
    ids = {
        SOURCE.id_of("ImagingStudy", "1.2"),
        SOURCE.id_of("ImagingStudy", "1.3"),
        SOURCE.id_of("Patient", "1.2"),
        SOURCE.id_of("Patient", "1", ".2"),
        other.id_of("Patient", "1.2"),
    }
    assert len(ids) == 5
    assert SOURCE.id_of("Patient", "1.2") in ids
