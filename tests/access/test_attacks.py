"""What those try who have no right, or another site in the browser of who has."""

import asyncio
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import httpx
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from psycopg import Cursor

from core import authentication, database, feed_listener
from core.accounts.tokens import revoke_token
from core.asgi import Boundary
from core.models import Account
from portal.asgi import dispatch
from tests.access.cast import PARTITION, PEOPLE, STUDY, Cast, snapshot
from tests.access.outcomes import word
from tests.imaging.dicomweb.service import Service
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")

HIDDEN: Final = "1.2.9.1"
ABSENT: Final = "1.2.9.2"
LONG_S: Final = 60
EVIL: Final = "https://evil.example"
STUDIES: Final = f"/dicomweb/studies/{STUDY}"
DELETE: Final = (
    f'mutation {{ deleteStudy(studyInstanceUid: "{STUDY}") {{ __typename }} }}'
)
TRICKS: Final = (
    "/DICOMWEB/studies",
    "/DicomWeb/studies",
    "//dicomweb/studies",
    "/./dicomweb/studies",
    "/dicomweb./studies",
    "/dicomweb;/studies",
    "/dicomweb;x=1/studies",
    "/dicomweb%2fstudies",
    "/dicomweb%2Fstudies",
    "/dicomweb%5cstudies",
    "/%64icomweb/studies",
    "/dicomweb%20/studies",
    "/ dicomweb/studies",
    "/healthz/../dicomweb/studies",
    "/healthz/%2e%2e/dicomweb/studies",
    "/fhir/metadata/../../dicomweb/studies",
    "/fhir/metadata/..%2f..%2fdicomweb/studies",
    "/fhir/metadata;/dicomweb/studies",
    "/static/..%2fdicomweb/studies",
    "/sign-in/..;/dicomweb/studies",
    "/dicomweb/v1/studies",
    "/dicomweb/v1//studies",
    "/dicomweb//studies",
    "/dicomweb/studies/",
    "/dicomweb/studies.",
    "/dicomweb/api.json",
    "/GRAPHQL?query={studies{totalCount}}",
    "//graphql?query={studies{totalCount}}",
    "/graphql/?query={studies{totalCount}}",
    "/graphql;?query={studies{totalCount}}",
    "/graphql%2f?query={studies{totalCount}}",
    "/graphql?query={__schema{types{name}}}",
    "/admin/imaging/study/",
    "/admin/%2e/imaging/study/",
    "/admin;/imaging/study/",
    "/ADMIN/imaging/study/",
)


def send(
    method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
) -> httpx.Response:
    """Send a request with its path as it is written."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(Boundary(dispatch))
        async with httpx.AsyncClient(transport=transport) as web:
            url = httpx.URL("http://h").copy_with(raw_path=path.encode())
            return await web.request(method, url, headers=headers, **more)

    return asyncio.run(call())


def bearer(cast: Cast, name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {cast.tokens[name]}"}


def session_of(name: str) -> dict[str, str]:
    """Return the cookie of somebody who has signed in."""
    account = Account.objects.get(username=name)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return {"cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}


def test_no_way_of_writing_an_address_leads_past_the_door() -> None:
    cast = Cast()
    outsider = bearer(cast, "researcher")
    for path in TRICKS:
        for headers in ({}, {"authorization": "Bearer x"}):
            got = send("GET", path, headers)
            assert got.status_code in {301, 302, 400, 401, 404}, path
            assert word("", path.encode(), got.content, cast) == "", path
            assert b"__Schema" not in got.content
        got = send("GET", path, outsider)
        assert word("", path.encode(), got.content, cast) == "", path


OTHER_SITES: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"origin": EVIL},
    {"origin": "null"},
    {"origin": "http://h.evil.example"},
    {"origin": "http://h:8080"},
    {"origin": EVIL, "sec-fetch-site": "cross-site"},
    {"origin": "http://h", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
)


@pytest.mark.parametrize("headers", OTHER_SITES)
def test_another_site_writes_nothing_in_a_signed_in_browser(
    headers: Mapping[str, str],
) -> None:
    cast = Cast()
    cookie = session_of("administrator")
    assert send("GET", STUDIES + "/metadata", cookie).status_code == 200
    sent = {**cookie, **headers}
    got = [
        send(method, path, sent, **more)
        for method, path, more in (
            ("DELETE", STUDIES, {}),
            ("POST", STUDIES, {"content": b"x"}),
            ("PUT", STUDIES, {"content": b"x"}),
            ("POST", "/dicomweb/partitions", {"json": {"partitionName": "made"}}),
            ("PATCH", "/dicomweb/partitions/spare", {"json": {"disabled": True}}),
            ("DELETE", "/dicomweb/partitions/spare", {}),
            ("POST", "/graphql", {"json": {"query": DELETE}}),
            ("POST", "/graphql", {"content": DELETE}),
        )
    ]
    assert {each.status_code for each in got} == {403}
    linked = send("GET", f"/graphql?query={DELETE.replace(' ', '%20')}", sent)
    assert linked.status_code == 405
    assert snapshot() == cast.before
    own = {**cookie, "origin": "http://h"}
    assert send("DELETE", STUDIES, own).status_code == 204


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_no_foreign_origin_may_read_an_answer(method: str) -> None:
    cast = Cast()
    cookie = session_of("administrator")
    for path in (STUDIES + "/metadata", "/graphql", "/admin/", "/sign-in/", "/fhir"):
        for origin in (EVIL, "null", "http://h.evil.example"):
            asked = {"origin": origin, "access-control-request-method": "GET"}
            for more in ({}, cookie, bearer(cast, "administrator")):
                got = send(method, path, {**asked, **more})
                told = [name for name in got.headers if name.startswith("access-c")]
                assert told == [], (path, origin)


def test_another_host_is_refused_and_never_repeated(settings: Any) -> None:
    cast = Cast()
    settings.ALLOWED_HOSTS = ["portal.example"]
    for host in ("evil.example", "portal.example.evil", "portal.example@evil", "h"):
        for path in ("/dicomweb/studies", "/graphql", "/admin/", "/sign-in/"):
            got = send("GET", path, {**bearer(cast, "administrator"), "host": host})
            assert got.status_code == 400, (host, path)
            assert "evil" not in got.text
    sent = {
        **bearer(cast, "administrator"),
        "host": "portal.example",
        "x-forwarded-host": "evil.example",
        "forwarded": "host=evil.example",
    }
    got = send("GET", "/dicomweb/studies", sent)
    assert got.status_code == 200
    assert b"evil" not in got.content
    assert b"http://portal.example/dicomweb/" in got.content


PATHS: Final = (
    "/dicomweb/studies/{study}",
    "/dicomweb/studies/{study}/metadata",
    "/dicomweb/studies/{study}/series",
    "/dicomweb/studies/{study}/instances",
    "/dicomweb/studies/{study}/bulkdata",
    "/dicomweb/studies/{study}/pixeldata",
    "/dicomweb/studies/{study}/series/{study}.1/metadata",
    "/dicomweb/studies/{study}/series/{study}.1/instances/{study}.2",
    "/dicomweb/studies/{study}/series/{study}.1/instances/{study}.2/metadata",
    "/dicomweb/studies/{study}/series/{study}.1/instances/{study}.2/frames/1",
    "/dicomweb/studies/{study}/series/{study}.1/instances/{study}.2/pixeldata",
    "/dicomweb/studies?StudyInstanceUID={study}",
    "/dicomweb/instances?StudyInstanceUID={study}",
    "/dicomweb/changefeed?studyInstanceUid={study}",
    '/graphql?query={{study(studyInstanceUid:"{study}"){{dicomJson}}}}',
)


def test_what_is_hidden_answers_like_what_is_absent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Status, headers, body and the statements of the database: no time tells."""
    cast = Cast()
    Service(name=PARTITION).store(
        instance(
            StudyInstanceUID=HIDDEN,
            SeriesInstanceUID=f"{HIDDEN}.1",
            SOPInstanceUID=f"{HIDDEN}.2",
        )
    )
    member, everybody = (bearer(cast, n) for n in ("member-identifying", "reader"))
    statements = counted(monkeypatch)
    for path in PATHS:
        seen = []
        for study in (HIDDEN, ABSENT):
            statements.clear()
            got = send("GET", path.format(study=study), member)
            headers = {**got.headers, "x-request-id": ""}
            text = got.text.replace(study, "")
            assert len(statements) > 1  # who it is, at least, and the audit log
            seen.append((got.status_code, headers, text, list(statements)))
        assert seen[0] == seen[1], path
        got = send("GET", path.format(study=HIDDEN), everybody)
        assert got.status_code == 200
        assert (got.text.replace(HIDDEN, ""), got.status_code) != (text, seen[0][0])


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that takes each statement that is sent to the database."""
    sent: list[str] = []
    execute = Cursor.execute

    def noted(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        sent.append(str(query))
        return execute(self, query, *args, **more)

    monkeypatch.setattr(Cursor, "execute", noted)
    return sent


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/dicomweb/partitions", {"partitionName": "made", "partitionKey": 1}),
        ("POST", "/dicomweb/partitions", {"partitionName": "made", "disabled": True}),
        ("PATCH", "/dicomweb/partitions/spare", {"disabled": True, "pk": 1}),
        ("PATCH", "/dicomweb/partitions/spare", {"deleted_at": "2020-01-01"}),
        ("PATCH", "/dicomweb/partitions/spare", {"disabled": "yes"}),
        ("PATCH", "/dicomweb/partitions/spare", [{"disabled": True}]),
    ],
)
def test_a_body_says_only_what_its_address_takes(
    method: str, path: str, body: Any
) -> None:
    cast = Cast()
    got = send(method, path, bearer(cast, "administrator"), json=body)
    assert got.status_code == 400
    assert snapshot() == cast.before


def test_floods_of_graphql_are_cut_short_for_everybody() -> None:
    cast = Cast()
    flood = " ".join(f"a{n}: studies {{ totalCount }}" for n in range(500))
    deep = "{ studies " + "{ edges { node { series " * 40
    for name in PEOPLE:
        who = bearer(cast, name)
        batch = [{"query": "{ me { name } }"}] * 100
        assert send("POST", "/graphql", who, json=batch).status_code == 400
        for query in (f"{{ {flood} }}", deep + "{ id }" + " } } }" * 40 + " }"):
            got = send("POST", "/graphql", who, json={"query": query}).json()
            assert "data" not in got or got["data"] is None, name
            (error,) = got["errors"]
            assert error["extensions"]["code"] in {"TOO_LARGE", "INVALID"}, name


def test_a_token_that_was_kept_in_memory_ends_when_it_is_revoked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only news of the database ends it here: what is kept, is kept for an hour."""
    monkeypatch.setattr(authentication, "KEPT_S", 3600.0)
    cast = Cast()
    who = bearer(cast, "reader")
    held = Account.objects.get(username="reader").tokens.get().pk
    boundary = Boundary(dispatch)

    async def run() -> None:
        transport = httpx.ASGITransport(boundary)
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:

            async def status() -> int:
                return (await web.get(f"{STUDIES}/metadata", headers=who)).status_code

            assert await status() == 200
            assert await status() == 200
            assert boundary._authenticator._kept
            await database.run(revoke_token, token_id=held)
            async with asyncio.timeout(LONG_S):
                while await status() != 401:
                    await asyncio.sleep(0.01)
            assert {await status() for _ in range(5)} == {401}

    async def listening() -> None:
        feed_listener.start_listening()
        try:
            async with asyncio.timeout(LONG_S):
                while not feed_listener.hears():
                    await asyncio.sleep(0.01)
            await run()
        finally:
            await feed_listener.stop_listening()

    asyncio.run(listening())
