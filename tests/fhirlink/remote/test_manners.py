"""How a server is talked to: tokens, pauses, where it leads to, its failures."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from core.followers import run_until_caught_up
from fhirlink.models import InboundCursor, OutboxItem, RemoteServer
from fhirlink.remote.outbox import OutboxFollower
from fhirlink.remote.turns import MAXIMUM_ATTEMPTS, servers_due, take_turn
from tests.fhirlink.remote.crafted import Crafted, Reply, Request, crafted
from tests.fhirlink.remote.peer import Pair

pytestmark = pytest.mark.usefixtures("committing")

EMPTY: Any = {"resourceType": "Bundle", "type": "searchset"}
FAILED: Any = {
    "resourceType": "OperationOutcome",
    "issue": [{"code": "exception", "diagnostics": "Lovelace, Ada has failed"}],
}


@pytest.fixture
def there(settings: Any) -> Any:
    settings.EXPORT_HOSTS = ["127.0.0.1"]
    with crafted() as made:
        yield made


def made_of(request: Request) -> Reply:
    """Return the answer to a creation."""
    content = {"resourceType": "Patient", "id": "made", "meta": {"versionId": "1"}}
    return Reply(201, content)


def turn(pair: Pair) -> None:
    run_until_caught_up(OutboxFollower())
    RemoteServer.objects.update(retry_at=None)
    OutboxItem.objects.update(next_at=timezone.now())
    take_turn(pair.server.pk, time_limit_s=60, now_due=True)
    pair.server.refresh_from_db()


def test_smart_signs_for_a_token_and_for_a_new_one_when_it_has_ended(
    there: Crafted,
) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    claims: list[dict[str, Any]] = []

    def answer(request: Request) -> Reply:
        if request.path == "token":
            form = parse_qs(request.body.decode())
            assertion = form["client_assertion"][0]
            assert jwt.get_unverified_header(assertion)["kid"] == "k1"
            claims.append(
                jwt.decode(
                    assertion,
                    key.public_key(),
                    ["ES384"],
                    audience=f"{there.url}/token",
                )
            )
            assert form["grant_type"] == ["client_credentials"]
            assert form["scope"] == ["system/*.*"]
            token = {"access_token": f"token-{len(claims)}", "expires_in": 300}
            return Reply(200, token)
        if request.headers.get("authorization") != "Bearer token-2":
            return Reply(401)
        return Reply(200, EMPTY) if request.method == "GET" else made_of(request)

    there.answer = answer
    smart = {
        "auth": "smart",
        "token_url": f"{there.url}/token",
        "client_id": "portal",
        "key_id": "k1",
        "secret": pem,
    }
    pair = Pair(there.url, out=("Patient",), values=smart)
    pair.own(patient("ada"))
    turn(pair)

    assert pair.states() == {"Patient/ada": "sent"}
    assert [(each["iss"], each["sub"]) for each in claims] == [("portal", "portal")] * 2
    assert len({each["jti"] for each in claims}) == 2


def patient(fhir_id: str) -> dict[str, Any]:
    identifier = {"system": "urn:a|b", "value": "x,y&z"}
    return {"resourceType": "Patient", "id": fhir_id, "identifier": [identifier]}


def test_identifiers_are_escaped_and_encoded(there: Crafted) -> None:
    there.answer = lambda r: Reply(200, EMPTY) if r.method == "GET" else made_of(r)
    pair = Pair(there.url, out=("Patient",))
    pair.own(patient("ada"))
    turn(pair)

    found, made = there.asked
    asked = "identifier=urn%3Aa%5C%7Cb%7Cx%5C%2Cy%26z"
    assert found.path == f"Patient?{asked}&_count=2"
    assert made.headers["if-none-exist"] == asked


def test_a_busy_server_is_left_alone_as_long_as_it_asks(there: Crafted) -> None:
    there.answer = lambda request: Reply(429, None, {"Retry-After": "900"})
    pair = Pair(there.url, out=("Patient",))
    pair.own(patient("ada"))
    turn(pair)

    assert pair.server.retry_at is not None
    assert pair.server.retry_at > timezone.now() + timedelta(seconds=800)
    assert len(there.asked) == 1
    assert not take_turn(pair.server.pk, time_limit_s=60)
    assert servers_due() == []
    assert len(there.asked) == 1
    there.answer = lambda r: Reply(200, EMPTY) if r.method == "GET" else made_of(r)
    turn(pair)
    assert pair.states() == {"Patient/ada": "sent"}
    assert (pair.server.failures, pair.server.error) == (0, "")


def test_what_a_server_fails_at_alone_is_given_up_and_holds_up_nobody(
    there: Crafted,
) -> None:
    def answer(request: Request) -> Reply:
        if request.method == "GET":
            return Reply(200, EMPTY)
        return Reply(502 if b'"bad"' in request.body else 201, made_of(request).content)

    there.answer = answer
    pair = Pair(there.url, out=("Patient",))
    for name in ("bad", "good"):
        identifier = {"system": "urn:x", "value": name}
        pair.own({**patient(name), "identifier": [identifier]})
    for _ in range(MAXIMUM_ATTEMPTS):
        assert "Patient/bad" in pair.states() or not pair.states()
        turn(pair)

    assert pair.states() == {"Patient/bad": "dead", "Patient/good": "sent"}


def test_what_a_server_says_of_patients_is_not_kept(there: Crafted) -> None:
    there.answer = lambda r: (
        Reply(200, EMPTY) if r.method == "GET" else Reply(422, FAILED)
    )
    pair = Pair(there.url, out=("Patient",))
    pair.own(patient("ada"))
    turn(pair)

    error = pair.error_of("Patient/ada")
    assert error == "The server does not create it: 422 (exception)."


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/fhir/Patient?page=2", "{root}/other", "{root}/fhir/../x"],
)
def test_pages_lead_to_the_server_itself_only(there: Crafted, url: str) -> None:
    following = url.replace("{root}", there.url.removesuffix("/fhir"))
    link = [{"relation": "next", "url": following}]
    there.answer = lambda request: Reply(200, {**EMPTY, "link": link})
    pair = Pair(there.url, taken=("Patient",))
    turn(pair)

    cursor = InboundCursor.objects.get()
    assert cursor.error == "The server leads to an address that is not its own."
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Reply(301, None, {"Location": "http://127.0.0.1/fhir"}),
        Reply(401),
    ],
)
def test_a_redirect_or_a_refused_token_ends_the_turn(
    there: Crafted, answer: Reply
) -> None:
    there.answer = lambda request: answer
    pair = Pair(there.url, out=("Patient",))
    pair.own(patient("ada"))
    turn(pair)

    assert pair.states() == {"Patient/ada": "waiting"}
    assert pair.server.failures == 1
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    "content",
    [
        {
            "resourceType": "Bundle",
            "entry": [{"resource": {"resourceType": "Patient"}}],
        },
        {"resourceType": "Bundle", "entry": [7], "link": [3]},
        {"resourceType": "Bundle", "entry": "x", "link": {"relation": "next"}},
        {"resourceType": "Patient"},
        {
            "resourceType": "Bundle",
            "entry": [
                {"resource": {"resourceType": "Patient", "id": "a", "meta": 7}},
                {"resource": {"resourceType": "Patient", "id": "b", "identifier": 7}},
            ],
        },
    ],
)
def test_odd_answers_are_told_and_nothing_fails(
    there: Crafted, content: dict[str, Any]
) -> None:
    there.answer = lambda request: Reply(200, content)
    pair = Pair(there.url, taken=("Patient",))
    turn(pair)

    assert pair.server.failures == 0
    assert InboundCursor.objects.get().caught_up_at is not None
