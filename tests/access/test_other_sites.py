"""What another site tries in the browser of somebody who is signed in."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.access.cast import STUDY, Cast, snapshot
from tests.access.sending import bearer, send, session_of

pytestmark = pytest.mark.usefixtures("committing")

EVIL: Final = "https://evil.example"
STUDIES: Final = f"/dicomweb/studies/{STUDY}"
DELETE: Final = (
    f'mutation {{ deleteStudy(studyInstanceUid: "{STUDY}") {{ __typename }} }}'
)
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
