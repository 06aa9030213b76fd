"""Numbers in structured reports, and radiation dose, become Observations."""

import json
from typing import Any

import pytest
from fhir.resources.R4B.observation import Observation
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhirlink.linkage.measurements import observations_of
from fhirlink.linkage.report_tree import About
from tests.fhirlink.linkage import reports
from tests.fhirlink.linkage.models import SOURCE, coded, model_of
from tests.fhirlink.linkage.world import World
from tests.synthetic import instance, new_uid

ABOUT = About("1.2.3", "study", {"reference": "Patient/p"}, SOURCE)
DCM = "http://dicom.nema.org/resources/ontology/DCM"
SCT = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"


def observed(report: Dataset) -> list[dict[str, Any]]:
    """Return the Observations of a report, which a reader of FHIR takes."""
    found = observations_of(model_of(report), ABOUT)
    for each in found:
        Observation.model_validate(each)
    return found


def test_a_measurement_group_is_an_observation_with_members() -> None:
    diameter = reports.number(reports.DIAMETER, "10.5", "mm")
    group, number = observed(reports.measurements("1.2.9", diameter))
    assert group["code"]["coding"] == [
        {"system": DCM, "code": "125007", "display": "Measurement Group"}
    ]
    assert group["valueCodeableConcept"]["coding"][0]["code"] == "27925004"
    assert group["bodySite"]["text"] == "Lung"
    assert group["note"] == [{"text": "Lesion 1"}]
    assert group["hasMember"] == [{"reference": f"Observation/{number['id']}"}]
    assert [each["valueCodeableConcept"]["text"] for each in group["component"]] == [
        "Normal"
    ]
    assert group["identifier"] == [
        {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3#1.1.1"},
        {
            "type": {"text": "Tracking Unique Identifier"},
            "system": "urn:dicom:uid",
            "value": "urn:oid:1.2.9",
        },
    ]
    assert number["code"]["coding"] == [
        {"system": SCT, "code": "81827009", "display": "Diameter"}
    ]
    assert number["valueQuantity"] == {
        "value": 10.5,
        "unit": "mm",
        "system": UCUM,
        "code": "mm",
    }
    assert number["bodySite"]["text"] == "Lung"
    for each in (group, number):
        assert each["subject"] == {"reference": "Patient/p"}
        assert each["derivedFrom"] == [{"reference": "ImagingStudy/study"}]
        assert each["effectiveDateTime"] == "2020-02-01T10:15:00+01:00"
        assert each["status"] == "final"


def test_numbers_outside_of_groups_count_too() -> None:
    findings = reports.container(
        ("121070", "DCM", "Findings"),
        reports.code(
            ("363698007", "SCT", "Finding Site"), ("80891009", "SCT", "Heart")
        ),
        reports.number(("10230-1", "LN", "LV Ejection Fraction"), "55", "%"),
    )
    root = reports.container(("125200", "DCM", "Adult Echo Report"), findings)
    (number,) = observed(reports.report(reports.ENHANCED, root))
    assert number["code"]["coding"][0]["system"] == "http://loinc.org"
    assert number["valueQuantity"]["value"] == 55
    assert number["bodySite"]["text"] == "Heart"


def test_a_number_without_value_says_why() -> None:
    absent = reports.item(
        "NUM",
        reports.DIAMETER,
        NumericValueQualifierCodeSequence=coded("114006", "DCM", "Measurement failure"),
    )
    _, number = observed(reports.measurements("1.2.9", absent))
    assert number["dataAbsentReason"]["text"] == "Measurement failure"


def test_a_partial_report_is_preliminary() -> None:
    diameter = reports.number(reports.DIAMETER, "1", "mm")
    report = reports.measurements("1.2.9", diameter, CompletionFlag="PARTIAL")
    assert {each["status"] for each in observed(report)} == {"preliminary"}


def test_the_dose_of_a_ct_is_summed_up_and_told_for_each_acquisition() -> None:
    summary, event = observed(reports.ct_dose("1.2.77"))
    assert summary["code"]["coding"] == [
        {"system": "http://loinc.org", "code": "73569-6"}
    ]
    told = {
        each["code"]["coding"][0]["code"]: each.get("valueQuantity", {}).get("value")
        for each in (*summary["component"], *event["component"])
    }
    assert told == {
        "113812": 1,
        "113813": 321.5,
        "113830": 12.3,
        "113838": 321.5,
        "113835": None,
    }
    assert summary["hasMember"] == [{"reference": f"Observation/{event['id']}"}]
    assert event["bodySite"]["text"] == "Chest"
    assert event["identifier"][1]["value"] == "urn:oid:1.2.77"
    assert event["partOf"] == [{"reference": "ImagingStudy/study"}]


def test_the_dose_of_projections_is_told() -> None:
    summary, event = observed(reports.projection_dose("1.2.78"))
    units = [each["valueQuantity"]["code"] for each in summary["component"]]
    assert units == ["Gy.m2", "Gy", "s"]
    assert event["component"][0]["valueQuantity"]["value"] == 0.0004


def test_positions_name_observations_again() -> None:
    report = reports.ct_dose("1.2.77")
    assert observed(report) == observed(report)


def test_a_deep_and_a_wide_tree_are_read_up_to_bounds() -> None:
    deep = reports.number(reports.DIAMETER, "1", "mm")
    for _ in range(80):
        deep = reports.container(("1", "99X", "x"), deep)
    assert observed(reports.report(reports.ENHANCED, deep)) == []
    wide = [reports.number(reports.DIAMETER, "1", "mm")] * 1500
    root = reports.container(("1", "99X", "x"), *wide)
    assert len(observed(reports.report(reports.ENHANCED, root))) == 1000


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("Value", "vr", "0040A730", "0040A040", "0040A043", "0040A300"),
                    *("0040A30A", "004008EA", "00080100", "00080102", "0040A168"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=80, deadline=None)
@given(HOSTILE, st.sampled_from(["NUM", "CODE", "CONTAINER"]))
def test_hostile_trees_never_fail(value: Any, kind: str) -> None:
    number = model_of(reports.number(reports.DIAMETER, "1", "mm"))
    for key in ("0040A300", "0040A043", "0040A730"):
        broken = {**number, "0040A040": {"vr": "CS", "Value": [kind]}}
        broken[key] = value if isinstance(value, dict) else {"Value": value}
        model: Any = {"0040A730": {"vr": "SQ", "Value": [broken, value]}}
        found = observations_of(model, ABOUT)
        json.dumps(found, allow_nan=False)


@pytest.mark.django_db
def test_measurements_follow_their_report(world: World) -> None:
    study = new_uid()
    image = instance(StudyInstanceUID=study)
    number = reports.number(reports.DIAMETER, "10.5", "mm")
    report = reports.measurements("1.2.9", number, StudyInstanceUID=study)
    world.store(image, report)
    world.link()
    found = world.all_of("Observation").values()
    assert len(found) == 2
    reference = {f"ImagingStudy/{world.imaging_study(study)['id']}"}
    assert {each["derivedFrom"][0]["reference"] for each in found} == reference
    subject = f"Patient/{world.subject(study)}"
    assert {each["subject"]["reference"] for each in found} == {subject}
    titles = {
        instance_["title"]
        for series in world.imaging_study(study)["series"]
        for instance_ in series["instance"]
        if "title" in instance_
    }
    assert "Imaging Measurement Report" in titles
    group = report.ContentSequence[0].ContentSequence[0]
    group.ContentSequence = Sequence(group.ContentSequence[:-1])
    world.store(report)
    world.link()
    assert len(world.all_of("Observation")) == 1
    world.remove(study)
    world.link()
    assert world.all_of("Observation") == {}
