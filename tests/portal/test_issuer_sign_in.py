"""Signing in at an issuer: what the browser is sent with, and what it brings back.

`tests/browser/test_issuer.py` does it with a real issuer, in Chromium.
"""

import base64
import hashlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django.fixtures import Settings

from core.accounts.oidc import code_flow, keys, verify
from core.audit import Action, Outcome
from core.models import Account, AuditRecord
from portal.pages import issuer_sign_in
from tests.oidc.crafted import Crafted, crafted_issuer
from tests.oidc.issuer import new_key

pytestmark = pytest.mark.django_db
COOKIE: Final = settings.SESSION_COOKIE_NAME
ID: Final = "the portal"
SECRET: Final = "of a:b"
STUDIES: Final = "/dicomweb/studies"


@pytest.fixture(scope="module")
def one_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crafted]:
    with crafted_issuer(tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


@pytest.fixture
def issuer(
    one_issuer: Crafted, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Crafted:
    """Have people sign in at an issuer that nothing is known of yet."""
    settings.OIDC_ISSUERS = [one_issuer.url]
    settings.OIDC_CLIENT_IDS = {one_issuer.url: ID}
    settings.OIDC_CLIENT_SECRETS = {one_issuer.url: SECRET}
    settings.OIDC_ROLES = {"readers": "Service Reader"}
    monkeypatch.setattr(verify, "_keys", {})
    monkeypatch.setattr(keys, "RETRY_S", 0.0)
    monkeypatch.setattr(code_flow, "_abouts", {})
    one_issuer.about, one_issuer.asked, one_issuer.id_token = {}, [], ""
    return one_issuer


@pytest.fixture
def browser() -> Client:
    return Client()


def address(issuer: Crafted) -> str:
    return f"/sign-in/oidc/127.0.0.1-{issuer.port}/"


def begin(browser: Client, issuer: Crafted, next_page: str = "/") -> dict[str, str]:
    """Go to the issuer, and return what it is asked."""
    answer = browser.get(address(issuer), {"next": next_page})
    assert answer.status_code == 302, answer.content
    assert answer["location"].startswith(f"{issuer.url}/auth?tenant=1&")
    return dict(parse_qsl(urlsplit(answer["location"]).query))


def come_back(browser: Client, issuer: Crafted, **brought: str) -> Any:
    return browser.get(f"{address(issuer)}callback/", brought)


def sign_in(browser: Client, issuer: Crafted, **changed: Any) -> Any:
    """Return the answer to somebody whose ID token is good but for what is changed."""
    asked = begin(browser, issuer)
    usual = {"aud": ID, "nonce": asked["nonce"], "groups": ["readers"]}
    issuer.id_token = issuer.sign(issuer.claims(**(usual | changed)))
    return come_back(browser, issuer, code="c", state=asked["state"])


def is_in(browser: Client) -> bool:
    return b"You are signed in as" in browser.get("/sign-in/").content


def outcomes() -> list[tuple[str, int]]:
    rows = AuditRecord.objects.filter(action=Action.SIGN_IN).order_by("pk")
    return list(rows.values_list("actor", "outcome"))


def test_the_page_offers_each_issuer_that_knows_the_portal(
    issuer: Crafted, browser: Client, settings: Settings
) -> None:
    page = browser.get("/sign-in/?next=/a%26b/").content.decode()
    assert f'href="{address(issuer)}?next=%2Fa%26b%2F"' in page
    assert "Sign in with 127.0.0.1" in page
    settings.OIDC_CLIENT_IDS = {}
    assert "Sign in with" not in browser.get("/sign-in/").content.decode()
    for path in ("", "callback/"):
        assert browser.get(f"{address(issuer)}{path}").status_code == 404


def test_the_browser_is_sent_with_state_nonce_and_challenge(
    issuer: Crafted, browser: Client
) -> None:
    one, two = begin(browser, issuer), begin(browser, issuer)
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) >= 43
        assert one[name] != two[name]
    assert {name: two[name] for name in two if name not in one or name == "scope"} == {
        "scope": "openid profile"
    }
    assert (one["response_type"], one["client_id"]) == ("code", ID)
    assert one["redirect_uri"] == f"http://testserver{address(issuer)}callback/"
    cookie = browser.cookies[issuer_sign_in.COOKIE]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["max-age"]) == ("Lax", 600)
    assert COOKIE not in browser.cookies


def test_who_comes_back_is_in_with_the_roles_of_the_groups(
    issuer: Crafted, browser: Client
) -> None:
    asked = begin(browser, issuer, next_page="/account/password/")
    claims = issuer.claims(aud=ID, nonce=asked["nonce"], groups=["readers"])
    issuer.id_token = issuer.sign(claims)
    answer = come_back(browser, issuer, code="c0de", state=asked["state"])
    assert (answer.status_code, answer["location"]) == (302, "/account/password/")
    assert is_in(browser)
    account = Account.objects.get(issuer=issuer.url, subject="ada")
    assert [each.name for each in account.groups.all()] == ["Service Reader"]
    assert outcomes() == [("ada@127.0.0.1", Outcome.SUCCESS)]
    ((form, authorization),) = issuer.asked
    assert (form["code"], form["grant_type"]) == ("c0de", "authorization_code")
    assert form["redirect_uri"] == asked["redirect_uri"]
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode() == asked["code_challenge"] + "="
    pair = base64.b64encode(b"the+portal:of+a%3Ab").decode()
    assert authorization == f"Basic {pair}"
    assert "client_secret" not in form


def test_clients_show_who_they_are_as_the_issuer_wants(
    issuer: Crafted, browser: Client, settings: Settings
) -> None:
    issuer.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert sign_in(browser, issuer).status_code == 302
    settings.OIDC_CLIENT_SECRETS = {}
    assert sign_in(browser, issuer).status_code == 302
    (posted, first), (public, second) = issuer.asked
    assert (first, second) == (None, None)
    assert (posted["client_secret"], "client_secret" in public) == (SECRET, False)
    assert public["client_id"] == ID


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"nonce": "of another one"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"nonce": 7}, "another sign-in"),
        ({"aud": "another client"}, "another audience"),
        ({"aud": [ID, "another client"]}, "another audience"),
        ({"aud": [ID, "another client"], "azp": "another client"}, "another audience"),
        ({"azp": "another client"}, "another audience"),
        ({"exp": 1}, "expired"),
        ({"iss": "https://evil.example"}, "issuer is not trusted"),
        ({"sub": None}, "not valid"),
    ],
)
def test_a_token_of_something_else_lets_nobody_in(
    issuer: Crafted, browser: Client, changed: Mapping[str, Any], why: str
) -> None:
    answer = sign_in(browser, issuer, **changed)
    assert answer.status_code == 401
    assert why in answer.content.decode()
    assert not is_in(browser)
    assert outcomes() == [("", Outcome.MINOR_FAILURE)]
    assert not Account.objects.exists()


def test_a_token_of_another_trusted_issuer_lets_nobody_in(
    issuer: Crafted,
    browser: Client,
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with crafted_issuer(tmp_path_factory.mktemp("other")) as other:
        settings.OIDC_ISSUERS = [issuer.url, other.url]
        asked = begin(browser, issuer)
        issuer.id_token = other.sign(other.claims(aud=ID, nonce=asked["nonce"]))
        answer = come_back(browser, issuer, code="c", state=asked["state"])
    assert answer.status_code == 401
    assert not is_in(browser)


def test_a_forged_token_lets_nobody_in(issuer: Crafted, browser: Client) -> None:
    asked = begin(browser, issuer)
    claims = issuer.claims(aud=ID, nonce=asked["nonce"])
    good, issuer.key = issuer.key, new_key("RS256")
    issuer.id_token = issuer.sign(claims)
    issuer.key = good
    answer = come_back(browser, issuer, code="c", state=asked["state"])
    assert answer.status_code == 401
    assert not is_in(browser)


def test_only_the_browser_that_began_ends_a_sign_in(
    issuer: Crafted, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = begin(browser, issuer)
    issuer.id_token = issuer.sign(issuer.claims(aud=ID, nonce=asked["nonce"]))
    attackers = Client()
    brought = {"code": "c", "state": asked["state"]}
    assert come_back(attackers, issuer, **brought).status_code == 401
    begin(attackers, issuer)
    assert come_back(attackers, issuer, **brought).status_code == 401
    for state in ("", asked["state"][:-1], "ä"):
        begin(browser, issuer)
        assert come_back(browser, issuer, code="c", state=state).status_code == 401
    asked = begin(browser, issuer)
    browser.cookies[issuer_sign_in.COOKIE] = "forged:by:hand"
    assert come_back(browser, issuer, **brought).status_code == 401
    asked = begin(browser, issuer)
    monkeypatch.setattr(issuer_sign_in, "COOKIE_S", -1)  # it took too long
    late = come_back(browser, issuer, code="c", state=asked["state"])
    assert late.status_code == 401
    assert "too long ago" in late.content.decode()
    assert issuer.asked == []
    assert not is_in(browser)


def test_a_sign_in_ends_once(issuer: Crafted, browser: Client) -> None:
    asked = begin(browser, issuer)
    issuer.id_token = issuer.sign(issuer.claims(aud=ID, nonce=asked["nonce"]))
    brought = {"code": "c", "state": asked["state"]}
    assert come_back(browser, issuer, **brought).status_code == 302
    assert come_back(browser, issuer, **brought).status_code == 401


def test_what_the_issuer_says_is_told_and_never_repeated_as_it_stands(
    issuer: Crafted, browser: Client
) -> None:
    for said, told in (("access_denied", "access_denied"), ("<script>", "no.")):
        asked = begin(browser, issuer)
        answer = come_back(browser, issuer, error=said, state=asked["state"])
        assert answer.status_code == 401
        page = answer.content.decode()
        assert f"The issuer says: {told}" in page
        assert "<script" not in page
    asked = begin(browser, issuer)
    answer = come_back(browser, issuer, code="used", state=asked["state"])
    assert "The issuer says: invalid_grant" in answer.content.decode()
    asked = begin(browser, issuer)
    mixed = {"state": asked["state"], "iss": "https://evil.example"}
    answer = come_back(browser, issuer, code="c", **mixed)
    assert "Another issuer has answered" in answer.content.decode()
    assert [outcome for _, outcome in outcomes()] == [Outcome.MINOR_FAILURE] * 4


def test_a_session_that_somebody_planted_is_not_taken(
    issuer: Crafted, browser: Client
) -> None:
    sign_in(browser, issuer)
    planted = browser.cookies[COOKIE].value
    victim = Client()
    victim.cookies[COOKIE] = planted
    assert sign_in(victim, issuer, sub="victim").status_code == 302
    assert victim.cookies[COOKIE].value != planted
    assert not is_in(browser)


def test_nobody_is_sent_to_another_site(issuer: Crafted, browser: Client) -> None:
    for asked_for in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        asked = begin(browser, issuer, next_page=asked_for)
        issuer.id_token = issuer.sign(issuer.claims(aud=ID, nonce=asked["nonce"]))
        answer = come_back(browser, issuer, code="c", state=asked["state"])
        assert answer["location"] == "/"


def test_a_namesake_of_ours_is_somebody_else(issuer: Crafted, browser: Client) -> None:
    ours = Account.objects.create_superuser("ada", password="of our ada")
    sign_in(browser, issuer)
    held = Account.objects.get(issuer=issuer.url)
    assert held.pk != ours.pk
    assert not held.is_superuser


def test_who_is_disabled_or_left_the_group_is_told(
    issuer: Crafted, browser: Client
) -> None:
    sign_in(browser, issuer)
    account = Account.objects.get()
    assert list(account.groups.all()) == [Group.objects.get(name="Service Reader")]
    assert sign_in(browser, issuer, groups=[]).status_code == 302
    assert not account.groups.exists()
    Account.objects.update(is_active=False)
    answer = sign_in(browser, issuer)
    assert answer.status_code == 401
    assert "the account is disabled" in answer.content.decode()
    assert not is_in(browser)


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "https://evil.example/auth"},
        {"authorization_endpoint": None},
    ],
)
def test_an_issuer_that_sends_people_elsewhere_is_not_followed(
    issuer: Crafted,
    browser: Client,
    about: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    issuer.about = about
    with caplog.at_level(logging.WARNING):
        answer = browser.get(address(issuer))
    assert (answer.status_code, int(answer["retry-after"]) > 0) == (503, True)
    assert "cannot be asked at the moment" in answer.content.decode()
    assert "an issuer cannot be asked" in caplog.text


def test_a_secret_is_sent_to_the_issuers_own_host_only(
    issuer: Crafted, browser: Client
) -> None:
    issuer.about = {"token_endpoint": "https://evil.example/token"}
    assert sign_in(browser, issuer).status_code == 503
    assert not is_in(browser)


def test_who_signs_out_may_sign_out_at_the_issuer_as_well(
    issuer: Crafted, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser, issuer)
    answer = browser.post("/sign-out/")
    assert answer["location"] == "/sign-in/"  # the issuer has no such page
    monkeypatch.setattr(code_flow, "_abouts", {})
    issuer.about = {"end_session_endpoint": f"{issuer.url}/end"}
    sign_in(browser, issuer)
    page = browser.post("/sign-out/").content.decode()
    assert f'href="{issuer.url}/end?client_id=the+portal"' in page
    assert not is_in(browser)


def test_the_issuer_is_asked_about_itself_once(
    issuer: Crafted, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(browser, issuer)
    issuer.about = {"authorization_endpoint": None}
    begin(browser, issuer)
    monkeypatch.setattr(code_flow, "ABOUT_KEPT_S", 0.0)
    assert browser.get(address(issuer)).status_code == 503
