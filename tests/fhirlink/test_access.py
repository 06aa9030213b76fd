"""What grants on patients and studies let somebody see of the record, and no more."""

from collections.abc import Callable
from typing import Any

import pytest

from core.access import Actor, Verb
from core.models import AuditRecord, Partition, Scope
from core.reach import Reach, ScopeKey
from imaging.models import Patient
from imaging.scopes import scope_of_patient, scope_of_study
from tests.fhirlink.linkage.world import AUTHORITY, World
from tests.fhirlink.service import Fhir
from tests.imaging.stores import ADMIN
from tests.synthetic import new_uid
from tests.worklist.opening import CHIEF
from tests.worklist.steps import step
from worklist.create import create_workitem
from worklist.worklists import scope_of_worklist

pytestmark = pytest.mark.usefixtures("committing")


READ_BY = "DiagnosticReport:results-interpreter"


class Hospital:
    """Two patients with a study each, all linked."""

    def __init__(self) -> None:
        self.world = World()
        self.studies = {
            name: self.world.study(
                StudyInstanceUID=new_uid(),
                PatientID=name,
                IssuerOfPatientID=AUTHORITY,
                PatientName="Doe^Jane",
                PatientBirthDate="19700102",
                PatientSex="F",
            )
            for name in ("one", "two")
        }
        for name, study in self.studies.items():
            self.world.patient(name, fhir_id=name)
            subject = {"reference": f"Patient/{name}"}
            self.world.write(
                "Condition", f"ill-{name}", subject=subject, code={"text": "illness"}
            )
            identifier = {"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}
            self.world.write(
                "DiagnosticReport",
                f"read-{name}",
                subject=subject,
                status="final",
                imagingStudy=[{"identifier": identifier}],
                resultsInterpreter=[{"reference": "Practitioner/doc"}],
            )
            self.world.write(
                "DocumentReference",
                f"letter-{name}",
                context={"related": [{"identifier": identifier}]},
            )
        self.world.write("Practitioner", "doc", name=[{"family": "Who"}])
        self.world.write("Group", "all", type="person", actual=True)
        self.world.link()
        self.partition_id = Partition.objects.get(name=self.world.name).pk

    def reader(self, *scopes: Scope) -> Fhir:
        """Return the interface as who has been granted some things sees it."""
        keys = frozenset(ScopeKey(each.pk, self.partition_id) for each in scopes)
        reach = Reach(frozenset(), keys)
        actor = Actor(None, "reader", {Verb.READ: reach, Verb.VIEW_PHI: reach})
        return Fhir(actor, self.world.name)

    def patient(self, name: str) -> Scope:
        return scope_of_patient(
            actor=ADMIN,
            partition=self.world.name,
            patient_id=name,
            issuer_of_patient_id=AUTHORITY,
        )

    def study(self, name: str) -> Scope:
        return scope_of_study(
            actor=ADMIN,
            partition=self.world.name,
            study_instance_uid=self.studies[name],
        )

    def worklist(self, name: str) -> Scope:
        """Return a list with one workitem, which names the study."""
        model = step(label="Read", study=self.studies[name], patient_id=name)
        create_workitem(actor=CHIEF, partition=self.world.name, model=model)
        return scope_of_worklist(actor=ADMIN, partition=self.world.name, label="Read")


@pytest.fixture
def hospital(settings: Any) -> Hospital:
    settings.LINK_QUIET_S = 0
    return Hospital()


TYPES = (
    *("Patient", "Condition", "DiagnosticReport", "DocumentReference", "ImagingStudy"),
    "Group",
)


def seen_by(fhir: Fhir) -> dict[str, int]:
    """Return how many resources of each type somebody finds, by page and by number."""
    found = {}
    for type_ in TYPES:
        bundle = fhir.get(type_).json()
        counted = fhir.get(f"{type_}?_summary=count").json()["total"]
        assert counted == len(bundle.get("entry", [])) == bundle["total"]
        found[type_] = counted
    return found


def test_a_grant_on_a_patient_opens_what_is_theirs(hospital: Hospital) -> None:
    fhir = hospital.reader(hospital.patient("one"))

    assert seen_by(fhir) == {
        "Patient": 1,
        "Condition": 1,
        "DiagnosticReport": 1,
        "DocumentReference": 1,  # as the study is
        "ImagingStudy": 1,
        "Group": 0,
    }
    assert fhir.get("Patient/one").status_code == 200
    assert fhir.get("Practitioner/doc").status_code == 200
    hidden = ("Patient/two", "Condition/ill-two", "Patient/two/_history", "Group/all")
    for path in hidden:
        assert fhir.get(path).status_code == 404, path
    assert fhir.get("Patient/one/$everything").json()["total"] == 4
    assert fhir.get("Patient/two/$everything").status_code == 404
    histories = fhir.get("_history").json()["entry"]
    assert not any("two" in each["fullUrl"] for each in histories)


@pytest.mark.parametrize("on", [Hospital.study, Hospital.worklist])
def test_a_grant_on_a_study_opens_it_with_its_reports(
    hospital: Hospital, on: Callable[[Hospital, str], Scope]
) -> None:
    fhir = hospital.reader(on(hospital, "one"))

    assert seen_by(fhir) == {
        "Patient": 0,
        "Condition": 0,
        "DiagnosticReport": 1,
        "DocumentReference": 1,
        "ImagingStudy": 1,
        "Group": 0,
    }
    assert fhir.get("DiagnosticReport/read-one").status_code == 200
    assert fhir.get("DiagnosticReport/read-two").status_code == 404
    assert fhir.get("DocumentReference/letter-one").status_code == 200
    assert fhir.get("DocumentReference/letter-two").status_code == 404


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("Patient?_has:Condition:patient:code:text=illness", {"one"}),
        ("Condition?subject:Patient.name=doe", {"ill-one"}),
        ("Patient?_revinclude=Condition:subject", {"one", "ill-one"}),
        (
            "Practitioner?_revinclude=DiagnosticReport:results-interpreter",
            {"doc", "read-one"},
        ),
        (
            "Practitioner?_has:DiagnosticReport:results-interpreter:patient=Patient/two",
            set(),
        ),
        (
            "Practitioner?_has:DiagnosticReport:results-interpreter:patient=Patient/one",
            {"doc"},
        ),
        ("DiagnosticReport?_include=*", {"read-one", "one", "doc"}),
        ("Patient/two/Condition", set()),
    ],
)
def test_nothing_leaks_through_what_is_joined(
    hospital: Hospital, query: str, ids: set[str]
) -> None:
    fhir = hospital.reader(hospital.patient("one"))
    bundle: dict[str, Any] = fhir.get(query).json()

    found = {each["resource"]["id"] for each in bundle.get("entry", [])}
    assert found == ids


def test_no_grants_open_nothing(hospital: Hospital) -> None:
    assert hospital.reader().get("Patient").status_code == 404


def test_a_grant_writes_nothing(hospital: Hospital) -> None:
    fhir = hospital.reader(hospital.patient("one"))

    assert fhir.put("Patient/one", {}).status_code == 403
    assert fhir.ask("DELETE", "Patient/one").status_code == 403
    assert fhir.get("$export").status_code == 403


def test_the_audit_log_names_whose_data_was_read_and_written(
    hospital: Hospital,
) -> None:
    fhir = Fhir(ADMIN, hospital.world.name)
    key = Patient.objects.get(partition=hospital.partition_id, patient_id="one").pk
    before = AuditRecord.objects.latest("id").pk
    fhir.get("Condition/ill-one")
    fhir.get("Condition/ill-one/_history")
    fhir.get("Condition?patient=Patient/one")
    ill = {"subject": {"reference": "Patient/one"}, "code": {"text": "well again"}}
    made = {"resourceType": "Condition", "id": "ill-one", **ill}
    assert fhir.put("Condition/ill-one", made).status_code == 200

    told = AuditRecord.objects.filter(pk__gt=before).order_by("id")
    assert list(told.values_list("action", "patients")) == [
        ("retrieve", [key]),
        ("retrieve", [key]),
        ("search", [key]),
        ("update", [key]),
    ]
