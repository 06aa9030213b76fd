"""Nothing of who patients are is in any form of rows without names."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from django.core.management import CommandError, call_command

from cohorts.answers import found_runs
from cohorts.answers.courses import course_of_patient
from cohorts.answers.exporting import Format, require_cohort, start_cohort_export
from cohorts.answers.patient_rows import page_of_patients
from cohorts.answers.places import sealed
from cohorts.answers.reading import reading_of
from cohorts.answers.running import answer_cohort
from cohorts.answers.study_export import start_study_export
from cohorts.execution import asking
from cohorts.execution.visible import may_ask
from cohorts.models import CohortRun, ProjectKey
from core.access import Actor, Verb
from core.accounts.actors import actor_of_account
from core.errors import Forbidden, Gone, Invalid, NotFound, PortalError
from core.models import Account, AuditRecord, Operation
from imaging.export import Typed
from tests.cohorts.answers.projects import granted, project_of
from tests.cohorts.answers.test_exports import content, worked
from tests.fhirlink.events.record import follow, put, resource
from tests.fhirlink.linkage.world import AUTHORITY, World
from tests.graphql.graph import answer, ask

SECRET: Final = "Zebra"
DAY: Final = "2019-07-13"
UID: Final = "1.2.840.7777"
LOINC: Final = "http://loinc.org"
WHATS: Final = (
    *("condition", "medication", "procedure", "observation", "encounter", "allergy"),
    *("immunization", "report", "imaging", "device", "specimen", "document"),
)
CRITERIA: Final[dict[str, Any]] = {
    "v": 1,
    "where": {"any": [{"event": {"type": what}} for what in WHATS[:-1]]},
    "output": [{"what": what} for what in WHATS],
}
ALL: Final = """
query ($id: UUID!) { cohortRun(id: $id) { id runId criteria day sight projectName
  hasChanged numberOfPatients { text } attrition { path numberOfPatients { text } }
  patients { pageInfo { endCursor } edges { cursor node { pseudonym age sex deceased
    fhirIds birthFirst birthLast identifiers { system value } patient { id }
    reasons { leaf numberOfEvents event { ...E } } } } }
  outputs { what rows { pageInfo { endCursor } edges { cursor node { pseudonym
    patientIds leaves identifiers { system value } patient { id } event { ...E }
    series { modality bodyPart manufacturer modelName numberOfInstances kvp
      sliceThicknessMm repetitionTimeMs }
    reasons { event { ...E } } } } } } } }
fragment E on CohortEvent { kind label code { system code display } category value unit
  status startFirst startLast endFirst endLast resource studies }"""


def said(text: str, code: str = "1") -> dict[str, Any]:
    """Return a CodeableConcept whose words tell somebody's name, but for its code."""
    coding = {"system": LOINC, "code": code, "display": "A known thing"}
    return {"coding": [coding], "text": f"{SECRET} {text}"}


def told(type_: str, **members: Any) -> dict[str, Any]:
    """Return a resource of which all texts tell a name."""
    id_ = f"{SECRET}-{type_}"
    named = {"identifier": [{"system": f"urn:{SECRET}", "value": f"{SECRET}-1"}]}
    who = {"display": f"Dr {SECRET}"}
    return (
        resource(type_, id_, "p", **named, **members)
        | {"note": [{"text": SECRET}]}
        | ({"performer": [who]} if type_ in {"Observation", "DiagnosticReport"} else {})
    )


def record() -> Iterator[dict[str, Any]]:
    alone = {"text": f"{SECRET} alone"}
    yield told("Condition", code=alone, onsetDateTime=DAY)
    yield told(
        "MedicationStatement",
        status="active",
        medicationCodeableConcept=said("pill"),
        effectiveDateTime=DAY,
    )
    yield told("Procedure", status="completed", code=said("cut"), performedDateTime=DAY)
    yield told(
        "Observation",
        status="final",
        code=said("said"),
        valueString=SECRET,
        effectiveDateTime=f"{DAY}T13:14:15Z",
    )
    yield told("AllergyIntolerance", code=said("nut"), onsetDateTime=DAY)
    for type_, day in (("Encounter", "period"), ("Immunization", "occurrenceDateTime")):
        when = {"start": DAY, "end": DAY} if type_ == "Encounter" else DAY
        status = {"Encounter": "finished", "Immunization": "completed"}[type_]
        code = {"type": [said("seen")], "class": {"code": "AMB"}}
        yield told(
            type_,
            status=status,
            **{day: when},
            **(code if type_ == "Encounter" else {"vaccineCode": said("jab")}),
        )
    yield told(
        "DiagnosticReport",
        status="final",
        code=said("CT"),
        conclusion=SECRET,
        effectiveDateTime=DAY,
    )
    yield told(
        "DocumentReference",
        status="current",
        type=said("letter", "18748-4"),
        description=SECRET,
        date=f"{DAY}T10:00:00Z",
        content=[{"attachment": {"title": SECRET, "contentType": "text/plain"}}],
    )
    yield told("Specimen", type=said("blood"), collection={"collectedDateTime": DAY})
    device = told("Device", type=said("stent"), serialNumber=SECRET)
    yield {**device, "patient": device.pop("subject")}


def written(resource_: dict[str, Any]) -> dict[str, Any]:
    """Return a resource with what its type has no room for left out."""
    without = {
        "DiagnosticReport": ("note",),
        "DocumentReference": ("note",),
        "Encounter": ("note",),
    }.get(resource_["resourceType"], ())
    return {key: value for key, value in resource_.items() if key not in without}


@pytest.fixture
def world(settings: Any, committing: None) -> World:
    settings.LINK_QUIET_S = 0
    world = World()
    world.patient(
        SECRET,
        "p",
        name=[{"family": SECRET, "given": [SECRET]}],
        birthDate="1951-02-03",
        address=[{"text": SECRET}],
    )
    world.study(
        StudyInstanceUID=UID,
        PatientID=SECRET,
        IssuerOfPatientID=AUTHORITY,
        PatientName=f"{SECRET}^{SECRET}",
        PatientBirthDate="19510203",
        PatientSex="F",
        StudyDate=DAY.replace("-", ""),
        StudyDescription=f"CT of {SECRET}",
        AccessionNumber=f"{SECRET}-A",
        Modality="CT",
        SeriesDescription=SECRET,
        ProtocolName=SECRET,
        BodyPartExamined=SECRET.upper(),
        StationName=SECRET,
        DeviceSerialNumber=SECRET,
        Manufacturer="GE MEDICAL SYSTEMS",
        ManufacturerModelName="Revolution CT",
        SliceThickness="1.25",
        KVP="120",
    )
    put(*map(written, record()), partition=world.name)
    world.link()
    follow()
    return world


@pytest.fixture
def researcher(world: World) -> Actor:
    project = project_of(world.name, (SECRET, AUTHORITY), name="Lungs")
    return granted("unnamed", "Researcher", project)


def exporting(researcher: Actor) -> Actor:
    """Return the researcher with the right to take along what it sees."""
    return Actor(
        researcher.account_id,
        researcher.name,
        {**researcher.reaches, Verb.EXPORT: researcher.reach(Verb.READ)},
    )


def answered(actor: Actor, world: World) -> CohortRun:
    return answer_cohort(actor=actor, partition=world.name, criteria=CRITERIA).run


def assert_nothing_tells(text: str) -> None:
    for secret in (SECRET, SECRET.lower(), SECRET.upper(), UID, DAY, "1951", "13:14"):
        assert secret not in text, (secret, text)


def test_no_form_of_an_answer_tells_who_it_is_of(
    world: World, researcher: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = answered(researcher, world)
    shown = ask(ALL, actor=researcher, id=str(run.pk))["cohortRun"]
    assert_nothing_tells(json.dumps(shown))
    (edge,) = shown["patients"]["edges"]
    assert (edge["node"]["sex"], edge["node"]["deceased"]) == ("female", False)
    for output in shown["outputs"]:
        assert output["rows"]["edges"], output["what"]
    kinds = {
        o["what"]: o["rows"]["edges"][0]["node"]["event"] for o in shown["outputs"]
    }
    assert kinds["condition"]["label"] == ""  # words without a code
    assert kinds["medication"]["label"] == "A known thing"
    assert kinds["imaging"]["category"] == "CT"
    (series,) = next(
        o["rows"]["edges"][0]["node"]["series"]
        for o in shown["outputs"]
        if o["what"] == "imaging"
    )
    assert series == {
        "modality": "CT",
        "bodyPart": "",  # none of DICOM's
        "manufacturer": "GE MEDICAL SYSTEMS",
        "modelName": "Revolution CT",
        "numberOfInstances": 1,
        "kvp": 120,
        "sliceThicknessMm": 1.25,
        "repetitionTimeMs": None,
    }

    file = tmp_path / "criteria.json"
    file.write_text(json.dumps(CRITERIA))
    asked = ("run", str(file), "--partition", world.name, "--as", "unnamed")
    for more in ((), ("--json",), ("--project", "Lungs")):
        printed = StringIO()
        call_command("cohort", *asked, *more, stdout=printed)
        assert_nothing_tells(printed.getvalue())
        assert edge["node"]["pseudonym"] in printed.getvalue()
    with pytest.raises(CommandError, match="project"):
        call_command("cohort", *asked, "--project", SECRET, stdout=StringIO())

    may = exporting(researcher)
    monkeypatch.setattr("cohorts.answers.exporting._actor", lambda _operation: may)
    tables = [Format.CSV, Format.PARQUET]
    operation = start_cohort_export(actor=may, run_id=run.pk, formats=tables)
    for each in [{"name": "manifest.json"}, *worked(operation)["files"]]:
        held = content(operation, each["name"])
        if each["name"].endswith(".parquet"):
            whole = tmp_path / "one.parquet"
            whole.write_bytes(held)
            with duckdb.connect() as reader:
                found = reader.execute("SELECT * FROM read_parquet(?)", [str(whole)])
                held = repr(found.fetchall()).encode()
        assert_nothing_tells(held.decode())
    assert edge["node"]["pseudonym"].encode() in content(operation, "patients.csv")
    assert b"kvp 120.0" in content(operation, "9-imaging.csv")
    # The files may have who sees the project, as long as it does.
    assert require_cohort(may, operation) == run.partition_id
    with pytest.raises(NotFound):
        require_cohort(
            Actor(1, "x", dict.fromkeys(Verb, researcher.reach(Verb.SHARE))), operation
        )


def test_what_is_read_of_a_run_is_prepared_and_its_sight_decided_once(
    world: World, researcher: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noted(name: str, of: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            done.append(name)
            return of(*args, **kwargs)

        return call

    run = answered(researcher, world)
    monkeypatch.setattr(asking, "prepare", noted("prepared", asking.prepare))
    monkeypatch.setattr(found_runs, "may_ask", noted("decided", may_ask))
    ask(ALL, actor=researcher, id=str(run.pk))
    assert done == ["decided", "prepared"]
    done.clear()
    query = """query ($criteria: Criteria!, $partition: String!) {
      cohort(criteria: $criteria, partition: $partition) { sight
        charts(names: [GENDER]) { name } patients { edges { cursor } } } }"""
    ask(query, actor=researcher, criteria=CRITERIA, partition=world.name)
    assert done == ["prepared"]


def test_resources_and_images_do_not_go_without_names(
    world: World, researcher: Actor
) -> None:
    may, run = exporting(researcher), answered(researcher, world)
    with pytest.raises(Forbidden, match="tables"):
        start_cohort_export(actor=may, run_id=run.pk, formats=[Format.BUNDLE])
    with pytest.raises(Forbidden, match="tables"):
        start_study_export(actor=may, run_id=run.pk, destination=Typed("download", {}))
    with pytest.raises(Forbidden):
        start_cohort_export(actor=researcher, run_id=run.pk, formats=[Format.CSV])
    assert not Operation.objects.exists()


def test_errors_tell_nobody(world: World, researcher: Actor) -> None:
    run = answered(researcher, world)
    asked: list[PortalError] = []
    for after in ("MS4wLjAuMA==", "x", "7777.0.0.0"):
        with pytest.raises(Invalid) as raised:
            page_of_patients(reading_of(researcher, run.pk), limit=1, after=after)
        asked.append(raised.value)
    tag = {"tag": "PatientName", "contains": SECRET}
    criteria = {"v": 1, "where": {"event": {"type": "imaging", "tags": [tag]}}}
    with pytest.raises(Forbidden) as refused:
        answer_cohort(actor=researcher, partition=world.name, criteria=criteria)
    assert_nothing_tells(repr([*asked, refused.value]))
    for query in (
        f'{{ patient(partition: "{world.name}", fhirId: "p") {{ id }} }}',
        f'{{ cohortRun(id: "{run.pk}") {{ outputs {{ rows(after: "x") {{ totalCount }}'
        " } } }",
    ):
        assert_nothing_tells(json.dumps(answer(query, actor=researcher)))


def test_pages_go_on_by_cursors_that_tell_nothing(
    world: World, researcher: Actor
) -> None:
    query = """query ($id: UUID!, $after: String) { cohortRun(id: $id) { outputs { what
      rows(first: 1, after: $after) { pageInfo { hasNextPage } edges { cursor node {
      event { resource } } } } } } }"""
    put(
        told("Condition", code=said("x"), onsetDateTime=DAY) | {"id": "c2"},
        partition=world.name,
    )
    follow()
    run = answered(researcher, world)

    def first(after: str | None) -> Any:
        found = ask(query, actor=researcher, id=str(run.pk), after=after)["cohortRun"]
        return found["outputs"][0]["rows"]

    one = first(None)
    two = first(one["edges"][0]["cursor"])
    assert one["pageInfo"]["hasNextPage"]
    assert not two["pageInfo"]["hasNextPage"]
    both = {rows["edges"][0]["node"]["event"]["resource"] for rows in (one, two)}
    assert len(both) == 2


def test_a_key_lasts_and_another_portal_cannot_read_it(
    world: World, researcher: Actor, settings: Any
) -> None:
    def pseudonym(actor: Actor, project: str) -> str:
        run = answer_cohort(
            actor=actor, partition=world.name, criteria=CRITERIA, project=project
        ).run
        page = page_of_patients(reading_of(actor, run.pk), limit=2)
        (row,) = page.rows
        return row.pseudonym

    one = pseudonym(researcher, "Lungs")
    assert pseudonym(researcher, "Lungs") == one
    other = project_of(world.name, (SECRET, AUTHORITY), name="Hearts")
    both = granted("unnamed", "Researcher", other)
    assert pseudonym(both, "Hearts") != one == pseudonym(both, "Lungs")
    assert ProjectKey.objects.count() == 2

    settings.SECRET_KEY = "another"
    with pytest.raises(Gone, match="PORTAL_SECRET_KEY"):
        pseudonym(both, "Lungs")


def test_who_loses_the_project_sees_nothing_of_the_run(
    world: World, researcher: Actor
) -> None:
    run = answered(researcher, world)
    account = Account.objects.get(username=researcher.name)
    account.groups.clear()
    nobody = actor_of_account(account)
    with pytest.raises(Forbidden):
        page_of_patients(reading_of(nobody, run.pk), limit=1)
    left = Actor(
        researcher.account_id, "unnamed", {Verb.READ: researcher.reach(Verb.SHARE)}
    )
    with pytest.raises(NotFound):
        page_of_patients(reading_of(left, run.pk), limit=1)
    assert ask(ALL, actor=left, id=str(run.pk))["cohortRun"] is None


COURSE: Final = """
query ($id: UUID!, $cursor: String!, $aligned: Boolean!) { cohortRun(id: $id) {
  course(cursor: $cursor, aligned: $aligned) { leaf hasMore events { startFirst endLast
    isRunning event { kind label startFirst resource studies } } } } }"""


def test_a_course_is_told_in_days_from_what_has_matched(
    world: World, researcher: Actor
) -> None:
    put(
        resource("Condition", "c9", code=said("dx"), onsetDateTime="2018-07-13"),
        resource("Condition", "c8", code=said("dx"), onsetDateTime="2019-07-20"),
        resource("Condition", "c7", code=said("dx")),
        partition=world.name,
    )
    follow()
    imaging = {"event": {"type": "imaging", "as": "ct"}}
    where = {"all": [{"event": {"type": "condition"}}, imaging]}
    run = answer_cohort(
        actor=researcher, partition=world.name, criteria={"v": 1, "where": where}
    ).run

    (row,) = page_of_patients(reading_of(researcher, run.pk), limit=2).rows

    def course(*, aligned: bool) -> dict[str, Any]:
        found = ask(
            COURSE,
            actor=researcher,
            id=str(run.pk),
            cursor=row.cursor,
            aligned=aligned,
        )
        assert_nothing_tells(json.dumps(found))
        return dict(found["cohortRun"]["course"])

    told_, dated = course(aligned=True), course(aligned=False)
    assert (told_["leaf"], told_["hasMore"]) == (1, False)
    conditions = [e for e in told_["events"] if e["event"]["kind"] == "CONDITION"]
    assert [e["startFirst"] for e in conditions] == [-365, 0, 7, None]
    assert all(e["event"]["startFirst"] is None for e in told_["events"])
    days = [e["event"]["startFirst"] for e in dated["events"] if e["startFirst"] == 0]
    assert len(set(days)) == 1
    assert DAY > days[0] > "2018-07-12"
    detail = AuditRecord.objects.filter(detail__startswith="time line of ").first()
    assert detail
    assert detail.detail.endswith(" rows without names of project Lungs")


def test_the_course_of_somebody_else_is_not_there(
    world: World, researcher: Actor
) -> None:
    run = answered(researcher, world)
    for place in ((0, 0, 0, 0), (2**31 - 1, 0, 0, 0)):
        with pytest.raises(NotFound):
            course_of_patient(reading_of(researcher, run.pk), cursor=sealed(place))
    with pytest.raises(Invalid):
        course_of_patient(reading_of(researcher, run.pk), cursor="MC4wLjAuMA==")
