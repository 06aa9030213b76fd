"""The mission's sentence over HTTP, as three who may see more and less of it."""

from typing import Any, Final

from django.contrib.auth.models import Group

from core.access import Actor
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant
from core.audit import Outcome
from core.models import Account, AuditRecord
from imaging.scopes import scope_of_partition
from tests.cohorts.hospital import NOW, PLANTED, SENTENCE, planted, values_of
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


def somebody(name: str, role: str, partition: str, level: Level | None) -> Actor:
    account = Account.objects.create(username=name)
    account.groups.add(Group.objects.get(name=role))
    if level is not None:
        on = scope_of_partition(actor=ADMIN, partition=partition)
        grant(actor=ADMIN, scope=on, to=account, level=level)
    return actor_of_account(Account.objects.get(pk=account.pk))


def asked(hospital: World) -> dict[str, Any]:
    return {"criteria": SENTENCE, "partition": hospital.name, "now": str(NOW)}


def test_three_get_three_answers(hospital: World, settings: Any) -> None:
    researcher = somebody("researcher", "Researcher", hospital.name, Level.SEE)
    clinician = somebody("clinician", "Radiologist", hospital.name, Level.IDENTIFY)
    outsider = somebody("outsider", "Researcher", hospital.name, None)

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
