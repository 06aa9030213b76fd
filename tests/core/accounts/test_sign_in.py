"""Passwords: who gets in, who is locked out, and what nobody learns from it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from core import audit
from core.access import system
from core.accounts import changes, sign_in
from core.accounts.sign_in import LIMITS, WINDOW, check_sign_in, forget_old_failures
from core.accounts.tokens import actor_of_token, create_token
from core.audit import Action, Origin, Outcome
from core.errors import (
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PortalError,
    TooMany,
    Unauthenticated,
)
from core.models import Account, AuditRecord, SignInFailures
from tests.actors import acting

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
OF_ACCOUNT = LIMITS[SignInFailures.Kind.ACCOUNT]
OF_ADDRESS = LIMITS[SignInFailures.Kind.ADDRESS]
ADMINISTRATOR = system("test")


@pytest.fixture
def ada() -> Account:
    return Account.objects.create_user("ada", password=PASSWORD)


@pytest.fixture(autouse=True)
def _origin() -> Iterator[None]:
    token = audit.ORIGIN.set(Origin("192.0.2.7", "r1"))
    yield
    audit.ORIGIN.reset(token)


def try_in(name: str, password: str = PASSWORD, source: str = "192.0.2.7") -> str:
    """Return how an attempt ends: the account's name, or the refusal."""
    audit.ORIGIN.set(Origin(source, "r1"))
    try:
        return check_sign_in(name=name, password=password).username
    except PortalError as error:
        return f"{type(error).__name__}: {error.message}"


def fail(name: str, times: int, source: str = "192.0.2.7") -> None:
    for _ in range(times):
        assert try_in(name, "wrong", source).startswith("Unauthenticated")


def let_time_pass(by: timedelta) -> None:
    for row in SignInFailures.objects.all():
        row.since -= by
        row.save()


def lines() -> list[tuple[str, int, str, str]]:
    rows = AuditRecord.objects.filter(action=Action.SIGN_IN).order_by("pk")
    return list(rows.values_list("actor", "outcome", "detail", "source"))


def test_a_name_and_its_password_let_in(ada: Account) -> None:
    assert check_sign_in(name="ada", password=PASSWORD) == ada
    assert lines() == [("ada", Outcome.SUCCESS, "", "192.0.2.7")]


def test_all_refusals_say_the_same_and_cost_the_same(
    ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    Account.objects.create_user("disabled", password=PASSWORD, is_active=False)
    Account.objects.create_user("program")
    of_issuer = Account.objects.create_user("of-issuer", password=PASSWORD)
    Account.objects.filter(pk=of_issuer.pk).update(issuer="https://i", subject="1")
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    said = set()
    for name, password in [
        ("ada", "wrong"),
        ("nobody", PASSWORD),
        ("disabled", PASSWORD),
        ("program", PASSWORD),
        ("of-issuer", PASSWORD),
        ("a\0da", PASSWORD),
        ("ada", PASSWORD + "x" * 5000),
    ]:
        hashed.clear()
        said.add(try_in(name, password))
        assert len(hashed) == 1
    assert said == {"Unauthenticated: There is no account with this name and password."}
    assert {outcome for _, outcome, _, _ in lines()} == {Outcome.MINOR_FAILURE}


def test_what_was_typed_as_a_name_is_not_kept() -> None:
    fail("my-password-by-mistake", 1)
    assert lines() == [("", Outcome.MINOR_FAILURE, "", "192.0.2.7")]
    assert set(SignInFailures.objects.values_list("label", flat=True)) == {
        "",
        "192.0.2.7",
    }


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_too_many_wrong_passwords_lock_a_name_out(ada: Account, name: str) -> None:
    fail(name, OF_ACCOUNT)
    locked = "TooMany: There were too many attempts to sign in."
    for password in ("wrong", PASSWORD):
        assert try_in(name, password, "192.0.2.99").startswith(locked)
    told = [line for line in lines() if line[1] == Outcome.SERIOUS_FAILURE]
    actor = name if name == "ada" else ""
    detail = f"the account locked out after {OF_ACCOUNT} attempts"
    assert told == [(actor, Outcome.SERIOUS_FAILURE, detail, "192.0.2.99")]
    let_time_pass(WINDOW + timedelta(seconds=1))
    assert try_in(name).startswith("ada" if name == "ada" else "Unauthenticated")


def test_attempts_while_locked_do_not_prolong_it(ada: Account) -> None:
    fail("ada", OF_ACCOUNT)
    let_time_pass(WINDOW - timedelta(minutes=1))
    with pytest.raises(TooMany) as refused:
        check_sign_in(name="ada", password=PASSWORD)
    assert 0 < refused.value.retry_after_s <= 60


def test_letters_of_both_cases_and_widths_count_as_one_name(ada: Account) -> None:
    for name in ("ada", "Ada", "ADA", "\uff41da"):
        fail(name, 1)
    (row,) = SignInFailures.objects.filter(kind="account")
    assert row.number == 4


def test_a_right_password_begins_anew(ada: Account) -> None:
    for _ in range(3):
        fail("ada", OF_ACCOUNT - 1)
        assert try_in("ada") == "ada"
    assert not SignInFailures.objects.filter(kind="account").exists()
    address = SignInFailures.objects.get(kind="address")
    assert address.number == 3 * (OF_ACCOUNT - 1)


def test_an_address_is_locked_out_whatever_names_it_tries(ada: Account) -> None:
    for number in range(OF_ADDRESS):
        fail(f"name {number}", 1)
    assert try_in("ada").startswith("TooMany")
    assert not SignInFailures.objects.filter(label="ada").exists()
    assert try_in("ada", source="192.0.2.8") == "ada"
    detail = f"192.0.2.7 locked out after {OF_ADDRESS} attempts"
    assert [line[2] for line in lines() if line[2]] == [detail]


def test_who_has_a_whole_network_has_one_address(ada: Account) -> None:
    fail("x", 1, "2001:db8::1")
    fail("x", 1, "2001:db8::2:3")
    fail("x", 1, "2001:db8:0:1::1")
    fail("x", 1, "")  # a socket without one
    labels = SignInFailures.objects.filter(kind="address").values_list(
        "label", "number"
    )
    assert set(labels) == {("2001:db8::/64", 2), ("2001:db8:0:1::/64", 1)}


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_further_than_many_in_turn(ada: Account) -> None:
    def attempt(_number: int) -> str:
        try:
            return try_in("ada", "wrong").partition(":")[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        ends = list(threads.map(attempt, range(3 * OF_ACCOUNT)))
    assert ends.count("Unauthenticated") == OF_ACCOUNT
    assert ends.count("TooMany") == 2 * OF_ACCOUNT


def test_few_wait_at_once(ada: Account) -> None:
    taken = 0
    while sign_in._places.acquire(blocking=False):
        taken += 1
    try:
        with pytest.raises(Busy):
            check_sign_in(name="ada", password=PASSWORD)
    finally:
        sign_in._places.release(taken)
    assert taken == sign_in.WAITING
    assert check_sign_in(name="ada", password=PASSWORD) == ada


def test_what_counts_no_more_is_forgotten() -> None:
    fail("x", 1)
    forget_old_failures()
    assert SignInFailures.objects.count() == 2
    let_time_pass(WINDOW)
    forget_old_failures()
    assert not SignInFailures.objects.exists()


def test_an_administrator_lets_in_again(ada: Account) -> None:
    fail("ada", OF_ACCOUNT)
    with pytest.raises(Forbidden):
        changes.unlock(actor=acting(2, "eve", ()), label="ada")
    changes.unlock(actor=ADMINISTRATOR, label="ada")
    assert try_in("ada") == "ada"
    last = AuditRecord.objects.filter(action=Action.CONFIGURE).latest("pk")
    assert (last.actor, last.detail) == ("system:test", "ada unlocked")
    for label in ("ada", ""):
        with pytest.raises(NotFound):
            changes.unlock(actor=ADMINISTRATOR, label=label)


def test_a_disabled_account_ends_everywhere(ada: Account) -> None:
    token = create_token(account_name="ada", role="Service Reader")
    changes.set_active(actor=ADMINISTRATOR, name="ada", is_active=False)
    with pytest.raises(Unauthenticated):
        actor_of_token(token)
    assert try_in("ada").startswith("Unauthenticated")
    changes.set_active(actor=ADMINISTRATOR, name="ada", is_active=True)
    assert try_in("ada") == "ada"
    assert actor_of_token(token).name == "ada"


def test_accounts_that_make_no_sense_are_refused(ada: Account) -> None:
    for name, password, error in (
        ("ada", None, Conflict),
        ("a b", None, Invalid),
        ("", None, Invalid),
        ("eve", "short", Invalid),
        ("eve", "long enough " * 100, Invalid),
        ("eve", "password123", Invalid),
        ("eve-of-the-ward", "eve-of-the-ward", Invalid),
    ):
        with pytest.raises(error):
            changes.create_account(actor=ADMINISTRATOR, name=name, password=password)
    with pytest.raises(Invalid):
        changes.create_account(actor=ADMINISTRATOR, name="eve", roles=["King"])
    with pytest.raises(Forbidden):
        changes.create_account(actor=acting(2, "eve", ()), name="eve")
    assert Account.objects.count() == 1


def test_the_password_of_an_issuers_account_is_not_ours(ada: Account) -> None:
    Account.objects.update(issuer="https://i.example", subject="1")
    with pytest.raises(Conflict):
        changes.set_password(actor=ADMINISTRATOR, name="ada")


def manage(*arguments: str) -> str:
    out = StringIO()
    call_command("account", *arguments, stdout=out)
    return out.getvalue().strip()


def test_accounts_are_managed_on_the_command_line() -> None:
    first = manage("create", "eve", "--role", "Radiologist", "--staff")
    assert try_in("eve", first) == "eve"
    assert Account.objects.get(username="eve").is_staff
    second = manage("password", "eve")
    assert try_in("eve", first).startswith("Unauthenticated")
    assert try_in("eve", second) == "eve"
    manage("disable", "eve")
    assert manage("list").split("\t") == ["eve", "disabled", "Radiologist", "ours"]
    manage("enable", "eve")
    fail("eve", OF_ACCOUNT)
    manage("unlock", "eve")
    manage("unlock", "192.0.2.7")
    assert try_in("eve", second) == "eve"
    for wrong in (["disable", "nobody"], ["unlock", "eve"], ["create", "eve"]):
        with pytest.raises(CommandError):
            manage(*wrong)


def test_a_lock_out_counts_from_the_first_attempt() -> None:
    fail("x", 1)
    since = SignInFailures.objects.get(kind="account").since
    fail("x", 1)
    row = SignInFailures.objects.get(kind="account")
    assert (row.number, row.since) == (2, since)
    assert row.since <= timezone.now()
