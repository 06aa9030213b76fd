"""Hosts, encodings, origins: the rules before anything looks at a request."""

import pytest

from core import request_rules as rules
from core.errors import Forbidden, Invalid, TooLarge


@pytest.mark.parametrize(
    ("given", "kept"),
    [(b"abc-1.2:3_4", True), (b"", False), (b"a b", False), (b"x" * 65, False)],
)
def test_a_sane_request_id_is_kept(given: bytes, kept: bool) -> None:
    found = rules.request_id_of({b"x-request-id": given})
    assert (found == given.decode()) is kept
    assert found


@pytest.mark.parametrize("hosts", [[], [b""], [b"a", b"a"], [b"a b"], [b"a/b"]])
def test_one_host_is_named(hosts: list[bytes]) -> None:
    with pytest.raises(Invalid):
        rules.check_host([(b"host", host) for host in hosts], ["*"], "/")


@pytest.mark.parametrize(
    "host", [b"a.example", b"a.example:8000", b"127.0.0.1:1", b"[::1]:8000"]
)
def test_any_host_is_served_by_default(host: bytes) -> None:
    rules.check_host([(b"host", host)], ["*"], "/")


def test_other_hosts_are_refused_but_to_probes() -> None:
    allowed = ["a.example", ".b.example"]
    rules.check_host([(b"host", b"a.example:80")], allowed, "/")
    rules.check_host([(b"host", b"x.b.example")], allowed, "/")
    rules.check_host([(b"host", b"10.0.0.1")], allowed, "/readyz")
    with pytest.raises(Invalid):
        rules.check_host([(b"host", b"c.example")], allowed, "/")


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("/a\0", b"/a%00"),
        ("/a\n", b"/a%0A"),
        ("/../a", b"/../a"),
        ("/a/..", b"/a/%2e%2e"),
        ("/�", b"/%ff"),
        ("/�", b"/%ed%a0%80"),
        ("/%zz", b"/%zz"),
        ("/a%", b"/a%"),
        ("*", b"*"),
        ("", b""),
    ],
)
def test_a_path_without_meaning_is_refused(path: str, raw: bytes) -> None:
    with pytest.raises(Invalid):
        rules.check_path(path, raw)


@pytest.mark.parametrize(
    ("path", "raw"),
    [("/", b"/"), ("/a..b/...", b"/a..b/..."), ("/é b", b"/%C3%A9%20b")],
)
def test_other_paths_pass(path: str, raw: bytes) -> None:
    rules.check_path(path, raw)


@pytest.mark.parametrize(
    "query", [b"a=%00", b"a=\0", b"a=%ff", b"a=\xff", b"%ed%a0%80"]
)
def test_a_query_that_is_no_text_is_refused(query: bytes) -> None:
    with pytest.raises(Invalid):
        rules.checked_query(query)


@pytest.mark.parametrize(
    ("query", "checked"),
    [
        (b"", b""),
        (b"PatientName=a%20b&x=50%", b"PatientName=a%20b&x=50%"),
        ("PatientName=Müller%20a&b=[1]".encode(), b"PatientName=M%C3%BCller%20a&b=[1]"),
    ],
)
def test_a_query_is_escaped_where_it_is_not(query: bytes, checked: bytes) -> None:
    assert rules.checked_query(query) == checked


def test_sizes_have_limits() -> None:
    rules.check_size([(b"a", b"b" * 60_000)], b"/" * 32_000)
    with pytest.raises(TooLarge):
        rules.check_size([(b"a", b"b" * 70_000)], b"/")
    with pytest.raises(TooLarge):
        rules.check_size([], b"/" * 40_000)


HOST = {b"host": b"portal.example:8000"}


@pytest.mark.parametrize(
    "headers",
    [
        {b"sec-fetch-site": b"same-origin"},
        {b"sec-fetch-site": b"same-origin", b"origin": b"https://portal.example:8000"},
        {b"origin": b"https://portal.example:8000"},
        {b"origin": b"https://trusted.example", b"sec-fetch-site": b"cross-site"},
    ],
)
def test_own_and_trusted_pages_may_write(headers: dict[bytes, bytes]) -> None:
    scope = {"type": "http", "method": "POST"}
    rules.check_same_site(scope, {**HOST, **headers}, ["https://trusted.example"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"origin": b"null"},
        {b"origin": b"https://evil.example"},
        {b"origin": b"https://portal.example"},
        {b"sec-fetch-site": b"cross-site", b"origin": b"https://evil.example"},
        {b"sec-fetch-site": b"same-site", b"origin": b"https://portal.example:8000"},
        {b"sec-fetch-site": b"none"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", None])
def test_other_pages_may_not(headers: dict[bytes, bytes], method: str | None) -> None:
    with pytest.raises(Forbidden):
        rules.check_same_site({"method": method}, {**HOST, **headers}, [])


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_free_of_it(method: str) -> None:
    rules.check_same_site({"method": method}, HOST, [])


def test_allowed_origins_may_read_answers() -> None:
    asked = {b"origin": b"https://a.example"}
    assert rules.cors_headers(asked, []) == []
    assert rules.cors_headers(asked, ["https://b.example"]) == [(b"vary", b"Origin")]
    allowed = dict(rules.cors_headers(asked, ["https://a.example"]))
    assert allowed[b"access-control-allow-origin"] == b"https://a.example"
    assert b"ETag" in allowed[b"access-control-expose-headers"]
    assert dict(rules.cors_headers(asked, ["*"]))[b"access-control-allow-origin"]
