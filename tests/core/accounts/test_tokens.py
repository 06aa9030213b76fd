"""Tokens that allow less than their account, are rotated, and managed by oneself."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.access import WITH_STORE, Actor, Verb, limited, system
from core.accounts.actors import actor_of_account
from core.accounts.tokens import (
    MAXIMUM_OWN,
    PREFIX,
    Limits,
    actor_of_token,
    create_own_token,
    create_token,
    digest_of,
    list_own_tokens,
    revoke_own_token,
    rotate_token,
)
from core.accounts.tokens.uses import token_uses
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from core.models import Account, AuditRecord, Partition, Token
from core.reach import NOWHERE, Reach
from tests.actors import acting

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def ward() -> int:
    return Partition.objects.create(name="ward").pk


@pytest.fixture
def reader() -> Actor:
    create_token(account_name="ada", role="Service Reader")
    return actor_of_account(Account.objects.get(username="ada"))


def newest() -> Token:
    return Token.objects.latest("pk")


def manage(*arguments: str) -> str:
    out = StringIO()
    call_command("token", *arguments, stdout=out)
    return out.getvalue()


def test_a_token_allows_only_its_verbs_and_partitions(ward: int) -> None:
    token = create_token(
        account_name="robot",
        role="Data Manager",
        verbs=[Verb.READ, Verb.MANAGE_ACCOUNTS],
        partitions=["ward"],
    )
    actor = actor_of_token(token)
    assert actor.reaches == {Verb.READ: Reach(frozenset({ward}))}
    assert actor.is_limited


def test_an_actor_ends_with_its_token_or_its_first_grant() -> None:
    early, late = timezone.now(), timezone.now() + HOUR
    actor = acting(1, "ada")
    assert limited(actor) is actor
    assert limited(actor, until=late).until == late
    assert limited(limited(actor, until=early), until=late).until == early


def test_what_a_limit_does_not_meet_is_nowhere() -> None:
    actor = acting(1, "ada", {Verb.READ}, frozenset({1, 2}))
    assert limited(actor, partitions=[2, 3]).reach(Verb.READ) == Reach(frozenset({2}))
    assert limited(actor, partitions=[3]).reach(Verb.READ) == NOWHERE
    assert not limited(actor, verbs=[]).reaches


def test_a_token_can_be_known_by_its_beginning_and_is_not_kept() -> None:
    token = create_token(account_name="robot", role="Service Reader")
    assert token.startswith(PREFIX)
    assert bytes(newest().digest) == digest_of(token)
    with pytest.raises(Unauthenticated):
        actor_of_token(token[:-1])
    with pytest.raises(Unauthenticated):
        actor_of_token(digest_of(token).hex())


def test_a_rotated_token_works_on_for_its_grace_only(ward: int) -> None:
    token = create_token(
        account_name="robot",
        role="Service Reader",
        expires_at=timezone.now() + 10 * HOUR,
        verbs=[Verb.READ],
        partitions=["ward"],
    )
    old = newest()
    made = rotate_token(token_id=old.pk, grace=HOUR)
    assert actor_of_token(made.text).reaches == actor_of_token(token).reaches
    assert made.token.expires_at is not None
    assert made.token.expires_at > timezone.now() + 9 * HOUR
    old.refresh_from_db()
    assert old.expires_at is not None
    assert old.expires_at <= timezone.now() + HOUR
    rotate_token(token_id=made.token.pk, grace=timedelta(0))
    with pytest.raises(Unauthenticated):
        actor_of_token(made.text)
    with pytest.raises(NotFound):
        rotate_token(token_id=made.token.pk)


def test_rotation_never_lengthens_the_life_of_the_old_token() -> None:
    create_token(
        account_name="r", role="Service Reader", expires_at=timezone.now() + HOUR
    )
    old = newest()
    rotate_token(token_id=old.pk, grace=48 * HOUR)
    old.refresh_from_db()
    assert old.expires_at is not None
    assert old.expires_at <= timezone.now() + HOUR


def test_people_manage_their_own_tokens_and_no_others(reader: Actor) -> None:
    create_token(account_name="eve", role="Service Reader")
    of_eve = newest()
    made = create_own_token(
        actor=reader, name="notebook", limits=Limits(verbs=[Verb.READ])
    )
    assert set(actor_of_token(made.text).reaches) == {Verb.READ}
    own = list_own_tokens(actor=reader)
    assert made.token in own
    assert of_eve not in own
    with pytest.raises(NotFound):
        revoke_own_token(actor=reader, token_id=of_eve.pk)
    revoke_own_token(actor=reader, token_id=made.token.pk)
    with pytest.raises(Unauthenticated):
        actor_of_token(made.text)
    details = list(AuditRecord.objects.order_by("id").values_list("detail", flat=True))
    assert details[-2:] == [
        f"token {made.token.pk} made for ada",
        f"token {made.token.pk} of ada revoked",
    ]


def test_a_limited_token_makes_and_revokes_none(reader: Actor) -> None:
    for limits in (
        Limits(verbs=[Verb.READ]),
        Limits(expires_at=timezone.now() + HOUR),
    ):
        made = create_own_token(actor=reader, name="small", limits=limits)
        with pytest.raises(Forbidden):
            create_own_token(actor=actor_of_token(made.text), name="large")
        with pytest.raises(Forbidden):
            revoke_own_token(actor=actor_of_token(made.text), token_id=made.token.pk)
    with pytest.raises(Forbidden):
        create_own_token(actor=system("test"), name="nobody's")


def test_limits_that_make_no_sense_are_refused(reader: Actor, ward: int) -> None:
    bound = limited(reader, partitions=[ward + 1])
    for actor, limits in (
        (reader, Limits(partitions=["no-such"])),
        (acting(bound.account_id, "ada", {Verb.READ}, frozenset()),
         Limits(partitions=["ward"])),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            create_own_token(actor=actor, name="x", limits=limits)
    with pytest.raises(Invalid):
        create_own_token(
            actor=reader, name="x", limits=Limits(expires_at=timezone.now())
        )
    with pytest.raises(Invalid):
        create_own_token(actor=reader, name="")
    assert list_own_tokens(actor=reader).count() == 1


def test_nobody_makes_tokens_without_end(reader: Actor) -> None:
    ada = Account.objects.get(username=reader.name)
    Token.objects.bulk_create(
        Token(account=ada, name="x", digest=digest_of(str(number)))
        for number in range(MAXIMUM_OWN)
    )
    with pytest.raises(Conflict):
        create_own_token(actor=reader, name="one more")


def test_the_command_line_prints_a_limited_token_and_what_it_is_limited_to(
    ward: int,
) -> None:
    text = manage(
        "create", "robot", "--role", "Data Manager", "--name", "router",
        "--scope", "store_data", "--scope", "read_data", "--partition", "ward",
        "--expires", "9",
    )  # fmt: skip
    assert len(text.splitlines()) == 1
    reaches = actor_of_token(text.strip()).reaches
    assert set(reaches) == {Verb.STORE, *WITH_STORE, Verb.READ}
    (line,) = manage("list", "robot").splitlines()
    assert line.split("\t")[2:] == [
        "router",
        f"expires {timezone.now() + timedelta(9):%Y-%m-%d}",
        "used never",
        "only read_data store_data",
        "only in ward",
    ]
    for bad in (["--scope", "fly"], ["--partition", "no-such"], ["--expires", "0"]):
        with pytest.raises(CommandError):
            manage("create", "robot", "--role", "Data Manager", *bad)


def test_the_command_line_rotates_a_token() -> None:
    old = manage("create", "robot", "--role", "Service Reader").strip()
    number = manage("list").split("\t")[0]
    new = manage("rotate", number, "--grace", "0").strip()
    assert actor_of_token(new).name == "robot"
    with pytest.raises(Unauthenticated):
        actor_of_token(old)


def test_uses_are_written_later_and_once(committing: None) -> None:
    token = create_token(account_name="robot", role="Service Reader")
    actor_of_token(token)  # nobody collects yet
    token_uses.start_writing()
    before = timezone.now()
    for _ in range(3):
        actor_of_token(token)
    assert newest().last_used_at is None
    token_uses.stop_writing()
    used_at = newest().last_used_at
    assert used_at is not None
    assert before <= used_at <= timezone.now()
