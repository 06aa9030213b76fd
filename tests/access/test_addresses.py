"""Ways to write an address, and the host of another, that lead past no door."""

from typing import Any, Final

import pytest

from tests.access.cast import Cast
from tests.access.outcomes import word
from tests.access.sending import bearer, send

pytestmark = pytest.mark.usefixtures("committing")

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
