"""Every address of the service leaves its row in the audit log, however it answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import orjson
import pytest
from django.conf import settings
from django.contrib.auth.models import Group

from core import operations
from core.accounts.roles import seed_roles
from core.accounts.tokens import create_token
from core.audit import Action, Outcome
from core.authentication import Authenticator
from core.models import Account, AuditRecord, Operation, Partition, Token
from imaging.dicomweb.app import EVERYWHERE, GLOBALLY
from imaging.export import Typed, start_export
from imaging.export.lists import write_list
from imaging.models import Study
from tests.imaging.dicomweb.asking import BASE, boundary
from tests.imaging.dicomweb.service import Service
from tests.imaging.query_tags.tagging import ready
from tests.synthetic import add_pixels, encode, instance, multipart

pytestmark = [pytest.mark.usefixtures("committing")]

INSTANCE: Final = "/studies/{study}/series/{series}/instances/{instance}"


@dataclass(frozen=True)
class Route:
    """How to ask at an address so that it answers well, and what is recorded.

    Attributes
    ----------
    subject
        Whether the row names the patient: alone, among others, or not at all.
    """

    status: int = 200
    subject: str = ""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    body: bool = False


TAG: Final = "PatientAge"
ONE, SEVERAL = "one", "several"
OF_ONE: Final = Route(subject=ONE)
OF_SEVERAL: Final = Route(subject=SEVERAL)
STORED: Final = Route(subject=ONE, body=True)
DELETED: Final = Route(204, ONE)
ROUTES: Final[dict[tuple[str, str], Route]] = {
    ("GET", "/studies"): OF_ONE,
    ("POST", "/studies"): STORED,
    ("PUT", "/studies"): STORED,
    ("GET", "/series"): OF_ONE,
    ("GET", "/instances"): OF_ONE,
    ("GET", "/patientconflicts"): Route(),
    ("GET", "/studies/{study}"): OF_ONE,
    ("POST", "/studies/{study}"): STORED,
    ("PUT", "/studies/{study}"): STORED,
    ("DELETE", "/studies/{study}"): DELETED,
    ("GET", "/studies/{study}/metadata"): OF_ONE,
    ("GET", "/studies/{study}/series"): OF_ONE,
    ("GET", "/studies/{study}/instances"): OF_ONE,
    ("GET", "/studies/{study}/series/{series}"): OF_ONE,
    ("DELETE", "/studies/{study}/series/{series}"): DELETED,
    ("GET", "/studies/{study}/series/{series}/metadata"): OF_ONE,
    ("GET", "/studies/{study}/series/{series}/instances"): OF_ONE,
    ("GET", INSTANCE): OF_ONE,
    ("DELETE", INSTANCE): DELETED,
    ("GET", f"{INSTANCE}/metadata"): OF_ONE,
    ("GET", f"{INSTANCE}/frames/{{frames}}"): OF_ONE,
    ("GET", f"{INSTANCE}/bulkdata/{{path:path}}"): OF_ONE,
    **{
        ("GET", f"{above}/{what}"): OF_ONE
        for above in ("/studies/{study}", "/studies/{study}/series/{series}", INSTANCE)
        for what in ("bulkdata", "pixeldata", "rendered", "thumbnail")
    },
    **{
        ("GET", f"{INSTANCE}/frames/{{frames}}/{what}"): OF_ONE
        for what in ("rendered", "thumbnail")
    },
    ("GET", "/changefeed"): OF_SEVERAL,
    ("GET", "/changefeed/latest"): OF_SEVERAL,
    ("GET", "/partitions"): Route(),
    ("POST", "/partitions"): Route(201, json={"partitionName": "new"}),
    ("GET", "/partitions/{partition}"): Route(),
    ("PATCH", "/partitions/{partition}"): Route(json={"disabled": True}),
    ("DELETE", "/partitions/{partition}"): Route(204),
    ("GET", "/extendedquerytags"): Route(),
    ("POST", "/extendedquerytags"): Route(
        202, json=[{"path": "ProtocolName", "level": "series"}]
    ),
    ("GET", "/extendedquerytags/{tag}"): Route(),
    ("PATCH", "/extendedquerytags/{tag}"): Route(json={"queryStatus": "disabled"}),
    ("DELETE", "/extendedquerytags/{tag}"): Route(204),
    ("GET", "/extendedquerytags/{tag}/errors"): Route(),
    ("GET", "/operations"): Route(),
    ("GET", "/operations/{operation}"): Route(202),
    ("GET", "/operations/{operation}/files"): Route(),
    ("GET", "/operations/{operation}/files/{file}"): Route(),
    ("POST", "/export"): Route(
        202,
        json={
            "source": {"type": "identifiers", "settings": {"values": ["1.2.3"]}},
            "destination": {"type": "download"},
        },
    ),
    ("POST", "/import"): Route(
        202, json={"source": {"type": "folder", "settings": {"path": "{folder}"}}}
    ),
    ("POST", "/operations/{operation}/cancel"): Route(200),
    ("POST", "/operations/{operation}/retry"): Route(202),
}
TOLD_OF_NOTHING: Final = {"/api.json", "/api.yaml"}


def all_routes() -> dict[tuple[str, str], Any]:
    """Return how the service calls what each method at each path does."""
    paths = {**EVERYWHERE, **GLOBALLY}
    return {
        (method, path): action
        for path, actions in paths.items()
        for method, action in actions.items()
    }


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Hold an instance, an empty partition and an operation; return their names."""
    dataset = instance(PatientID="P-77", PatientName="Odd^Name")
    add_pixels(dataset)
    Service(name="default").store(dataset)
    seed_roles()
    monkeypatch.setattr(settings, "IMPORT_FOLDERS", [tmp_path])
    (tmp_path / "manifest.jsonl").touch()
    return {
        "study": dataset.StudyInstanceUID,
        "series": dataset.SeriesInstanceUID,
        "instance": dataset.SOPInstanceUID,
        "frames": "1",
        "path": "7FE00010",
        "file": "errors.log",
        "tag": TAG,
        "folder": str(tmp_path),
    }


def token_of(role: str) -> str:
    return create_token(account_name=role.lower().replace(" ", "-"), role=role)


def ask(method: str, path: str, token: str | None, **more: Any) -> httpx.Response:
    headers = {**more.pop("headers", {})}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(
            boundary(Authenticator(lambda: False)), client=("192.0.2.9", 5)
        )
        async with httpx.AsyncClient(transport=transport, headers=headers) as web:
            return await web.request(method, BASE + path, **more)

    return asyncio.run(call())


def address(path: str, held: Mapping[str, str]) -> str:
    """Return the address of a route, with what it names in place."""
    held = {**held, "partition": "empty", "path:path": held["path"]}
    if "{operation}" in path:
        held["operation"] = str(operation(for_retry=path.endswith("retry")).pk)
    if "{tag}" in path:
        ready(TAG)
    if "{partition}" in path:
        Service(name="empty").store(*())
    for name, value in held.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def operation(*, for_retry: bool) -> Operation:
    service = Service(name="default")
    service.store(*())
    made = start_export(
        actor=service.actor,
        partition="default",
        source=Typed("identifiers", {"values": ["1.2.3"]}),
        destination=Typed("download", {}),
    )
    write_list(made.pk, "errors.log", [b"{}"])
    if for_retry:
        operations.cancel_operation(
            actor=service.actor, operation_id=UUID(str(made.pk))
        )
    return made


def rows_of(answer: httpx.Response) -> list[AuditRecord]:
    request_id = answer.headers["x-request-id"]
    return list(AuditRecord.objects.filter(request_id=request_id).order_by("id"))


def body_for(route: Route, path: str, held: Mapping[str, str]) -> dict[str, Any]:
    """Return what a request carries: an instance of the study, or JSON."""
    if route.body:
        study = {"StudyInstanceUID": held["study"]} if "{study}" in path else {}
        stored = instance(PatientID="P-77", PatientName="Odd^Name", **study)
        content, headers = multipart(encode(stored))
        return {"content": content, "headers": headers}
    if route.json is None:
        return {}
    text = orjson.dumps(route.json).replace(b"{folder}", held["folder"].encode())
    return {"content": text, "headers": {"content-type": "application/json"}}


def test_every_route_has_a_line_here_or_tells_of_nothing_held() -> None:
    routes = all_routes()
    silent = {path for (_, path), action in routes.items() if action.audited is None}
    assert silent == TOLD_OF_NOTHING
    told = {key for key, action in routes.items() if action.audited is not None}
    assert told == set(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=str)
def test_what_is_answered_is_recorded(
    method: str, path: str, held: dict[str, str]
) -> None:
    route = ROUTES[method, path]
    token = token_of("Administrator")
    target = address(path, held)
    answer = ask(method, target, token, **body_for(route, path, held))
    assert answer.status_code == route.status, answer.text
    (row,) = rows_of(answer)
    expected = all_routes()[method, path].audited
    assert (row.action, row.outcome) == (expected, Outcome.SUCCESS)
    account = Account.objects.get(username="administrator")
    assert (row.actor, row.account_id) == ("administrator", account.pk)
    assert row.via == f"token {Token.objects.get().pk}"
    assert row.source == "192.0.2.9"
    if route.subject == ONE:
        assert (row.patient_id, row.patients) == ("P-77", [])
        assert row.partition_id == Partition.objects.get(name="default").pk
        assert bool(row.study_instance_uid) == ("{study}" in path or route.body)
    if route.subject == SEVERAL:
        assert row.patients == [Study.objects.get().linked_patient_id]


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=str)
def test_what_is_refused_is_recorded(
    method: str, path: str, held: dict[str, str]
) -> None:
    route = ROUTES[method, path]
    Group.objects.create(name="Nobody")
    token = token_of("Nobody")
    target = address(path, held)
    body = body_for(route, path, held)
    forbidden = ask(method, target, token, **body)
    assert forbidden.status_code == 403, forbidden.text
    (row,) = rows_of(forbidden)
    expected = all_routes()[method, path].audited
    assert (row.action, row.outcome) == (expected, Outcome.MINOR_FAILURE)
    assert (row.actor, row.detail, row.source) == ("nobody", "403", "192.0.2.9")
    assert row.query == f"{method} /dicomweb{target}"
    study = held["study"] if "{study}" in path else ""
    assert (row.patient_id, row.study_instance_uid) == ("", study)
    unknown = ask(method, target, None, **body)
    assert unknown.status_code == 401
    (row,) = rows_of(unknown)
    assert (row.action, row.outcome) == (Action.SIGN_IN, Outcome.MINOR_FAILURE)
    assert (row.actor, row.account_id) == ("anonymous", None)


@pytest.mark.parametrize(
    ("method", "path", "status", "action"),
    [
        ("GET", "/studies/1.2.3", 404, Action.RETRIEVE),
        ("GET", "/studies/1.2.3/metadata", 404, Action.RETRIEVE),
        ("DELETE", "/studies/1.2.3", 404, Action.DELETE),
        ("GET", "/partitions/none/studies", 404, Action.SEARCH),
        ("GET", "/v1/partitions/none/studies", 400, Action.SEARCH),
        ("GET", "/studies?PatientBirthDate=never", 400, Action.SEARCH),
        ("GET", "/no/such/address", 404, Action.RETRIEVE),
        ("PATCH", "/studies/1.2.3", 405, Action.UPDATE),
        ("POST", "/studies", 415, Action.STORE),
    ],
)
def test_what_cannot_be_answered_is_recorded(
    method: str, path: str, status: int, action: Action, held: dict[str, str]
) -> None:
    answer = ask(method, path, token_of("Administrator"))
    assert answer.status_code == status, answer.text
    (row,) = rows_of(answer)
    assert (row.action, row.outcome) == (action, Outcome.MINOR_FAILURE)
    assert row.query == f"{method} /dicomweb{path}"
    assert row.detail == str(status)
    assert row.study_instance_uid == ("1.2.3" if "1.2.3" in path else "")


def test_instances_that_a_store_refuses_are_recorded_beside_those_it_takes(
    held: dict[str, str],
) -> None:
    good, bad = instance(), b"no DICOM"
    content, headers = multipart(encode(good), bad)
    token = token_of("Service Writer")
    answer = ask("POST", "/studies", token, content=content, headers=headers)
    assert answer.status_code == 202
    stored, refused = rows_of(answer)
    assert (stored.action, stored.outcome) == ("store", 0)
    assert stored.study_instance_uid == good.StudyInstanceUID
    assert (refused.action, refused.outcome) == ("store", 4)
    assert refused.detail.startswith("refused 1 of 2 instances (1 ")


def test_a_search_names_all_patients_and_the_studies_without_one() -> None:
    seed_roles()
    datasets = [instance(PatientID=one) for one in ("A", "B", "B", "")]
    Service(name="default").store(*datasets)
    answer = ask("GET", "/studies", token_of("Administrator"))
    (row,) = rows_of(answer)
    linked = Study.objects.exclude(linked_patient=None)
    keys = set(linked.values_list("linked_patient_id", flat=True))
    assert len(keys) == 2
    assert row.patients == sorted(keys)
    assert row.studies == [datasets[3].StudyInstanceUID]
    assert row.detail == "study (4 results)"


def test_a_search_in_all_partitions_names_the_patient_by_key() -> None:
    seed_roles()
    for name in ("one", "other"):
        Service(name=name).store(instance(PatientID="A"))
    answer = ask("GET", "/partitions/*/studies?limit=1", token_of("Administrator"))
    (row,) = rows_of(answer)
    newest = Study.objects.latest("id")
    assert (row.partition_id, row.patient_id) == (None, "")
    assert row.patients == [newest.linked_patient_id]
