"""Operations: steps, leases, workers that die, cancel, retry, who may see them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from core import operation_worker, operations
from core.access import Actor, Verb, system
from core.errors import Conflict, Forbidden, Invalid, NotFound, Upstream
from core.models import Account, Operation
from core.operation_worker import run_operation
from core.operations import Progress, start_operation
from tests.actors import acting

pytestmark = pytest.mark.django_db
ACTOR = system("test")
MANAGING = frozenset({Verb.READ, Verb.MANAGE})


class Killed(BaseException):
    """The worker dies: nobody catches it."""


class Count:
    """Counts up to `parameters["to"]`, one a step; hooks make a step go wrong."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.hooks: dict[int, Callable[[Operation], None]] = {}

    def __call__(self, operation: Operation) -> Progress:
        number = operation.progress.get("next", 1)
        self.seen.append(number)
        if number in self.hooks:
            self.hooks.pop(number)(operation)
        last = operation.parameters["to"]
        return Progress(
            cursor={"next": number + 1},
            percent=100 * number // last,
            result={"counted": number} if number == last else None,
            errors=[(f"item {number}", "odd")] if number % 2 else [],
        )


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Iterator[Count]:
    step = Count()
    operations.register("count", step)
    yield step
    operations.unregister("count")


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what is sent to workers."""
    messages: list[str] = []
    monkeypatch.setattr(operations, "send", lambda name, key: messages.append(key))
    return messages


def start(to: int = 3, actor: Actor = ACTOR) -> Operation:
    return start_operation(actor=actor, kind="count", parameters={"to": to})


def read(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def expire(operation: Operation) -> None:
    """Let the lease of a dead worker run out."""
    past = timezone.now() - timedelta(seconds=1)
    Operation.objects.filter(pk=operation.pk).update(lease_until=past)


def raises(error: BaseException) -> Callable[[Operation], None]:
    def hook(operation: Operation) -> None:
        raise error

    return hook


def test_an_operation_runs_to_its_end(count: Count, sent: list[str]) -> None:
    operation = start()
    assert (operation.state, sent) == ("notStarted", [str(operation.pk)])
    assert run_operation(operation.pk) is False
    done = read(operation)
    assert (done.state, done.percent, done.result) == (
        "succeeded",
        100,
        {"counted": 3},
    )
    assert (done.number_of_errors, done.lease_until, done.attempt) == (2, None, 1)
    rows = operations.list_errors(actor=ACTOR, operation_id=operation.pk)
    assert [(row.item, row.error) for row in rows] == [
        ("item 1", "odd"),
        ("item 3", "odd"),
    ]
    assert run_operation(operation.pk) is False
    assert count.seen == [1, 2, 3]


def test_a_turn_ends_and_the_next_goes_on(count: Count) -> None:
    operation = start()
    assert run_operation(operation.pk, time_limit_s=0) is True
    between = read(operation)
    assert (between.state, between.percent, between.lease_until) == (
        "running",
        33,
        None,
    )
    run_operation(operation.pk)
    assert count.seen == [1, 2, 3]


def test_a_killed_worker_s_operation_goes_on_once_its_lease_has_run_out(
    count: Count,
) -> None:
    operation = start()
    count.hooks[2] = raises(Killed())
    with pytest.raises(Killed):
        run_operation(operation.pk)
    assert read(operation).state == "running"
    assert operation_worker.open_operations() == []
    assert run_operation(operation.pk) is False  # the lease is held
    assert count.seen == [1, 2]
    expire(operation)
    assert operation_worker.open_operations() == [operation.pk]
    run_operation(operation.pk)
    assert count.seen == [1, 2, 2, 3]
    assert (read(operation).state, read(operation).attempt) == ("succeeded", 2)


def test_a_worker_that_only_seemed_dead_writes_nothing(count: Count) -> None:
    def overtake(operation: Operation) -> None:
        expire(operation)
        run_operation(operation.pk)

    operation = start()
    count.hooks[1] = overtake
    assert run_operation(operation.pk) is False
    assert count.seen == [1, 1, 2, 3]
    done = read(operation)
    assert (done.state, done.attempt, done.number_of_errors) == ("succeeded", 2, 2)


@pytest.mark.django_db(transaction=True)
def test_a_long_step_keeps_its_lease(
    count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation_worker, "LEASE_S", 0.03)
    renewed: list[bool] = []

    def wait(operation: Operation) -> None:
        before = operation.lease_until
        assert before is not None
        for _ in range(500):
            connection.cursor().execute("SELECT pg_sleep(0.01)")
            now = read(operation).lease_until
            if now is not None and now > before:
                renewed.append(True)
                return

    operation = start(to=1)
    count.hooks[1] = wait
    run_operation(operation.pk)
    assert renewed == [True]
    assert read(operation).state == "succeeded"


def test_workers_that_die_without_progress_end_it(count: Count) -> None:
    operation = start()
    for _ in range(operation_worker.MAXIMUM_ATTEMPTS):
        count.hooks[1] = raises(Killed())
        with pytest.raises(Killed):
            run_operation(operation.pk)
        expire(operation)
    run_operation(operation.pk)
    assert read(operation).state == "failed"
    assert read(operation).error == "Its workers died again and again."


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Invalid("No such folder."), "No such folder."),
        (Upstream("Gone for good.", retryable=False), "Gone for good."),
    ],
)
def test_an_error_ends_it_with_its_message(
    count: Count, error: Exception, message: str
) -> None:
    operation = start()
    count.hooks[2] = raises(error)
    run_operation(operation.pk)
    failed = read(operation)
    assert (failed.state, failed.error, failed.percent) == ("failed", message, 33)
    assert failed.lease_until is None


def test_a_bug_ends_it_without_telling_what(count: Count) -> None:
    operation = start()
    count.hooks[1] = raises(KeyError("Doe^Jane"))
    run_operation(operation.pk)
    assert read(operation).state == "failed"
    assert "reference" in read(operation).error
    assert "Doe" not in read(operation).error


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error", [OperationalError("away"), Upstream("down", retryable=True)]
)
def test_what_may_pass_is_tried_again_after_a_lease(
    count: Count, error: Exception
) -> None:
    operation = start()
    count.hooks[2] = raises(error)
    assert run_operation(operation.pk) is False
    assert read(operation).state == "running"
    expire(operation)
    run_operation(operation.pk)
    assert (read(operation).state, count.seen) == ("succeeded", [1, 2, 2, 3])


def test_cancel_ends_at_once_what_nobody_works_on(count: Count) -> None:
    operation = start()
    canceled = operations.cancel_operation(actor=ACTOR, operation_id=operation.pk)
    assert (canceled.state, read(operation).state) == ("canceled", "canceled")
    assert run_operation(operation.pk) is False
    assert count.seen == []
    with pytest.raises(Conflict, match="ended already: canceled"):
        operations.cancel_operation(actor=ACTOR, operation_id=operation.pk)


def test_cancel_ends_a_running_one_after_its_step(count: Count) -> None:
    def cancel(operation: Operation) -> None:
        running = operations.cancel_operation(actor=ACTOR, operation_id=operation.pk)
        assert (running.state, running.cancel_requested) == ("running", True)

    operation = start()
    count.hooks[2] = cancel
    run_operation(operation.pk)
    ended = read(operation)
    assert (ended.state, ended.percent, count.seen) == ("canceled", 66, [1, 2])


def test_retry_goes_on_where_it_ended(count: Count, sent: list[str]) -> None:
    operation = start()
    count.hooks[2] = raises(Invalid("Full."))
    run_operation(operation.pk)
    again = operations.retry_operation(actor=ACTOR, operation_id=operation.pk)
    assert (again.state, again.error) == ("notStarted", "")
    assert sent == [str(operation.pk)] * 2
    run_operation(operation.pk)
    assert (read(operation).state, count.seen) == ("succeeded", [1, 2, 2, 3])
    with pytest.raises(Conflict, match="it is succeeded"):
        operations.retry_operation(actor=ACTOR, operation_id=operation.pk)


def test_who_may_see_an_operation(count: Count) -> None:
    ada, bob = (
        acting(Account.objects.create_user(name).pk, name, MANAGING, frozenset({1}))
        for name in ("ada", "bob")
    )
    manager = acting(ada.account_id, "manager", MANAGING)
    of_one = acting(99, "of one", MANAGING, frozenset({1}))
    operation, own = start(actor=ada), start()
    assert list(operations.list_operations(actor=ada)) == [operation]
    assert list(operations.list_operations(actor=manager)) == [own, operation]
    assert list(operations.list_operations(actor=of_one)) == []
    assert operations.get_operation(actor=ada, operation_id=operation.pk) == operation
    for actor, key in ((bob, operation.pk), (ada, own.pk), (ACTOR, uuid4())):
        with pytest.raises(NotFound):
            operations.get_operation(actor=actor, operation_id=key)
        with pytest.raises(NotFound):
            operations.cancel_operation(actor=actor, operation_id=key)
        with pytest.raises(NotFound):
            operations.retry_operation(actor=actor, operation_id=key)
    # Who started it, and may not manage data any more.
    former = acting(ada.account_id, "ada", frozenset({Verb.READ}))
    assert list(operations.list_operations(actor=former)) == [operation]
    for change in (operations.cancel_operation, operations.retry_operation):
        with pytest.raises(Forbidden):
            change(actor=former, operation_id=operation.pk)


def test_who_may_see_no_data_sees_no_operations_not_even_own(count: Count) -> None:
    ada = Account.objects.create_user("ada")
    writer = acting(ada.pk, "ada", {Verb.STORE})
    operation = start(actor=writer)
    with pytest.raises(Forbidden):
        operations.list_operations(actor=writer)
    with pytest.raises(Forbidden):
        operations.page_of_operations(actor=writer, limit=1)
    for key in (operation.pk, uuid4()):
        with pytest.raises(Forbidden):
            operations.get_operation(actor=writer, operation_id=key)


def test_kinds_are_unique_and_known(count: Count) -> None:
    with pytest.raises(ValueError, match="two kinds"):
        operations.register("count", count)
    with pytest.raises(ValueError, match="no kind"):
        start_operation(actor=ACTOR, kind="other", parameters={})
    operation = start()
    operations.unregister("count")
    run_operation(operation.pk)
    assert read(operation).error == "This version of the portal cannot do it."
