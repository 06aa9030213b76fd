"""GraphiQL at /graphql: for people in browsers, from files of this server only."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest
from django.contrib.staticfiles import finders

from portal.pages.graphiql import POLICY
from tests.graphql.graph import send
from tests.imaging.stores import ADMIN

pytestmark = pytest.mark.usefixtures("committing")

BROWSER: Final = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SIGNED_IN: Final = replace(ADMIN, via="session")
FOLDER: Final = Path(str(finders.find("graphiql/README.md"))).parent


def page(method: str = "GET") -> httpx.Response:
    return send(method, actor=SIGNED_IN, headers=BROWSER)


def test_who_is_signed_in_gets_a_page_that_loads_nothing_from_elsewhere() -> None:
    got = page()
    assert got.status_code == 200
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert got.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert got.headers["cache-control"] == "private, no-cache"
    assert "Accept" in got.headers["vary"]
    addresses = re.findall(r'(?:src|href)="([^"]*)"', got.text)
    assert len(addresses) == 6
    for address in addresses:
        assert finders.find(address.removeprefix("/static/")), address
    assert not re.search(r"<script>|<style|style=|\son\w+=", got.text)
    assert page("HEAD").content == b""


@pytest.mark.parametrize(
    ("actor", "headers", "params"),
    [
        (ADMIN, BROWSER, {}),  # with a token
        (SIGNED_IN, {"accept": "application/json"}, {}),
        (SIGNED_IN, {}, {}),
        (SIGNED_IN, BROWSER, {"query": ""}),
    ],
)
def test_programs_are_answered_as_ever(
    actor: object, headers: dict[str, str], params: dict[str, str]
) -> None:
    assert send("GET", actor=actor, headers=headers, params=params).status_code == 400  # type: ignore[arg-type] # an actor


def test_a_query_in_the_address_is_answered() -> None:
    params = {"query": "{ me { name } }"}
    got = send("GET", actor=SIGNED_IN, headers=BROWSER, params=params)
    assert got.json() == {"data": {"me": {"name": ADMIN.name}}}
    posted = send(actor=SIGNED_IN, headers=BROWSER, json=params)
    assert posted.json() == got.json()


def test_the_files_are_those_that_were_published() -> None:
    told = re.findall(
        r"^\| `(\S+)` \|.*\| `([0-9a-f]{64})` \|$",
        (FOLDER / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert {name for name, _ in told} == {path.name for path in FOLDER.iterdir()} - {
        "README.md",
        "page.css",
        "page.js",
    }
    for name, digest in told:
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest
