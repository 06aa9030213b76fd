"""Who opens which pages of the admin, and what strangers and hostile values get."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from cohorts.models import Definition
from core import audit
from core.access import system
from core.accounts.grants import Level, grant
from core.accounts.roles import ROLES
from core.accounts.tokens import create_token
from core.asgi import Boundary
from core.audit import Action, Event
from core.models import (
    Account,
    AccountGrant,
    AuditRecord,
    DeadLetter,
    Operation,
    Partition,
    Token,
)
from fhirlink.models import (
    LinkConflict,
    LinkDecision,
    LinkSource,
    OutboxItem,
    RemoteServer,
    Resource,
    SubscriptionChannel,
)
from fhirlink.store import update
from imaging.models import Patient, Project, Study
from imaging.projects import create_project, scope
from portal.asgi import dispatch
from tests.imaging.stores import received, store
from worklist.models import Subscriber, Subscription, WorkitemRule

pytestmark = pytest.mark.django_db
admin.autodiscover()
PAGES = {model._meta.label: model._meta for model in admin.site._registry}

_PHI: Final = "Administrator, Data Manager, Radiologist, Referrer, Service Reader"
_MANAGE: Final = "Administrator, Data Manager"
_ACCOUNTS: Final = "Administrator, Auditor"
SEEN_BY: Final = {
    "imaging.Patient": _PHI,
    "imaging.Study": _PHI,
    "imaging.Instance": _PHI,
    "imaging.Project": _MANAGE,
    "imaging.QueryTag": _MANAGE,
    "imaging.Usage": _MANAGE,
    "imaging.FreedBlob": _MANAGE,
    "fhirlink.RemoteServer": _MANAGE,
    "fhirlink.OutboxItem": _MANAGE,
    "fhirlink.LinkSource": _MANAGE,
    "fhirlink.LinkConflict": _MANAGE,
    "fhirlink.LinkDecision": _MANAGE,
    "fhirlink.SubscriptionChannel": _MANAGE,
    "fhirlink.Resource": _PHI,
    "worklist.Workitem": _PHI,
    "worklist.Worklist": _MANAGE,
    "worklist.WorkitemRule": _MANAGE,
    "worklist.Subscriber": _MANAGE,
    "cohorts.Definition": _MANAGE,
    "core.Partition": _MANAGE,
    "core.FeedEntry": _MANAGE,
    "core.FollowerCursor": _MANAGE,
    "core.DeadLetter": _MANAGE,
    "core.Operation": _MANAGE,
    "core.Account": _ACCOUNTS,
    "auth.Group": _ACCOUNTS,
    "core.Token": _ACCOUNTS,
    "core.Scope": _ACCOUNTS,
    "core.AccountGrant": _ACCOUNTS,
    "core.GroupGrant": _ACCOUNTS,
    "core.SignInFailures": _ACCOUNTS,
    "core.AuditRecord": _ACCOUNTS,
    "cohorts.CountedQuestion": _ACCOUNTS,
}
"""Which roles see which lists; a new page without a line here fails."""

ADDED_BY: Final = {
    "imaging.Project": _MANAGE,
    "imaging.QueryTag": _MANAGE,
    "fhirlink.RemoteServer": _MANAGE,
    "fhirlink.LinkSource": _MANAGE,
    "worklist.WorkitemRule": _MANAGE,
    "core.Partition": _MANAGE,
    "core.Account": "Administrator",
    "auth.Group": "Administrator",
    "core.Token": "Administrator",
}
"""Which roles add rows to which lists; to others nobody does."""

HOSTILE: Final = '"><script>alert(1)</script>'


def address(page: str) -> str:
    meta = PAGES[page]
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


def client_of(role: str, *, is_staff: bool = True) -> Client:
    account = Account.objects.create_user("ada", is_staff=is_staff)
    account.groups.add(*Group.objects.filter(name=role))
    client = Client()
    client.force_login(account)
    return client


@pytest.mark.parametrize("role", ["", *ROLES])
def test_each_role_opens_its_pages_and_no_others(role: str) -> None:
    assert set(SEEN_BY) == set(PAGES)
    client = client_of(role)
    for page, seen_by in SEEN_BY.items():
        sees = role in seen_by.split(", ") and role != ""
        adds = role in ADDED_BY.get(page, "").split(", ") and role != ""
        found = {
            way: client.get(address(page) + way).status_code for way in ("", "add/")
        }
        expected = {"": 200 if sees else 403, "add/": 200 if adds else 403}
        assert found == expected, (page, role)
    exported = client.get(reverse("admin:core_auditrecord_export")).status_code
    assert exported == (403 if role not in _ACCOUNTS.split(", ") or not role else 200)


@pytest.mark.parametrize("is_known", [False, True])
def test_who_is_not_staff_is_asked_to_sign_in(is_known: bool) -> None:
    client = client_of("Administrator", is_staff=False) if is_known else Client()
    addresses = [address(page) for page in PAGES]
    addresses += [reverse("admin:core_auditrecord_export"), "/admin/", "/admin/status/"]
    for each in addresses:
        answer = client.get(each)
        assert answer.status_code == 302, each
        assert answer["Location"].startswith("/admin/login/?next=/admin/")
        assert client.post(each, {"action": "x"}).status_code in {302, 403}


@pytest.fixture
def things() -> dict[str, Any]:
    """Hold something of all that the admin's actions change."""
    actor = system("test")
    store(received("1.1", "1.1.1", "1.1.1.1", patient_id=HOSTILE[:64], name=HOSTILE))
    project = create_project(
        actor=actor, partition="default", name=HOSTILE, description=HOSTILE
    )
    eve = Account.objects.create(username="eve", last_name=HOSTILE, email=HOSTILE)
    create_token(account_name="eve", role="Service Reader", name=HOSTILE)
    grant(actor=actor, scope=scope(project), to=eve, level=Level.SEE)
    Group.objects.create(name=HOSTILE)
    audit.record(
        Event(actor, Action.STORE, patient_id=HOSTILE, detail=HOSTILE, query=HOSTILE)
    )
    server = RemoteServer.objects.create(
        partition=Partition.objects.get(name="default"), name="other", error=HOSTILE
    )
    return {
        "imaging.Study": Study.objects.get(),
        "imaging.Patient": Patient.objects.get(),
        "imaging.Project": project,
        "core.Account": eve,
        "core.Token": Token.objects.get(),
        "core.AccountGrant": AccountGrant.objects.get(),
        "core.DeadLetter": DeadLetter.objects.create(
            follower="usage", seq=1, error=HOSTILE
        ),
        "core.Operation": Operation.objects.create(
            kind=HOSTILE, actor=HOSTILE, error=HOSTILE
        ),
        "fhirlink.RemoteServer": server,
        "fhirlink.OutboxItem": OutboxItem.objects.create(
            server=server, type="Patient", fhir_id="1", version=1, error=HOSTILE
        ),
        **of_the_record(),
        "cohorts.Definition": saved_definition(),
        "worklist.WorkitemRule": WorkitemRule.objects.create(
            partition=Partition.objects.get(name="default"),
            **dict.fromkeys(("name", "source", "conditions", "problem"), HOSTILE),
        ),
        "worklist.Subscriber": hostile_subscriber(),
        "core.Partition": Partition.objects.create(name="spare"),
        "core.AuditRecord": AuditRecord.objects.latest("pk"),
    }


def saved_definition() -> Definition:
    """Hold a definition with hostile words in all that it says."""
    partition = Partition.objects.get(name="default")
    owner = Account.objects.create_user("saver")
    named = {"kind": "set", "name": HOSTILE, "description": HOSTILE}
    saved = Definition.objects.create(partition=partition, owner=owner, **named)
    saved.versions.create(number=1, content={"text": HOSTILE}, actor=HOSTILE)
    return saved


def hostile_subscriber() -> Subscriber:
    """Hold somebody who is told of all workitems, by a hostile name."""
    made = Subscriber.objects.create(
        partition=Partition.objects.get(name="default"),
        aetitle=HOSTILE,
        owner=HOSTILE,
        delivered_seq=0,
    )
    Subscription.objects.create(subscriber=made, from_seq=0)
    return made


def of_the_record() -> dict[str, Any]:
    """Hold something of each page of the clinical record."""
    partition = Partition.objects.get(name="default")
    content = {"resourceType": "Patient", "id": "1", "name": [{"text": HOSTILE}]}
    update(
        actor=system("test"),
        partition="default",
        type_="Patient",
        fhir_id="1",
        content=content,
    )
    detail = {"patient": "1", "candidates": [HOSTILE], "members": [HOSTILE]}
    return {
        "fhirlink.Resource": Resource.objects.get(),
        "fhirlink.LinkSource": LinkSource.objects.create(
            partition=partition, address=HOSTILE, issuers={HOSTILE: HOSTILE}
        ),
        "fhirlink.LinkConflict": LinkConflict.objects.create(
            partition=partition, study_instance_uid=HOSTILE, kind="several",
            detail=detail,
        ),
        "fhirlink.LinkDecision": LinkDecision.objects.create(
            partition=partition, action="merge", first=HOSTILE, reason=HOSTILE
        ),
        "fhirlink.SubscriptionChannel": SubscriptionChannel.objects.create(
            partition=partition, fhir_id=HOSTILE, version=1, owner=HOSTILE
        ),
    }  # fmt: skip


def snapshot() -> list[Any]:
    """Return everything that an action could have changed."""
    return [
        Study.objects.count(),
        Project.objects.count(),
        list(Account.objects.values("pk", "is_active").order_by("pk")),
        list(Token.objects.values("pk", "revoked_at", "expires_at").order_by("pk")),
        AccountGrant.objects.count(),
        DeadLetter.objects.count(),
        list(Operation.objects.values("state", "cancel_requested")),
        list(Partition.objects.values("name", "disabled_at", "deleted_at")),
        list(RemoteServer.objects.values("name", "base_url", "secret")),
        list(OutboxItem.objects.values("state", "next_at")),
        list(LinkSource.objects.values()),
        list(LinkConflict.objects.values()),
        list(LinkDecision.objects.values()),
        list(WorkitemRule.objects.values()),
        list(Subscription.objects.values()),
    ]


def actions() -> Iterator[tuple[str, str]]:
    """Yield each page with each action that a superuser has there."""
    root = Account.objects.get(username="root")
    client = Client()
    client.force_login(root)
    for page in PAGES:
        text = client.get(address(page)).content.decode()
        select = re.search(r'<select name="action".*?</select>', text, re.S)
        for name in re.findall(r'value="(\w+)"', select[0] if select else ""):
            yield page, name


def test_no_action_is_done_by_a_get_or_without_the_form_s_token(
    things: dict[str, Any],
) -> None:
    root = Account.objects.create_superuser("root")
    found = list(actions())
    assert len(found) > 15
    client = Client(enforce_csrf_checks=True)
    client.force_login(root)
    before = snapshot()
    for page, action in found:
        chosen = [str(things[page].pk)] if page in things else ["1"]
        fields = {"action": action, "_selected_action": chosen, "reason": "mischief"}
        assert client.post(address(page), fields).status_code == 403
        client.get(address(page), fields)
    for page, row in things.items():
        for way in ("change/", "delete/", "grants/"):
            client.get(f"{address(page)}{row.pk}/{way}")
            answer = client.post(f"{address(page)}{row.pk}/{way}", {"name": "x"})
            assert answer.status_code in {302, 403, 404}, (page, way)
    assert snapshot() == before


def test_hostile_values_are_shown_and_not_run(things: dict[str, Any]) -> None:
    root = Account.objects.create_superuser("root")
    client = Client()
    client.force_login(root)
    shown = 0
    for page in PAGES:
        addresses = [address(page), f"{address(page)}?q=%22><script>alert(1)</script>"]
        if page in things:
            addresses.append(f"{address(page)}{things[page].pk}/change/")
        for each in addresses:
            text = client.get(each).content.decode()
            assert "<script>alert(1)" not in text, each
            shown += "&lt;script&gt;alert(1)" in text
    assert shown > 15
    for page, action in (
        ("imaging.Study", "delete_studies"),
        ("imaging.Project", "delete_projects"),
        ("core.Token", "rotate"),
        ("fhirlink.LinkConflict", "resolve"),
        ("fhirlink.LinkDecision", "undo"),
    ):
        fields = {"action": action, "_selected_action": [str(things[page].pk)]}
        text = client.post(address(page), fields).content.decode()
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)" in text, action


def test_pages_run_only_what_is_from_here_and_are_framed_nowhere() -> None:
    client = client_of("Administrator")
    for each in ("/admin/", "/admin/status/", *(address(page) for page in PAGES)):
        answer = client.get(each)
        assert answer["X-Frame-Options"] == "DENY"
        policy = answer["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", answer.content.decode())
        assert [each for each in inline if "application/json" not in each] == []
        assert " onclick=" not in answer.content.decode()


def test_the_log_is_exported_as_it_is_filtered(committing: None) -> None:
    client = Client()
    root = Account.objects.create_superuser("root")
    client.force_login(root)
    for actor, number in (("one", 3), ("other", 2)):
        for _ in range(number):
            audit.record(Event(system(actor), Action.STORE, patient_id="P1"))

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(Boundary(dispatch))
        cookies = {name: cookie.value for name, cookie in client.cookies.items()}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://h", cookies=cookies
        ) as web:
            address = reverse("admin:core_auditrecord_export")
            return await web.get(f"{address}?actor=system:one")

    answer = asyncio.run(get())
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/fhir+ndjson"
    assert "audit.ndjson" in answer.headers["Content-Disposition"]
    events = [json.loads(line) for line in answer.text.splitlines()]
    assert [event["resourceType"] for event in events] == ["AuditEvent"] * 3
    assert {event["agent"][0]["who"]["display"] for event in events} == {"system:one"}
    told = AuditRecord.objects.get(detail="admin: export")
    assert (told.actor, told.query) == ("root", "actor=system:one")
