"""DICOM PS3.18 11.10 to 11.12, PS3.4 CC.2.3: who is told of what."""

import datetime as dt
import random
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F

from core import changefeed
from core.access import Actor, Verb
from core.audit_events import Outcome
from core.models import Account, AuditRecord, FeedEntry
from tests.actors import acting
from tests.imaging.stores import ADMIN
from tests.synthetic import new_uid
from tests.worklist.steps import (
    READER,
    attribute,
    claim,
    code,
    schedule,
    send,
    step,
)
from worklist.delete import delete_old_workitems
from worklist.events.number import Number
from worklist.events.reading import watching_of
from worklist.events.reports import FILTERED, GLOBAL
from worklist.events.subscribers import Opened, open_channel
from worklist.events.watching import Watching
from worklist.models import Subscriber, Subscription, Workitem

pytestmark = pytest.mark.usefixtures("committing")

OTHER = acting(None, "other", {Verb.READ, Verb.VIEW_PHI})
CT: dict[str, Any] = {"stations": [code("CT1", "Scanner 1")]}
_OF_ALL = ("all", "all", "suspend", "none")
TO_CT = "?ScheduledStationNameCodeSequence.CodeValue=CT1"


def ask(uid: str, rest: str = "", method: str = "POST", **more: Any) -> int:
    """Subscribe, or what `method` and `rest` say; return the status of the answer."""
    ae = more.pop("ae", "WATCHER")
    return send(f"/workitems/{uid}/subscribers/{ae}{rest}", method, **more).status_code


def told(uid: str, ae: str = "WATCHER") -> str:
    """Return the state of the subscriber for a workitem, as table CC.2.3-2 has it."""
    subscriber = Subscriber.objects.get(aetitle=ae).pk
    workitem = Workitem.objects.get(sop_instance_uid=uid).pk
    watching = watching_of([subscriber], [workitem]).get(subscriber, Watching())
    found = watching.of(workitem)
    if found is None:
        return "not"
    return "locked" if found.deletion_lock else "subscribed"


def test_of_one_workitem() -> None:
    uid, other = schedule(), schedule()
    path = f"/workitems/{uid}/subscribers/WATCHER"
    answer = send(path, "POST")
    assert answer.status_code == 201
    assert answer.headers["content-location"] == "ws://h/ws/subscribers/WATCHER"
    assert (told(uid), told(other)) == ("subscribed", "not")
    assert ask(uid, "?deletionlock=true") == 201
    assert told(uid) == "locked"
    assert ask(uid, "?deletionlock=false") == 201
    assert told(uid) == "subscribed"
    assert ask(uid, method="DELETE") == 200
    assert told(uid) == "not"
    assert ask(uid, method="DELETE") == 404
    assert Subscription.objects.count() == 1  # as it may be told of otherwise again
    entries = FeedEntry.objects.filter(kind="workitem_subscription")
    assert list(entries.values_list("op", "key").order_by("seq")) == [
        *[("create", ["WATCHER", uid])] * 3,
        ("delete", ["WATCHER", uid]),
    ]
    assert AuditRecord.objects.filter(action="configure", outcome=0).count() == 4


@pytest.mark.parametrize("dialect", ["", "v1", "v2"])
def test_in_each_dialect_and_partition(dialect: str) -> None:
    uid = new_uid()
    send(f"/partitions/ward-1/workitems?{uid}", "POST", json=step(), actor=ADMIN)
    path = f"/partitions/ward-1/workitems/{uid}/subscribers/CT 1"
    answer = send(path, "POST", actor=ADMIN, dialect=dialect)
    assert answer.status_code == 201
    address = "ws://h/ws/partitions/ward-1/subscribers/CT%201"
    assert answer.headers["content-location"] == address
    assert told(uid, "CT 1") == "subscribed"
    assert send(path, "DELETE", actor=ADMIN, dialect=dialect).status_code == 200
    all_of_them = f"/partitions/ward-1/workitems/{GLOBAL}/subscribers/X"
    for rest, status in (("", 201), ("/suspend", 200), ("/suspend", 404)):
        done = send(f"{all_of_them}{rest}", "POST", actor=ADMIN, dialect=dialect)
        assert done.status_code == status


def test_of_all() -> None:
    before = schedule()
    assert ask(GLOBAL) == 201
    during = schedule()
    assert ask(GLOBAL, "/suspend") == 200
    after = schedule()
    assert [told(each) for each in (before, during, after)] == [
        *["subscribed"] * 2,
        "not",
    ]
    # Of what it is told of already nothing changes.
    assert ask(GLOBAL, "?deletionlock=true") == 201
    assert [told(each) for each in (before, during, after, schedule())] == [
        *["subscribed"] * 2,
        *["locked"] * 2,
    ]
    assert ask(GLOBAL, method="DELETE") == 200
    assert [told(each) for each in (before, during, after)] == ["not"] * 3
    assert Subscription.objects.count() == 0
    assert ask(GLOBAL, method="DELETE") == ask(GLOBAL, "/suspend") == 404


def test_what_was_said_of_one_goes_before_what_was_said_of_all() -> None:
    uid, other = schedule(), schedule()
    ask(uid, "?deletionlock=true")
    ask(GLOBAL)
    assert (told(uid), told(other)) == ("locked", "subscribed")
    ask(uid, method="DELETE")
    assert (told(uid), told(other)) == ("not", "subscribed")
    ask(GLOBAL, "?deletionlock=true")  # all that it is not told of
    assert (told(uid), told(other)) == ("locked", "subscribed")
    ask(uid)
    ask(GLOBAL, method="DELETE")
    assert (told(uid), told(other)) == ("not", "not")


def test_of_what_matches() -> None:
    uid, other = schedule(**CT), schedule()
    assert ask(FILTERED, TO_CT) == 201
    later, others = schedule(**CT), schedule()
    assert [told(each) for each in (uid, other, later, others)] == [
        *("subscribed", "not", "subscribed", "not")
    ]
    # It matches from now on.
    change = {"00404025": attribute("SQ", code("CT1", "Scanner 1"))}
    send(f"/workitems/{other}", "POST", json=change)
    assert told(other) == "subscribed"
    # And what does not any more stays.
    send(f"/workitems/{uid}", "POST", json={"00404025": attribute("SQ")})
    assert told(uid) == "subscribed"
    assert ask(FILTERED, "/suspend") == 200
    assert (told(later), told(schedule(**CT))) == ("subscribed", "not")
    ask(others)
    assert ask(FILTERED, method="DELETE") == 200
    assert (told(later), told(others)) == ("not", "subscribed")


def test_a_state_is_matched_as_it_was_when_it_was_written() -> None:
    assert ask(FILTERED, "?filter=ProcedureStepState=SCHEDULED,PatientID=P9") == 201
    uid, other = schedule(patient_id="P9"), schedule()
    claim(uid)
    assert (told(uid), told(other)) == ("subscribed", "not")


def test_of_one_that_matches_nothing_is_told_where_it_was_said() -> None:
    ask(FILTERED, TO_CT)
    uid = schedule(**CT)
    ask(uid, method="DELETE")
    send(f"/workitems/{uid}", "POST", json={"00741204": attribute("LO", "Read")})
    assert told(uid) == "not"
    ask(FILTERED, TO_CT)
    assert told(uid) == "subscribed"


@pytest.mark.parametrize(
    ("uid", "rest", "status"),
    [
        ("1.2.3", "", 404),
        (FILTERED, "", 400),
        (FILTERED, "?NoSuch=1", 400),
        (FILTERED, "?PatientID=1&limit=3", 400),
        (FILTERED, "?TransactionUID=1.2.3", 400),
        (FILTERED, "?filter=PatientID", 400),
        (GLOBAL, "?deletionlock=perhaps", 400),
        ("1.2.3", "/suspend", 400),
        ("x", "", 400),
    ],
)
def test_what_cannot_be_is_refused(uid: str, rest: str, status: int) -> None:
    assert ask(uid, rest) == status
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("ae", ["A" * 17, "%20", "A%5CB", "A%00", "Ä"])
def test_an_ae_title_is_one(ae: str) -> None:
    assert ask(GLOBAL, ae=ae) == 400


def test_who_uses_an_ae_title_first_has_it() -> None:
    uid = schedule()
    assert ask(uid, "?deletionlock=true") == 201
    assert ask(uid, actor=OTHER) == 403
    assert ask(uid, method="DELETE", actor=OTHER) == 403
    assert told(uid) == "locked"
    assert ask(uid, actor=OTHER, ae="OTHER") == 201
    assert ask(uid, method="DELETE", actor=ADMIN) == 200  # who manages data
    assert told(uid) == "not"


def test_who_only_reads_locks_nothing() -> None:
    path = f"/workitems/{schedule()}/subscribers/OTHER?deletionlock=true"
    answer = send(path, "POST", actor=OTHER)
    assert answer.status_code == 201
    assert "B301: Deletion Lock not granted." in answer.headers["warning"]
    assert not Subscription.objects.filter(deletion_lock=True).exists()
    blind = acting(None, "blind", {Verb.READ, Verb.PERFORM})
    assert ask(GLOBAL, actor=blind, ae="BLIND") == 403


@pytest.mark.parametrize(
    ("uid", "rest"),
    [
        ("", "?deletionlock=true"),
        (GLOBAL, "?deletionlock=true"),
        (FILTERED, "?PatientID=P1&deletionlock=true"),
    ],
)
def test_what_is_locked_stays(uid: str, rest: str, settings: Any) -> None:
    """By whichever door: retention goes on with what is not locked."""
    locked = schedule()
    assert ask(uid or locked, rest) == 201
    if uid:  # what came later is locked as well
        assert told(schedule()) == "locked"
        ask(GLOBAL, "/suspend")
        ask(FILTERED, "/suspend")
    free = schedule()
    for each in (locked, free):
        send(f"/workitems/{each}/cancelrequest", "POST")
    answer = send(f"/workitems/{locked}", "DELETE", actor=ADMIN)
    assert (answer.status_code, answer.text[:4]) == (409, "C314")
    Workitem.objects.exclude(ended_at=None).update(
        ended_at=F("ended_at") - dt.timedelta(days=31)
    )
    settings.WORKITEM_DAYS = 30
    settings.DELETION_LOCK_DAYS = 0  # for ever
    assert delete_old_workitems(time_limit_s=60) == 1
    assert not Workitem.objects.filter(sop_instance_uid=free).exists()
    ask(locked, method="DELETE")
    assert delete_old_workitems(time_limit_s=60) == 1
    assert not Subscription.objects.exclude(workitem=None).filter(is_on=False).exists()


@pytest.mark.parametrize("rest", ["", "?PatientID=P1"])
def test_a_lock_ends_where_its_subscriber_stays_away(rest: str, settings: Any) -> None:
    """31 days after the end of the workitem, and since the channel was open."""
    settings.WORKITEM_DAYS = 1
    gone, kept = schedule(), schedule()
    uid = FILTERED if rest else gone
    ask(uid, f"{rest}&deletionlock=true" if rest else "?deletionlock=true")
    send(f"/workitems/{gone}/cancelrequest", "POST")
    ended = Workitem.objects.filter(sop_instance_uid=gone)
    seen = Subscriber.objects.filter(aetitle="WATCHER")
    now = dt.datetime.now(dt.UTC)
    for ended_days, seen_days in ((29, None), (31, 29)):
        ended.update(ended_at=now - dt.timedelta(days=ended_days))
        if seen_days is not None:
            seen.update(seen_at=now - dt.timedelta(days=seen_days))
        assert delete_old_workitems(time_limit_s=60) == 0
        assert send(f"/workitems/{gone}", "DELETE", actor=ADMIN).status_code == 409
    seen.update(seen_at=now - dt.timedelta(days=31))
    assert delete_old_workitems(time_limit_s=60) == 1
    assert not ended.exists()
    assert Workitem.objects.filter(sop_instance_uid=kept).exists()
    event = AuditRecord.objects.get(action="delete", outcome=Outcome.SUCCESS)
    assert event.detail == (
        f"workitem {gone}: deleted in spite of the deletion locks of WATCHER"
    )
    assert opened().lost == 1
    assert opened(after=changefeed.head()).lost == 0


def test_who_comes_back_at_that_moment_keeps_its_lock(settings: Any) -> None:
    settings.WORKITEM_DAYS = 1
    uid = schedule()
    ask(uid, "?deletionlock=true")
    send(f"/workitems/{uid}/cancelrequest", "POST")
    ended = Workitem.objects.filter(sop_instance_uid=uid)
    ended.update(ended_at=F("ended_at") - dt.timedelta(days=31))
    other = connection.copy()
    other.set_autocommit(False)
    with closing(other):
        other.cursor().execute("SELECT FROM worklist_subscriber FOR NO KEY UPDATE")
        assert delete_old_workitems(time_limit_s=60) == 0
        answer = send(f"/workitems/{uid}", "DELETE", actor=ADMIN)
        assert (answer.status_code, answer.text[:4]) == (409, "C314")
    assert Subscriber.objects.get().lost == 0
    assert send(f"/workitems/{uid}", "DELETE", actor=ADMIN).status_code == 204
    assert opened().lost == 1


def opened(after: int | None = None) -> Opened:
    """Open the channel of the watcher."""
    with transaction.atomic():
        return open_channel(
            actor=READER,
            partition_id=Subscriber.objects.get().partition_id,
            aetitle="WATCHER",
            holder=uuid4(),
            started_at=dt.datetime.now(dt.UTC),
            cursor=None if after is None else Number(after),
        )


@pytest.fixture
def performer() -> Actor:
    """Return somebody with an account."""
    account = Account.objects.create(username="performer")
    return replace(READER, account_id=account.pk, name=account.username)


def test_a_wish_to_cancel_is_heard_by_who_performs_it(performer: Actor) -> None:
    other = Account.objects.create(username="somebody else")
    uid = schedule()
    claim(uid, actor=performer)
    wish = f"/workitems/{uid}/cancelrequest"
    ask(uid, actor=performer)
    assert send(wish, "POST").status_code == 409  # its channel was never open
    seen = Subscriber.objects.filter(aetitle="WATCHER")
    seen.update(seen_at=dt.datetime.now(dt.UTC))
    assert send(wish, "POST").status_code == 202
    seen.update(seen_at=dt.datetime.now(dt.UTC) - dt.timedelta(days=31))
    assert send(wish, "POST").status_code == 409
    seen.update(seen_at=dt.datetime.now(dt.UTC), account=other)
    assert send(wish, "POST").status_code == 409
    seen.update(account=performer.account_id)
    ask(uid, method="DELETE", actor=performer)
    assert send(wish, "POST").status_code == 409
    ask(GLOBAL, actor=performer)
    assert send(wish, "POST").status_code == 202


def test_an_account_that_gets_another_name_hears_and_keeps_its_ae(
    performer: Actor,
) -> None:
    ask(GLOBAL, actor=performer)
    Subscriber.objects.update(seen_at=dt.datetime.now(dt.UTC))
    Account.objects.filter(username=performer.name).update(username="new name")
    renamed = replace(performer, name="new name")
    uid = schedule()
    claim(uid, actor=renamed)
    assert send(f"/workitems/{uid}/cancelrequest", "POST").status_code == 202
    assert ask(uid, actor=renamed) == 201
    # Whoever is called so now is another.
    account = Account.objects.create(username=performer.name)
    another = replace(performer, account_id=account.pk)
    assert ask(uid, actor=another) == 403
    theirs = schedule()
    claim(theirs, actor=another)
    assert send(f"/workitems/{theirs}/cancelrequest", "POST").status_code == 409


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_instructions_leads_to_the_states_of_the_table(seed: int) -> None:
    """PS3.4 table CC.2.3-2, kept workitem by workitem."""
    dice = random.Random(seed)
    states: dict[str, str] = {}
    new = "not"
    ask(GLOBAL)
    ask(GLOBAL, method="DELETE")
    for _ in range(25):
        choice = dice.choice(["create", "create", "one", "one not", *_OF_ALL])
        lock = dice.choice(["subscribed", "locked"])
        rest = f"?deletionlock={str(lock == 'locked').lower()}"
        uid = dice.choice([*states, ""])
        if choice == "create":
            states[schedule()] = new
        elif choice == "one" and uid:
            ask(uid, rest)
            states[uid] = lock
        elif choice == "one not" and uid:
            ask(uid, method="DELETE")
            states[uid] = "not"
        elif choice == "all":
            ask(GLOBAL, rest)
            new = lock
            states = {u: lock if s == "not" else s for u, s in states.items()}
        elif choice == "suspend":
            ask(GLOBAL, "/suspend")
            new = "not"
        elif choice == "none":
            ask(GLOBAL, method="DELETE")
            new, states = "not", dict.fromkeys(states, "not")
        assert {each: told(each) for each in states} == states, choice
