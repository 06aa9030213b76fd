"""The viewer's page: for whom, at which addresses, under which policy."""

from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client

from core.models import Account
from portal.pages.viewer_policy import POLICY, WORKER_POLICY, add_headers
from tests.portal.test_sign_in import PASSWORD, sign_in

DEEP: Final = "/viewer/viewer?StudyInstanceUIDs=1.2.3,1.2.4&hangingProtocolId=mpr"
PAGE: Final = "<!doctype html><title>Viewer</title>"


@pytest.fixture
def ada(db: None) -> Account:
    return Account.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "app-config.js").write_text("window.config = {};", encoding="utf-8")
    settings.VIEWER_FOLDER = tmp_path


@pytest.fixture
def browser(ada: Account) -> Client:
    client = Client()
    sign_in(client)
    return client


@pytest.mark.usefixtures("ada", "built")
def test_who_is_not_signed_in_signs_in_and_comes_back() -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.get(DEEP)
    assert answer.status_code == 302
    assert sign_in(browser, path=answer["location"], next=DEEP)["location"] == DEEP
    assert browser.get(DEEP).content.decode() == PAGE


@pytest.mark.usefixtures("built")
def test_the_page_runs_files_of_this_server_only(browser: Client) -> None:
    answer = browser.get(DEEP)
    assert answer["content-security-policy"] == POLICY
    assert answer["x-frame-options"] == "SAMEORIGIN"  # the portal shows it in a frame
    assert "no-store" in answer["cache-control"]
    (scripts,) = (each for each in POLICY.split("; ") if each.startswith("script-src"))
    assert scripts == "script-src 'self' 'wasm-unsafe-eval'"
    assert "frame-ancestors 'self'" in POLICY
    assert "*" not in POLICY
    assert "http" not in POLICY


@pytest.mark.usefixtures("built")
def test_only_addresses_of_pages_are_answered_by_the_page(browser: Client) -> None:
    for path in ("viewer", "segmentation", "viewer/1.2.840.10008", "notfoundstudy"):
        assert browser.get(f"/viewer/{path}").status_code == 200, path
    for path in ("gone.js", "1.2.840.gone.wasm", "viewer/x.css", "viewer/1.2.3.html"):
        assert browser.get(f"/viewer/{path}").status_code == 404, path
    assert browser.get("/viewer").status_code == 301
    assert browser.get("/viewer/")["location"] == "/"  # where studies are chosen
    assert browser.post(DEEP).status_code == 405


@pytest.mark.usefixtures("ada", "built")
def test_how_it_is_configured_is_asked_anew_each_time() -> None:
    answer = Client().get("/viewer/app-config.js")
    assert answer["content-type"] == "text/javascript"
    assert "no-cache" in answer["cache-control"]
    assert b"window.config" in answer.content


def test_without_a_viewer_its_address_says_what_to_do(
    browser: Client, tmp_path: Path, settings: Any
) -> None:
    settings.VIEWER_FOLDER = tmp_path
    for path in (DEEP, "/viewer/", "/viewer/app-config.js"):
        answer = browser.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 404, path
        assert b"make viewer" in answer.content
    assert browser.head("/viewer/").status_code == 404  # the portal's pages ask so


def test_workers_of_the_viewer_have_a_policy_and_no_other_files() -> None:
    headers: dict[str, str] = {}
    add_headers(headers, "", "/static/portal/door.css")
    assert headers == {}
    add_headers(headers, "", "/viewer/compute.bundle.0fc3a3ee85296cf2.js")
    assert headers == {"Content-Security-Policy": WORKER_POLICY}
    assert WORKER_POLICY.replace(" 'unsafe-eval'", "") == POLICY
