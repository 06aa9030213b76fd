"""Tokens of an issuer at the door of a whole running portal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from core.authentication import KEPT_S
from tests.oidc.issuer import AUDIENCE, Issuer, running_issuer
from tests.stack import Stack

pytestmark = pytest.mark.peer("node")
STUDIES = "/dicomweb/studies"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with running_issuer(tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def trusting(
    issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Yield a portal that takes the issuer's tokens."""
    settings = {
        "PORTAL_WEB_WORKERS": "1",
        "PORTAL_OIDC_ISSUER": issuer.url,
        "PORTAL_OIDC_AUDIENCE": AUDIENCE,
        "PORTAL_OIDC_ROLES": "readers=Service Reader, writers=Service Writer",
    }
    running = Stack(tmp_path_factory.mktemp("stack"), settings=settings)
    try:
        running.start()
        yield running
    finally:
        running.kill()


@contextmanager
def bearing(stack: Stack, token: str) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=stack.base_url, headers=headers) as web:
        yield web


def test_groups_of_the_issuer_decide_what_a_person_may(
    trusting: Stack, issuer: Issuer
) -> None:
    for groups, status in (("readers", {200, 204}), ("writers", {403}), ("", {403})):
        with bearing(trusting, issuer.token("ada", groups)) as web:
            assert web.get(STUDIES).status_code in status
    assert "ada@127.0.0.1\tin use\t-\t" + issuer.url in trusting.manage(
        "account", "list"
    )


def test_forged_tokens_are_refused_as_the_standard_says(
    trusting: Stack, issuer: Issuer
) -> None:
    good = issuer.token("ada", "readers")
    forged = [
        good[:-8] + "AAAAAAAA",
        issuer.token("ada", "readers", audience="https://other.example/"),
        issuer.sign(issuer.claims(exp=1)),
        issuer.sign(issuer.claims(), kid="no such"),
    ]
    for token in forged:
        with bearing(trusting, token) as web:
            answer = web.get(STUDIES)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    with bearing(trusting, "eyJ" + "x" * 20_000 + ".eyJ.x") as web:
        assert web.get(STUDIES).status_code == 401


def test_our_own_tokens_go_on_beside_it(trusting: Stack) -> None:
    with bearing(trusting, trusting.token) as web:
        assert web.get(STUDIES).status_code in {200, 204}


def test_tokens_go_on_while_their_issuer_is_away(
    trusting: Stack, issuer: Issuer
) -> None:
    good = issuer.token("bob", "readers")
    with bearing(trusting, good) as web:
        assert web.get(STUDIES).status_code in {200, 204}
    issuer.stop()
    try:
        time.sleep(1.1 * KEPT_S)  # until the portal looks it up anew
        with bearing(trusting, good) as web:
            assert web.get(STUDIES).status_code in {200, 204}
    finally:
        issuer.start()
