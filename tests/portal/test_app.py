"""The portal's pages: one shell at their addresses, and nothing at others."""

import re
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from django.test import Client

from core.models import Account
from portal.pages.app import NONCE, PLACES
from tests.frontend.built import FRONTEND, built_frontend
from tests.portal.test_sign_in import PASSWORD, sign_in
from tests.stack import Stack

DEEP: Final = "/studies/1.2.840.1/viewer?partition=a%20b&series=1.2"


@pytest.fixture
def ada(db: None) -> Account:
    return Account.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> None:
    shell = f'<meta nonce="{NONCE}"><script nonce="{NONCE}"></script>'
    (tmp_path / "index.html").write_text(shell, encoding="utf-8")
    settings.FRONTEND_FOLDER = tmp_path


@pytest.mark.usefixtures("ada")
def test_without_pages_the_first_address_leads_to_the_admin(
    tmp_path: Path, settings: Any
) -> None:
    settings.FRONTEND_FOLDER = tmp_path
    browser = Client()
    assert browser.get("/")["location"] == "/admin/"
    sign_in(browser)
    answer = browser.get("/studies")
    assert answer.status_code == 404
    assert b"not built" in answer.content


@pytest.mark.usefixtures("ada", "built")
def test_who_is_not_signed_in_signs_in_and_comes_back() -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.get(DEEP)
    assert answer.status_code == 302
    form = browser.get(answer["location"])
    assert b'name="next" value="/studies/1.2.840.1/viewer?partition=a%20b' in (
        form.content
    )
    got = sign_in(browser, path=answer["location"], next=DEEP)
    assert got["location"] == DEEP
    assert browser.get(DEEP).status_code == 200


@pytest.mark.usefixtures("ada", "built")
def test_each_answer_has_a_nonce_of_its_own_and_is_kept_nowhere() -> None:
    browser = Client()
    sign_in(browser)
    nonces = set()
    for path in ("/", DEEP, *(f"/{place}" for place in PLACES)):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        policy = answer["content-security-policy"]
        (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", policy))
        assert answer.content.decode().count(f'nonce="{nonce}"') == 2
        assert NONCE not in answer.content.decode()
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy.replace("'wasm-unsafe-eval'", "")
        assert "frame-ancestors 'none'" in policy
        assert "no-store" in answer["cache-control"]
        assert "csrftoken" in browser.cookies
        nonces.add(nonce)
    assert len(nonces) == 2 + len(PLACES)


@pytest.mark.usefixtures("ada", "built")
def test_no_other_address_is_answered_by_the_shell() -> None:
    browser = Client()
    sign_in(browser)
    for path in ("/no/such", "/studiesx", "/static/app/gone.js", "/STUDIES"):
        assert browser.get(path).status_code == 404, path
    assert browser.post("/studies").status_code == 405


@pytest.mark.peer("node")
def test_what_is_built_is_sent_compressed_and_kept_for_ever(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "data")
    folder = built_frontend()
    stack.settings = {"PORTAL_FRONTEND": str(folder), "PORTAL_WEB_WORKERS": "1"}
    try:
        stack.start()
        with httpx.Client(base_url=stack.base_url) as web:
            assert web.get("/").headers["location"] == "/sign-in/?next=/"
            (entry,) = (folder / "app").glob("index-*.js")
            path = f"/static/app/{entry.name}"
            gzip = web.get(path, headers={"accept-encoding": "gzip"})
            assert gzip.headers["content-encoding"] == "gzip"
            assert "immutable" in gzip.headers["cache-control"]
            assert gzip.content == entry.read_bytes()
            brotli = web.get(path, headers={"accept-encoding": "br, gzip"})
            assert brotli.headers["content-encoding"] == "br"
            assert brotli.content == entry.with_name(f"{entry.name}.br").read_bytes()
            plain = web.get(path, headers={"accept-encoding": "identity"})
            assert plain.content == entry.read_bytes()
            assert plain.headers["content-type"].startswith("text/javascript")
            other = web.get("/static/portal/door.css")
            assert "immutable" not in other.headers["cache-control"]
    finally:
        stack.kill()


def test_the_server_and_the_router_know_the_same_places() -> None:
    router = (FRONTEND / "src/app/router.tsx").read_text(encoding="utf-8")
    first_words = set(re.findall(r"path: '/(\w+)", router))
    assert first_words == set(PLACES)
