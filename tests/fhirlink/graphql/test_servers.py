"""FHIR servers of others in the graph: how they stand, and what was given up."""

from typing import Any

import pytest

from core.access import Verb
from core.models import AuditRecord, Partition
from fhirlink.models import InboundCursor, OutboxItem, OutboxState, RemoteServer
from fhirlink.remote.managing import configure_server
from tests.actors import ALL_VERBS, acting
from tests.graphql.graph import ask, errors

ADMIN = acting(1, "admin", ALL_VERBS)
FAULT = "... on Fault { code }"
SERVERS = """{ fhirServers { name partitionName baseUrl enabled typesOut typesIn
  numberWaiting numberOfDeadLetters lagSeconds error
  inbound { resourceType lagSeconds error } } }"""
LETTERS = """query ($server: String, $first: Int!, $after: String) {
  fhirDeadLetters(server: $server, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { letterId server resourceType fhirId error attempts } } } }"""


@pytest.fixture
def server(committing: None, settings: Any) -> RemoteServer:
    """Return a server to which two changes were not sent, and one waits."""
    settings.EXPORT_HOSTS = ["hospital.example"]
    partition, _ = Partition.objects.get_or_create(name="default")
    made = configure_server(
        actor=ADMIN,
        server=RemoteServer(name="hospital", partition=partition),
        values={
            "base_url": "https://hospital.example/fhir",
            "auth": "bearer",
            "types_out": ["Patient"],
            "types_in": ["Observation"],
        },
        secret="a-secret-token",
    )
    InboundCursor.objects.create(server=made, type="Observation", error="refused")
    for number, state in enumerate(("dead", "dead", "waiting")):
        OutboxItem.objects.create(
            server=made,
            type="Patient",
            fhir_id=str(number),
            version=number,
            state=state,
            error="422",
        )
    return made


def letters(**variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask(LETTERS, **{"first": 10, **variables})[
        "fhirDeadLetters"
    ]
    return found


@pytest.mark.usefixtures("server")
def test_servers_tell_how_they_stand_and_never_their_secret() -> None:
    (found,) = ask(SERVERS)["fhirServers"]
    assert found.pop("lagSeconds") >= 0
    assert found == {
        "name": "hospital",
        "partitionName": "default",
        "baseUrl": "https://hospital.example/fhir",
        "enabled": True,
        "typesOut": ["Patient"],
        "typesIn": ["Observation"],
        "numberWaiting": 1,
        "numberOfDeadLetters": 2,
        "error": "",
        "inbound": [
            {"resourceType": "Observation", "lagSeconds": None, "error": "refused"}
        ],
    }


@pytest.mark.usefixtures("server")
def test_dead_letters_are_paged_retried_and_discarded() -> None:
    page = letters(first=1)
    (first,) = (each["node"] for each in page["edges"])
    assert (first["fhirId"], first["error"]) == ("1", "422")
    assert page["pageInfo"]["hasNextPage"] is True
    rest = letters(after=page["pageInfo"]["endCursor"])
    (second,) = (each["node"] for each in rest["edges"])
    assert (second["fhirId"], rest["pageInfo"]["hasNextPage"]) == ("0", False)
    assert letters(server="another")["edges"] == []

    retry = """mutation ($id: BigInt!) { retryFhirDeadLetter(letterId: $id) {
      ... on SettledFhirDeadLetter { letterId } %s } }"""
    discard = retry.replace("retry", "discard")
    done = ask(retry % FAULT, id=first["letterId"])["retryFhirDeadLetter"]
    assert done == {"letterId": first["letterId"]}
    assert OutboxItem.objects.get(fhir_id="1").state == OutboxState.WAITING
    ask(discard % FAULT, id=second["letterId"])
    assert not OutboxItem.objects.filter(fhir_id="0").exists()
    again = ask(discard % FAULT, id=second["letterId"])["discardFhirDeadLetter"]
    assert again == {"code": "NOT_FOUND"}
    assert letters()["edges"] == []
    details = set(AuditRecord.objects.values_list("detail", flat=True))
    assert {
        "retry outbox of server hospital",
        "discard outbox of server hospital",
    } <= details


def test_a_server_is_compared_anew(server: RemoteServer) -> None:
    resync = """mutation ($name: String!) { resyncFhirServer(name: $name) {
      ... on OrderedFhirServer { name } %s } }"""
    assert ask(resync % FAULT, name="hospital")["resyncFhirServer"] == {
        "name": "hospital"
    }
    assert not InboundCursor.objects.filter(server=server).exists()
    refused = ask(resync % FAULT, name="nowhere")["resyncFhirServer"]
    assert refused == {"code": "NOT_FOUND"}


@pytest.mark.usefixtures("server")
def test_who_manages_less_than_everything_is_told_nothing() -> None:
    for actor in (
        acting(7, "reader", ALL_VERBS - {Verb.MANAGE}),
        acting(8, "manager", ALL_VERBS, frozenset({1})),
    ):
        for query in (SERVERS, LETTERS):
            (error,) = errors(query, actor=actor, first=10)
            assert error["code"] == "FORBIDDEN"
        for name in ("retryFhirDeadLetter", "discardFhirDeadLetter"):
            text = f"mutation {{ {name}(letterId: 1) {{ {FAULT} }} }}"
            assert ask(text, actor=actor)[name] == {"code": "FORBIDDEN"}
        text = f'mutation {{ resyncFhirServer(name: "hospital") {{ {FAULT} }} }}'
        assert ask(text, actor=actor)["resyncFhirServer"] == {"code": "FORBIDDEN"}
    assert OutboxItem.objects.filter(state=OutboxState.DEAD).count() == 2
