"""The mission's sentence over HTTP, as those who may see more and less of it."""

import json
from datetime import date
from typing import Any, Final

from core.accounts.grants import Level
from core.audit import Outcome
from core.models import AuditRecord
from imaging.scopes import scope_of_partition
from tests.cohorts.answers.projects import granted, project_of
from tests.cohorts.hospital import (
    NOW,
    PLANTED,
    SENTENCE,
    TRUTH,
    planted,
    values_of,
)
from tests.fhirlink.linkage.world import World
from tests.graphql.graph import ask, errors
from tests.imaging.stores import ADMIN

COUNTED: Final = """
query ($criteria: Criteria!, $partition: String!, $now: Date) {
  cohort(criteria: $criteria, partition: $partition, now: $now) {
    runId seesPatients numberOfPatients { value text isProtected }
    attrition { path numberOfPatients { text } }
    charts(names: [GENDER, MODALITY]) {
      name bars { value numberOfPatients { text } ofAll { text } } }
  }
}"""
LOOKS: Final = """
query ($criteria: Criteria!, $partition: String!, $now: Date) {
  cohortCount(criteria: $criteria, partition: $partition, now: $now) {
    questionsToday mostQuestionsADay numberOfPatients { text }
  }
}"""
ROWS: Final = """
query ($id: UUID!) {
  cohortRun(id: $id) {
    patients(first: 50) { edges { node { identifiers { system value }
      reasons { leaf event { label } } patient { names { text } } } } }
    outputs { what rows(first: 200) { totalCount pageInfo { hasNextPage } edges { node {
      identifiers { value } event { kind studies } reasons { leaf } } } } }
  }
}"""


def asked(hospital: World) -> dict[str, Any]:
    return {"criteria": SENTENCE, "partition": hospital.name, "now": str(NOW)}


def test_three_get_three_answers(hospital: World, settings: Any) -> None:
    whole = scope_of_partition(actor=ADMIN, partition=hospital.name)
    researcher = granted("researcher", "Researcher", whole)
    clinician = granted("clinician", "Radiologist", whole, Level.IDENTIFY)
    outsider = granted("outsider", "Researcher", None)

    # A researcher counts, sees nobody, and is not told who are few.
    counted = ask(COUNTED, actor=researcher, **asked(hospital))["cohort"]
    assert counted["seesPatients"] is False
    number = counted["numberOfPatients"]
    assert number["isProtected"]
    assert number["text"] in {"<5", "5", "10"}
    assert counted["attrition"][-1]["numberOfPatients"]["text"] == number["text"]
    assert [chart["bars"] for chart in counted["charts"]] == [[], []]  # too few
    looks = ask(LOOKS, actor=researcher, **asked(hospital))["cohortCount"]
    assert looks == {
        "questionsToday": 1,
        "mostQuestionsADay": 300,
        "numberOfPatients": {"text": number["text"]},
    }
    settings.COHORT_QUESTIONS_A_DAY = 1
    other = asked(hospital) | {"now": "2026-01-02"}
    assert [e["code"] for e in errors(LOOKS, actor=researcher, **other)] == ["TOO_MANY"]
    refused = errors(ROWS, actor=researcher, id=counted["runId"])
    assert {each["code"] for each in refused} == {"FORBIDDEN"}

    # A clinician has every row, with the reason for it.
    found = ask(COUNTED, actor=clinician, **asked(hospital))["cohort"]
    assert found["seesPatients"] is True
    assert found["numberOfPatients"] == {"value": 6, "text": "6", "isProtected": False}
    bars = {bar["value"] for chart in found["charts"] for bar in chart["bars"]}
    assert {"CT", "male", "female"} <= bars
    looks = ask(LOOKS, actor=clinician, **asked(hospital))["cohortCount"]
    assert (looks["questionsToday"], looks["mostQuestionsADay"]) == (None, None)
    rows = ask(ROWS, actor=clinician, id=found["runId"])["cohortRun"]
    people = [edge["node"] for edge in rows["patients"]["edges"]]
    assert {each["identifiers"][0]["value"] for each in people} == {
        row["patient_id"] for row in PLANTED
    }
    for each in people:
        assert {reason["leaf"] for reason in each["reasons"]} == {1}
        assert all("steosarcoma" in r["event"]["label"] for r in each["reasons"])
        assert each["patient"]["names"][0]["text"]
    outputs = {each["what"]: each["rows"] for each in rows["outputs"]}
    studies = [
        uid
        for e in outputs["imaging"]["edges"]
        for uid in e["node"]["event"]["studies"]
    ]
    assert sorted(studies) == sorted(planted("imaging"))
    drugs = {
        e["node"]["identifiers"][0]["value"] for e in outputs["medication"]["edges"]
    }
    assert drugs == values_of(planted("medications"))
    assert outputs["medication"]["totalCount"] == len(planted("medications"))

    # What somebody has asked nobody else sees; an outsider sees nothing at all.
    assert ask(ROWS, actor=researcher, id=found["runId"])["cohortRun"] is None
    assert [e["code"] for e in errors(COUNTED, actor=outsider, **asked(hospital))] == [
        "NOT_FOUND"
    ]
    given = AuditRecord.objects.filter(actor="clinician", action="retrieve")
    assert len({key for row in given for key in row.patients or ()}) >= len(PLANTED)
    log = AuditRecord.objects.filter(actor="researcher", outcome=Outcome.SUCCESS)
    assert set(log.values_list("action", flat=True)) == {"search"}


UNNAMED: Final = """
query ($id: UUID!) {
  cohortRun(id: $id) {
    sight projectName
    patients(first: 50) { edges { cursor node { pseudonym age sex deceased fhirIds
      birthFirst birthLast identifiers { value } patient { id }
      reasons { leaf event { label code { system code } startFirst studies resource } }
    } } }
    outputs { what rows(first: 200) { totalCount edges { cursor node { pseudonym
      patientIds identifiers { value } patient { id } event { kind label value unit
      code { system code } status category startFirst startLast studies resource } } }
    } } }
}"""


def test_a_researcher_has_rows_of_a_project_without_names(hospital: World) -> None:
    # The project has all with the disease: more than answer, and fewer than there are.
    sarcoma = [
        patient
        for patient in TRUTH["patients"]
        if patient["patient_id"] in {row["patient_id"] for row in PLANTED}
    ]
    others = [p for p in TRUTH["patients"] if p not in sarcoma][:3]
    inside = [(p["patient_id"], p["issuer"]) for p in [*sarcoma[:5], *others]]
    project = project_of(hospital.name, *inside)
    researcher = granted("unnamed", "Researcher", project)
    expected = [r for r in PLANTED if r["patient_id"] in dict(inside)]
    assert len(expected) == 5

    # The one project that it sees is meant where none is named.
    found = ask(COUNTED, actor=researcher, **asked(hospital))["cohort"]
    told = ask(UNNAMED, actor=researcher, id=found["runId"])["cohortRun"]

    assert (told["sight"], told["projectName"]) == ("WITHOUT_NAMES", "Sarcoma")
    people = [edge["node"] for edge in told["patients"]["edges"]]
    assert len({each["pseudonym"] for each in people}) == len(people) == 5
    for each in people:
        assert each["patient"] is each["birthFirst"] is each["birthLast"] is None
        assert each["fhirIds"] == each["identifiers"] == []
        assert int(each["age"]) >= 45
        assert {reason["leaf"] for reason in each["reasons"]} == {1}
        assert all("steosarcoma" in r["event"]["label"] for r in each["reasons"])
    outputs = {each["what"]: each["rows"] for each in told["outputs"]}
    for what, name in (("imaging", "imaging"), ("medication", "medications")):
        wanted = sum(len(row[name]) for row in expected)
        assert outputs[what]["totalCount"] == len(outputs[what]["edges"]) == wanted
    events = [e["node"] for rows in outputs.values() for e in rows["edges"]]
    assert {e["pseudonym"] for e in events} <= {p["pseudonym"] for p in people}
    studies = {uid for e in events for uid in e["event"]["studies"]}
    assert all(uid.startswith("2.25.") for uid in studies)

    # Nothing that tells who they are is in it: names, numbers, births, UIDs.
    text = json.dumps(told)
    for patient in sarcoma:
        for secret in secrets_of(patient):
            assert secret not in text, secret
    for row in expected:
        for name in ("imaging", "medications", "reports", "documents"):
            assert not [each for each in row[name] if each.split("/")[-1] in text]

    # The clinician's days, all of a patient shifted by as much, in the same order.
    clinician = granted("clinician", "Radiologist", project, Level.IDENTIFY)
    named = ask(COUNTED, actor=clinician, **asked(hospital))["cohort"]
    rows = ask(UNNAMED, actor=clinician, id=named["runId"])["cohortRun"]
    assert rows["sight"] == "NAMES"
    assert len(rows["patients"]["edges"]) == 5  # of a project, with their record
    for what, shown in outputs.items():
        real = next(e["rows"]["edges"] for e in rows["outputs"] if e["what"] == what)
        assert len(real) == len(shown["edges"])
    days: dict[str, set[int]] = {}
    real = next(e["rows"]["edges"] for e in rows["outputs"] if e["what"] == "imaging")
    for one, other in zip(real, outputs["imaging"]["edges"], strict=True):
        before = date.fromisoformat(other["node"]["event"]["startFirst"])
        after = date.fromisoformat(one["node"]["event"]["startFirst"])
        days.setdefault(other["node"]["pseudonym"], set()).add((after - before).days)
    assert all(len(each) == 1 and 1 <= min(each) <= 365 for each in days.values())
    assert len({min(each) for each in days.values()}) > 1

    log = AuditRecord.objects.filter(actor="unnamed", action="retrieve")
    assert log
    assert all("rows without names of project Sarcoma" in row.detail for row in log)
    outsider = granted("outsider", "Researcher", None)
    assert [
        e["code"]
        for e in errors(
            COUNTED_WITHIN, actor=outsider, project="Sarcoma", **asked(hospital)
        )
    ] == ["NOT_FOUND"]


COUNTED_WITHIN: Final = """
query ($criteria: Criteria!, $partition: String!, $now: Date, $project: String) {
  cohort(criteria: $criteria, partition: $partition, now: $now, project: $project) {
    runId }
}"""


def secrets_of(patient: dict[str, Any]) -> list[str]:
    """Return what must not be told of a patient of the demo hospital."""
    studies = [
        secret
        for study in patient["studies"]
        for secret in (
            study["study_instance_uid"],
            study["accession_number"],
            *(series["series_instance_uid"] for series in study["series"]),
        )
    ]
    family, _, given = patient["name"].partition("^")
    names = [patient["patient_id"], patient["birth_date"], family, given.split("^")[0]]
    return [each for each in (*names, *studies) if each]
