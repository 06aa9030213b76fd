"""A study, and everybody who may or may not do something with it.

Everybody comes with real credentials. What somebody changes is mended before the next
one tries.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.apps import apps
from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils import timezone
from pydicom.uid import EnhancedSRStorage

from cohorts.models import Definition
from core import partitions, result_files
from core.access import Verb
from core.accounts.grants import UNTIL_REVOKED, AnyGrant, Level, Terms, grant, revoke
from core.accounts.tokens import create_token, revoke_token
from core.database import raw_connection
from core.followers import run_until_caught_up
from core.models import (
    Account,
    AuditRecord,
    Operation,
    OperationState,
    Scope,
)
from core.models import Partition as PartitionRow
from core.partitions import get_or_create_partition
from fhirlink.events.follower import EventFollower
from fhirlink.store import update
from imaging.models import Project, QueryTag, Study, TagStatus, Usage
from imaging.project_contents import add_studies
from imaging.projects import create_project, scope
from imaging.query_tags.definition import define
from imaging.scopes import scope_of_partition
from tests.access.keeping import keep, restore
from tests.imaging.dicomweb.service import Service
from tests.imaging.stores import ADMIN
from tests.synthetic import encode, instance
from tests.worklist.opening import CHIEF
from tests.worklist.steps import step
from worklist.create import create_workitem
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


def _in_partition(_cast: "Cast", account: Account) -> None:
    for name in (PARTITION, SPARE):
        on = scope_of_partition(actor=ADMIN, partition=name)
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
        for name in (PARTITION, SPARE, ELSEWHERE):
            get_or_create_partition(actor=ADMIN, name=name)
        _store()
        _write_record()
        _write_worklist()
        self.project = create_project(actor=ADMIN, partition=PARTITION, name="secret")
        add_studies(actor=ADMIN, project_id=self.project.pk, uids=[STUDY])
        self.operations = {
            state: _export(state)
            for state in (OperationState.NOT_STARTED, OperationState.FAILED)
        }
        _define_tags()
        self._shut_out()
        self._make_target()
        for name, person in PEOPLE.items():
            self._let_in(name, person)
        self._kept = _digests()
        self.before = snapshot()
        keep()

    @property
    def project_scope(self) -> Scope:
        """Return what a grant on the project hangs on."""
        return scope(self.project)

    def mend(self) -> None:
        """Have everything again as it was, but the audit log."""
        now = _digests()
        restore(name for name in now if now[name] != self._kept[name])
        partitions.forget()

    def _make_target(self) -> None:
        """Make what others may do something to: an account, a role and a grant."""
        target = Account.objects.create(username=TARGET)
        create_token(account_name=TARGET, role="Researcher")
        self.token_id = target.tokens.get().pk
        Group.objects.create(name=SPARE)
        on, level = self.project_scope, Level.SEE
        self.given = grant(actor=ADMIN, scope=on, to=target, level=level)

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


def _store() -> None:
    held = instance(
        StudyInstanceUID=STUDY,
        SeriesInstanceUID=SERIES,
        SOPInstanceUID=INSTANCE,
        PatientName="Hidden^Patient",
        PatientID="HID-1",
        StudyDescription="Told to nobody",
        PixelData=PIXELS,
    )
    Service(name=PARTITION).store(held)


def _define_tags() -> None:
    for held in (define(TAG, level="study"), define(COUNTED_TAG, level="series")):
        QueryTag.objects.create(
            path=held.path,
            identity=held.identity,
            vr=held.vr,
            level=held.level,
            status=TagStatus.READY,
        )


def _write_record() -> None:
    """Write who the patient of the study is, and that it is of it."""
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


_WATCHED: Final = frozenset({"core", "fhirlink", "imaging", "auth", "worklist"})
_AS_SEEN: Final = {"core_token": "(SELECT id, revoked_at FROM core_token)"}
"""Of tokens each use is noted."""


def _is_watched(model: type[Model]) -> bool:
    # Questions keep runs, for whoever has asked: what was saved alone is watched.
    is_ours = model._meta.app_label in _WATCHED or model is Definition
    return is_ours and model not in {AuditRecord, Usage}


def snapshot() -> Sequence[str]:
    """Return what distinguishes all that the portal keeps but its audit log."""
    digests = _digests()
    return [f"{table} {digests[table]}" for table in _tables(_is_watched)]


def _digests() -> dict[str, str | None]:
    """Return what distinguishes the rows of each table but the audit log's."""
    parts = [
        f"SELECT '{table}', md5(string_agg(t::text, ' ' ORDER BY t::text))"
        f" FROM {_AS_SEEN.get(table, table)} AS t"
        for table in _tables(lambda model: model is not AuditRecord)
    ]
    connection = raw_connection()
    with connection.transaction():
        # Of so many tables PostgreSQL has them read by two processes that it starts.
        connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        return dict(connection.execute(" UNION ALL ".join(parts)).fetchall())


def _tables(which: Callable[[type[Model]], bool]) -> list[str]:
    models = apps.get_models(include_auto_created=True)
    return sorted({model._meta.db_table for model in models if which(model)})


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
