"""Rows for lists of the admin, in every table whose rows name others."""

from itertools import count
from typing import Final

from django.contrib.auth.models import Group

from cohorts.models import CountedQuestion, Definition
from core.access import system
from core.accounts.grants import Level, grant
from core.accounts.tokens import create_token_for
from core.models import (
    Account,
    DeadLetter,
    FollowerCursor,
    Operation,
    Partition,
    SignInFailures,
)
from core.partitions import create_partition
from fhirlink.models import (
    LinkConflict,
    LinkDecision,
    LinkSource,
    OutboxItem,
    RemoteServer,
    SubscriptionChannel,
)
from fhirlink.store import update
from imaging.models import FreedBlob, Patient
from imaging.project_contents import PatientIdentity, add_patients
from imaging.projects import create_project
from imaging.scopes import scope_of_patient, scope_of_study
from tests.imaging.stores import received, store
from tests.worklist.steps import step
from worklist.create import create_workitem
from worklist.models import Workitem

ACTOR: Final = system("test")
_CONTENT: Final[dict[str, dict[str, object]]] = {
    "Patient": {},
    "Subscription": {
        "status": "error",
        "reason": "to know",
        "criteria": "Patient?",
        "channel": {"type": "rest-hook", "endpoint": "https://h.example"},
        "error": "gone",
    },
}
_numbers = count(1)


def add_rows(number: int) -> None:
    """Add rows, each time others."""
    for _ in range(number):
        _add(next(_numbers))


def _add(n: int) -> None:
    partition, uid, patient = f"site-{n}", f"1.{n}", f"P{n}"
    create_partition(actor=ACTOR, name=partition)
    store(
        received(uid, f"{uid}.1", f"{uid}.1.1", patient_id=patient), partition=partition
    )
    project = create_project(actor=ACTOR, partition=partition, name=f"project {n}")
    identity = PatientIdentity(patient)
    add_patients(actor=ACTOR, project_id=project.pk, patients=[identity])
    account = Account.objects.create(username=f"eve-{n}")
    group = Group.objects.create(name=f"team {n}")
    account.groups.add(group)
    create_token_for(actor=ACTOR, account=account, name="a script")
    on_study = scope_of_study(actor=ACTOR, partition=partition, study_instance_uid=uid)
    on_patient = scope_of_patient(actor=ACTOR, partition=partition, patient_id=patient)
    grant(actor=ACTOR, scope=on_study, to=account, level=Level.SEE)
    grant(actor=ACTOR, scope=on_patient, to=group, level=Level.IDENTIFY)
    SignInFailures.objects.create(
        kind="address", digest=bytes([n % 256]) * 32, label=f"10.0.0.{n}", number=1,
        since="2026-01-01T00:00Z",
    )  # fmt: skip
    CountedQuestion.objects.create(
        account=account, partition=Partition.objects.get(name=partition),
        day="2026-01-01", digest=f"{n:064}",
    )  # fmt: skip
    FollowerCursor.objects.create(name=f"follower {n}", version=1)
    DeadLetter.objects.create(follower=f"follower {n}", seq=n, error="odd")
    FreedBlob.objects.create(blob_key=f"blob {n}")
    assert Patient.objects.filter(patient_id=patient).exists()
    server = RemoteServer.objects.create(
        partition=Partition.objects.get(name=partition), name=f"server-{n}"
    )
    OutboxItem.objects.create(server=server, type="Patient", fhir_id="1", version=n)
    Operation.objects.create(kind="work", actor="eve")
    _add_to_record(partition, uid)
    _add_to_worklist(partition, n)


def _add_to_worklist(name: str, n: int) -> None:
    model = step(label=f"list {n}", patient_id=f"P{n}", study=f"1.{n}")
    uid = create_workitem(actor=ACTOR, partition=name, model=model)
    row = Workitem.objects.get(sop_instance_uid=uid)
    row.claimed_by = Account.objects.get(username=f"eve-{n}")
    row.save()


def _add_to_record(name: str, uid: str) -> None:
    for type_ in ("Patient", "Subscription"):
        update(
            actor=ACTOR,
            partition=name,
            type_=type_,
            fhir_id="1",
            content={**_CONTENT[type_], "resourceType": type_, "id": "1"},
        )
    partition = Partition.objects.get(name=name)
    LinkSource.objects.create(partition=partition)
    LinkConflict.objects.create(
        partition=partition, study_instance_uid=uid, kind="unlinked"
    )
    LinkDecision.objects.create(partition=partition, action="split", first=uid)
    SubscriptionChannel.objects.create(
        partition=partition, fhir_id="1", version=1, owner="eve"
    )
    owner = Account.objects.create_user(f"owner-{name}")
    saved = Definition.objects.create(partition=partition, owner=owner, name="Flu")
    saved.versions.create(number=1, content={"text": "flu"}, actor="eve")
