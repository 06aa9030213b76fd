"""A study, and everybody who may or may not do something with it.

Everybody comes with real credentials. What somebody changes is mended before the next
one tries.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.apps import apps
from django.contrib.auth.models import Group
from django.utils import timezone
from pydicom.uid import EnhancedSRStorage

from cohorts.models import Definition
from core import partitions, result_files
from core.access import Verb
from core.accounts.grants import UNTIL_REVOKED, AnyGrant, Level, Terms, grant, revoke
from core.accounts.tokens import create_token, revoke_token
from core.database import raw_connection
from core.errors import NotFound
from core.followers import run_until_caught_up
from core.models import (
    Account,
    AccountGrant,
    FormerPartitionName,
    Operation,
    OperationState,
    SavedView,
    Scope,
    Token,
)
from core.models import Partition as PartitionRow
from core.partitions import get_or_create_partition
from fhirlink.events.follower import EventFollower
from fhirlink.models import Resource
from fhirlink.store import delete, update
from imaging.delete import delete_instances
from imaging.models import Project, QueryTag, Study, TagStatus
from imaging.project_contents import PatientIdentity, add_studies, remove_patients
from imaging.projects import create_project, delete_project, scope
from imaging.query_tags.definition import define
from imaging.scopes import scope_of_partition
from tests.imaging.dicomweb.service import Service
from tests.imaging.stores import ADMIN
from tests.synthetic import encode, instance
from tests.worklist.opening import CHIEF
from tests.worklist.steps import step
from worklist.create import create_workitem
from worklist.models import (
    Subscriber,
    Workitem,
    WorkitemValue,
    WorkitemVersion,
    Worklist,
)
from worklist.worklists import scope_of_worklist

PARTITION: Final = "default"
FILE: Final = "list.txt"
SPARE: Final = "spare"
ELSEWHERE: Final = "elsewhere"
MADE: Final = "made"
TARGET: Final = "target"
TAG: Final = "00101010"
COUNTED_TAG: Final = "00080070"  # tells of no patient
"""A query tag that is there, and ready."""
MADE_TAG: Final = "ProtocolName"
STUDY: Final = "1.2.3.1"
FHIR_ID: Final = "hidden"
"""The id of the patient of the study in the record."""
SERIES: Final = "1.2.4.77"
INSTANCE: Final = "1.2.5.777"
WORKITEM: Final = "1.2.6.7777"
"""To be done with the study, and claimed by nobody."""
WORKLIST: Final = "reading"
PATIENT_TEXTS: Final = (b"Hidden^Patient", b"HID-1", b"Told to nobody")
PIXELS: Final = b"PIXELS" * 8

_EXPIRED: Final = timedelta(seconds=-1)
Opens = Callable[["Cast", Account], None]


def _nothing(_cast: "Cast", _account: Account) -> None:
    """Open nothing."""


def _in_partition(cast: "Cast", account: Account) -> None:
    for name in (PARTITION, SPARE):
        on = scope_of_partition(actor=ADMIN, partition=name)
        held = on.account_grants.filter(
            user=account, permission__codename=Level.SEE.value, expires_at=None
        )
        if not held.exists():  # nobody has taken it back, or the partition away
            grant(actor=ADMIN, scope=on, to=account, level=Level.SEE)


def _elsewhere(_cast: "Cast", account: Account) -> None:
    on = scope_of_partition(actor=ADMIN, partition=ELSEWHERE)
    grant(actor=ADMIN, scope=on, to=account, level=Level.SEE)


def _in_project(level: Level) -> Opens:
    def opens(cast: "Cast", account: Account) -> None:
        grant(actor=ADMIN, scope=cast.project_scope, to=account, level=level)

    return opens


def _on_worklist(_cast: "Cast", account: Account) -> None:
    on = scope_of_worklist(actor=ADMIN, partition=PARTITION, label=WORKLIST)
    grant(actor=ADMIN, scope=on, to=account, level=Level.IDENTIFY)


def _no_longer(cast: "Cast", account: Account) -> None:
    terms = Terms(timezone.now() + timedelta(hours=1))
    given = grant(
        actor=ADMIN,
        scope=cast.project_scope,
        to=account,
        level=Level.IDENTIFY,
        terms=terms,
    )
    type(given).objects.filter(pk=given.pk).update(expires_at=timezone.now() + _EXPIRED)


def _taken_back(cast: "Cast", account: Account) -> None:
    on = cast.project_scope
    given = grant(
        actor=ADMIN, scope=on, to=account, level=Level.OWN, terms=UNTIL_REVOKED
    )
    revoke(actor=ADMIN, given=given)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: a role, what is opened to them, and what their token allows."""

    role: str | None
    opens: Opens = _nothing
    only_granted: bool = False
    verbs: frozenset[Verb] | None = None


PEOPLE: Final[Mapping[str, Person]] = {
    "without-role": Person(None, _in_partition),
    "researcher": Person("Researcher"),
    "researcher-elsewhere": Person("Researcher", _elsewhere),
    "researcher-expired": Person("Researcher", _no_longer),
    "researcher-taken-back": Person("Researcher", _taken_back),
    "researcher-granted": Person("Researcher", _in_partition),
    "member": Person("Researcher", _in_project(Level.SEE)),
    "member-identifying": Person("Researcher", _in_project(Level.IDENTIFY)),
    "owner": Person("Researcher", _in_project(Level.OWN)),
    "radiologist": Person("Radiologist"),
    "radiologist-granted": Person("Radiologist", _in_partition),
    "radiologist-listed": Person("Radiologist", _on_worklist),
    "referrer": Person("Referrer"),
    "referrer-granted": Person("Referrer", _in_partition),
    "reader": Person("Service Reader"),
    "writer": Person("Service Writer"),
    "writer-elsewhere": Person("Service Writer", _elsewhere, only_granted=True),
    "auditor": Person("Auditor"),
    "manager": Person("Data Manager"),
    "manager-granted": Person("Data Manager", _in_partition, only_granted=True),
    "manager-elsewhere": Person("Data Manager", _elsewhere, only_granted=True),
    "administrator": Person("Administrator"),
    "token-that-reads": Person("Administrator", verbs=frozenset({Verb.READ})),
}
SHUT_OUT: Final = ("nobody", "guessed", "revoked", "expired", "closed")
EVERYBODY: Final = (*SHUT_OUT, *PEOPLE)
_OUTSIDE: Final = ("", "-elsewhere", "-expired", "-taken-back")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "shut": SHUT_OUT,
    "none": ("without-role",),
    "outside": tuple(f"researcher{how}" for how in _OUTSIDE),
    "resear": ("researcher-granted",),
    "member": ("member",),
    "identif": ("member-identifying",),
    "owner": ("owner",),
    "radiol-": ("radiologist",),
    "radiol": ("radiologist-granted",),
    "listed": ("radiologist-listed",),
    "referr-": ("referrer",),
    "referr": ("referrer-granted",),
    "reader": ("reader",),
    "writer-": ("writer-elsewhere",),
    "writer": ("writer",),
    "auditor": ("auditor",),
    "manag-": ("manager-elsewhere",),
    "manag/": ("manager-granted",),
    "manager": ("manager",),
    "admin": ("administrator",),
    "token": ("token-that-reads",),
}
"""Whom a column of the tables stands for: they all get the same."""


@dataclass
class Cast:
    """The world, and a token of everybody; None for nobody."""

    tokens: dict[str, str | None] = field(default_factory=dict)
    operations: dict[OperationState, Operation] = field(default_factory=dict)
    project: Project = field(init=False)
    given: AnyGrant = field(init=False)

    def __post_init__(self) -> None:
        self._held = encode(
            instance(
                StudyInstanceUID=STUDY,
                SeriesInstanceUID=SERIES,
                SOPInstanceUID=INSTANCE,
                PatientName="Hidden^Patient",
                PatientID="HID-1",
                StudyDescription="Told to nobody",
                PixelData=PIXELS,
            )
        )
        for name in (PARTITION, SPARE, ELSEWHERE):
            get_or_create_partition(actor=ADMIN, name=name)
        self._store()
        _write_record()
        _write_worklist()
        self.project = create_project(actor=ADMIN, partition=PARTITION, name="secret")
        self._fill()
        self.operations = {
            state: _export(state)
            for state in (OperationState.NOT_STARTED, OperationState.FAILED)
        }
        self._mend_tags()
        self._shut_out()
        target = Account.objects.create(username=TARGET)
        create_token(account_name=TARGET, role="Researcher")
        self.token_id = target.tokens.get().pk
        self._mend_people()
        for name, person in PEOPLE.items():
            self._let_in(name, person)
        self.before = snapshot()

    @property
    def project_scope(self) -> Scope:
        """Return what a grant on the project hangs on."""
        return scope(self.project)

    def mend(self) -> None:
        """Have everything again as it was, if anything has changed."""
        if snapshot() == self.before:
            return
        for name in (MADE, f"{SPARE}-{MADE}"):
            PartitionRow.objects.filter(name=name).exclude(pk=self._spare()).delete()
        PartitionRow.objects.filter(pk=self._spare()).update(
            name=SPARE, disabled_at=None, deleted_at=None
        )
        FormerPartitionName.objects.all().delete()
        partitions.forget()
        get_or_create_partition(actor=ADMIN, name=SPARE)
        for name in (PARTITION, SPARE):
            with suppress(NotFound):
                delete_instances(actor=ADMIN, partition=name, study_instance_uid=STUDY)
        self._store()
        ours = [held.pk for held in self.operations.values()]
        Operation.objects.exclude(pk__in=ours).delete()
        self._mend_project()
        self._fill()
        for state, held in self.operations.items():
            Operation.objects.filter(pk=held.pk).update(
                state=state, cancel_requested=False
            )
        for name, person in PEOPLE.items():
            if person.opens is _in_partition:
                _in_partition(self, Account.objects.get(username=name))
        self._mend_people()
        self._mend_tags()
        _write_record()
        _write_worklist()
        self.before = snapshot()

    def _mend_tags(self) -> None:
        QueryTag.objects.all().delete()
        kinds = ("reindex", "remove-query-tag")
        Operation.objects.filter(kind__in=kinds).delete()
        for held in (define(TAG, level="study"), define(COUNTED_TAG, level="series")):
            QueryTag.objects.create(
                path=held.path,
                identity=held.identity,
                vr=held.vr,
                level=held.level,
                status=TagStatus.READY,
            )

    def _mend_people(self) -> None:
        target = Account.objects.get(username=TARGET)
        target.is_active, target.only_granted = True, False
        target.save()
        Account.objects.filter(username=MADE).delete()
        Group.objects.filter(name=MADE).delete()
        Group.objects.get_or_create(name=SPARE)[0].permissions.clear()
        target.groups.set(Group.objects.filter(name="Researcher"))
        target.tokens.filter(pk=self.token_id).update(revoked_at=None, expires_at=None)
        Token.objects.filter(name=MADE).delete()
        SavedView.objects.filter(name=MADE).delete()
        Definition.objects.filter(name=MADE).delete()
        AccountGrant.objects.filter(user=target).delete()
        level = Level.SEE
        self.given = grant(
            actor=ADMIN, scope=self.project_scope, to=target, level=level
        )

    def _mend_project(self) -> None:
        for made in Project.objects.filter(name=MADE):
            delete_project(actor=ADMIN, project_id=made.pk)
        if Project.objects.filter(pk=self.project.pk).exists():
            Project.objects.filter(pk=self.project.pk).update(description="")
            patients = [PatientIdentity("HID-1")]
            remove_patients(actor=ADMIN, project_id=self.project.pk, patients=patients)
            return
        self.project = create_project(actor=ADMIN, partition=PARTITION, name="secret")
        for name, person in PEOPLE.items():
            person.opens(self, Account.objects.get(username=name))

    def _spare(self) -> int:
        names = (SPARE, f"{SPARE}-{MADE}")
        held = PartitionRow.objects.filter(name__in=names, deleted_at=None).first()
        return 0 if held is None else held.pk

    def _store(self) -> None:
        Service(name=PARTITION).store(self._held)

    def _fill(self) -> None:
        add_studies(actor=ADMIN, project_id=self.project.pk, uids=[STUDY])

    def _let_in(self, name: str, person: Person) -> None:
        account = Account.objects.create(
            username=name, only_granted=person.only_granted
        )
        self.tokens[name] = create_token(
            account_name=name, role=person.role or "Researcher", verbs=person.verbs
        )
        if person.role is None:
            account.groups.clear()
        person.opens(self, account)

    def _shut_out(self) -> None:
        self.tokens |= {"nobody": None, "guessed": "irp_" + "A" * 43}
        for name in ("revoked", "expired", "closed"):
            self.tokens[name] = create_token(account_name=name, role="Administrator")
        held = Account.objects.get(username="revoked").tokens.get()
        revoke_token(token_id=held.pk)
        held = Account.objects.get(username="expired").tokens.get()
        type(held).objects.filter(pk=held.pk).update(
            expires_at=timezone.now() + _EXPIRED
        )
        Account.objects.filter(username="closed").update(is_active=False)


def _write_record() -> None:
    """Write who the patient of the study is, and that it is of it, and nothing else."""
    for each in Resource.objects.filter(is_deleted=False):
        delete(actor=ADMIN, partition=PARTITION, type_=each.type, fhir_id=each.fhir_id)
    Resource.objects.all().delete()
    link = {"reference": f"Patient/{FHIR_ID}"}
    identifier = {"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"}
    person = {"identifier": [{"value": "HID-1"}], "name": [{"text": "Hidden^Patient"}]}
    for type_, content in (
        ("Patient", person),
        ("Condition", {"subject": link, "code": {"text": "Told to nobody"}}),
        (
            "ImagingStudy",
            {"status": "available", "subject": link, "identifier": [identifier]},
        ),
    ):
        update(
            actor=ADMIN,
            partition=PARTITION,
            type_=type_,
            fhir_id=FHIR_ID,
            content={"resourceType": type_, "id": FHIR_ID, **content},
        )
    run_until_caught_up(EventFollower())


def _write_worklist() -> None:
    """Have the workitem as it was at first, and no other."""
    for kind in (Subscriber, WorkitemValue, WorkitemVersion, Workitem):
        kind.objects.all().delete()
    Worklist.objects.exclude(label=WORKLIST).delete()
    name = {"name": "Hidden^Patient", "patient_id": "HID-1"}
    model = step(label=WORKLIST, study=STUDY, **name)
    create_workitem(actor=CHIEF, partition=PARTITION, model=model, uid=WORKITEM)


def _export(state: OperationState) -> Operation:
    """Return an operation of somebody else, with a file."""
    partition = PartitionRow.objects.get(name=PARTITION).pk
    made = Operation.objects.create(
        kind="export", actor="x", state=state, parameters={"partition": partition}
    )
    result_files.write(made.pk, FILE, "text/plain", [b"nothing of anybody"])
    return made


_UNWATCHED: Final = {"core_auditrecord", "core_token", "core_usage", "imaging_usage"}


def snapshot() -> Sequence[str]:
    """Return what distinguishes all that the portal keeps but its audit log."""
    tables = [
        model._meta.db_table
        for label in ("core", "fhirlink", "imaging", "auth", "worklist")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.db_table not in _UNWATCHED
    ]
    # Questions keep runs, for whoever has asked: what was saved alone is watched.
    tables.append(Definition._meta.db_table)
    parts = [
        f"SELECT '{table}', md5(string_agg(t::text, ' ' ORDER BY t::text))"
        f" FROM {table} AS t"
        for table in [*tables, "(SELECT id, revoked_at FROM core_token)"]
    ]
    connection = raw_connection()
    with connection.transaction():
        # Of so many tables PostgreSQL has them read by two processes that it starts.
        connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        rows = connection.execute(" UNION ALL ".join(parts)).fetchall()
    return sorted(f"{name} {digest}" for name, digest in rows)


def report() -> bytes:
    """Return a new report on the study, as a file."""
    made = instance(
        StudyInstanceUID=STUDY,
        SOPClassUID=EnhancedSRStorage,
        Modality="SR",
        PatientName="Sent^Name",
        PatientID="SENT",
        PixelData=None,
    )
    return encode(made)


def holds_study() -> bool:
    """Return whether the study is there."""
    return Study.objects.filter(study_instance_uid=STUDY).exists()
