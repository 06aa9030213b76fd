"""Who says which servers there are, their secrets, and what becomes of dead letters."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from core.access import Verb
from core.errors import Forbidden, Invalid, NotFound
from core.models import Account, AuditRecord, Partition
from fhirlink.models import OutboxItem, OutboxState, RemoteServer
from fhirlink.remote import outbox, tokens
from fhirlink.remote.managing import configure_server, resync
from tests.actors import acting
from tests.fhirlink.remote.peer import ACTOR

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-hospital"


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.EXPORT_HOSTS = ["hospital.example", "other.example"]


def server(**values: Any) -> RemoteServer:
    partition, _ = Partition.objects.get_or_create(name="default")
    given = {"base_url": "https://hospital.example/fhir/", "auth": "bearer"}
    return configure_server(
        actor=ACTOR,
        server=RemoteServer(name="hospital", partition=partition),
        values=given | values,
        secret=TOKEN,
    )


def change(held: RemoteServer, secret: str = "", **values: Any) -> RemoteServer:
    return configure_server(actor=ACTOR, server=held, values=values, secret=secret)


def test_a_secret_is_encrypted_and_goes_to_no_other_address() -> None:
    held = server()

    assert TOKEN not in held.secret
    assert tokens.authorization(held) == {"Authorization": f"Bearer {TOKEN}"}
    assert held.base_url == "https://hospital.example/fhir"
    assert tokens.authorization(change(held, types_out=["Patient"]))
    with pytest.raises(Invalid) as refused:
        change(held, base_url="https://other.example/fhir")
    assert refused.value.path == "secret"
    assert TOKEN not in str(list(AuditRecord.objects.values("detail", "query")))


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"base_url": "https://elsewhere.example/fhir"}, "destination"),
        ({"base_url": "https://u:p@hospital.example/fhir"}, "destination"),
        ({"base_url": "https://hospital.example/fhir?x=1"}, "base_url"),
        ({"auth": "password"}, "auth"),
        ({"types_in": ["Patients"]}, "types_in"),
        ({"types_out": ["AuditEvent"]}, "types_out"),
        ({"auth": "smart", "token_url": "https://other.example/token"}, "client_id"),
        (
            {
                "auth": "smart",
                "token_url": "https://other.example/token",
                "client_id": "portal",
            },
            "secret",
        ),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        server(**values)
    assert refused.value.path == path
    assert not RemoteServer.objects.exists()


def test_only_who_manages_everything_says_where_data_go() -> None:
    held = server()
    item = OutboxItem.objects.create(
        server=held, type="Patient", fhir_id="1", version=1
    )
    for actor in (
        acting(None, "reader", {Verb.READ, Verb.STORE}),
        acting(None, "bound", partitions=frozenset({held.partition_id})),
    ):
        with pytest.raises(Forbidden):
            configure_server(actor=actor, server=held, values={"is_enabled": False})
        with pytest.raises(Forbidden):
            resync(actor=actor, name="hospital")
        with pytest.raises(Forbidden):
            outbox.discard_item(actor=actor, item_id=item.pk)
        with pytest.raises(Forbidden):
            outbox.list_dead_letters(actor=actor)
    assert OutboxItem.objects.get() == item


def test_what_was_given_up_is_sent_again_or_discarded() -> None:
    held = server()
    items = [
        OutboxItem.objects.create(
            server=held, type="Patient", fhir_id=each, version=1, state="dead"
        )
        for each in ("1", "2")
    ]
    assert outbox.list_dead_letters(actor=ACTOR, server="hospital").count() == 2

    outbox.retry_item(actor=ACTOR, item_id=items[0].pk)
    outbox.discard_item(actor=ACTOR, item_id=items[1].pk)

    (left,) = OutboxItem.objects.all()
    assert (left.pk, left.state) == (items[0].pk, OutboxState.WAITING)
    with pytest.raises(NotFound):
        outbox.discard_item(actor=ACTOR, item_id=items[1].pk)
    told = set(AuditRecord.objects.values_list("detail", "query"))
    assert ("retry outbox of server hospital", "Patient/1") in told
    assert ("discard outbox of server hospital", "Patient/2") in told


def test_the_admin_adds_a_server_and_never_shows_its_secret() -> None:
    server()
    account = Account.objects.create_user("ada", is_staff=True)
    account.groups.add(Group.objects.get(name="Administrator"))
    client = Client()
    client.force_login(account)
    form = {
        "partition": Partition.objects.get(name="default").pk,
        "name": "second",
        "base_url": "https://other.example/fhir",
        "auth": "bearer",
        "new_secret": TOKEN,
        "scope": "system/*.*",
        "types_out": "Patient,ImagingStudy",
        "types_in": "",
        "is_enabled": "on",
    }
    added = client.post(reverse("admin:fhirlink_remoteserver_add"), form)

    assert added.status_code == 302
    made = RemoteServer.objects.get(name="second")
    assert made.types_out == ["Patient", "ImagingStudy"]
    assert tokens.authorization(made) == {"Authorization": f"Bearer {TOKEN}"}
    address = reverse("admin:fhirlink_remoteserver_change", args=(made.pk,))
    page = client.get(address).content.decode()
    assert "0 wait to be sent" in page
    assert TOKEN not in page
    assert made.secret not in page
    client.post(
        address, form | {"name": "third", "new_secret": "", "types_in": "Group"}
    )
    made.refresh_from_db()
    assert (made.name, made.types_in) == ("second", ["Group"])
