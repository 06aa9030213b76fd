"""What the ground floor's workers do; each wakes what the database says is to do."""

import logging
from typing import Final
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from core import (
    audit_chain,
    audit_retention,
    follower_status,
    followers,
    operation_worker,
    result_files,
)
from core.accounts import sign_in
from core.durable import TURN_S, DurableTask, durable_task, send
from core.errors import PortalError

__all__ = [
    "TURN_S",
    "DurableTask",
    "durable_task",
    "forget_ended",
    "rebuild_follower",
    "remove_expired_results",
    "remove_old_audit_records",
    "replay_follower",
    "run_follower",
    "run_operation",
    "seal_audit_log",
    "send",
    "wake_followers",
    "wake_operations",
]

logger = logging.getLogger(__name__)

RETENTION_S: Final = 60.0  # then the next hour goes on


@durable_task()
def wake_followers() -> None:
    """Have each follower run that is behind the feed."""
    for name in follower_status.behind():
        run_follower.send(name)


@durable_task(retry_on=())  # the beat wakes it again anyway
def run_follower(name: str) -> None:
    """Run one follower up to the head of the feed, or until its turn is over."""
    follower = followers.follower_named(name)
    try:
        has_more = followers.take_turn(follower, time_limit_s=TURN_S)
    except PortalError as error:
        if not followers.is_transient(error):
            raise
        # For hours, perhaps, every two seconds: one line, no traceback.
        logger.warning("follower %s waits: %s", name, error.message)
        return
    if has_more:
        run_follower.send(name)  # the beat comes in seconds only


@durable_task()
def rebuild_follower(name: str) -> None:
    """Have a follower derive everything again."""
    followers.rebuild(followers.follower_named(name))


@durable_task()
def replay_follower(name: str) -> None:
    """Try the dead letters of a follower again."""
    followers.replay(followers.follower_named(name))


@durable_task()
def wake_operations() -> None:
    """Have each operation go on whose worker has died, or that nobody took up."""
    for operation_id in operation_worker.open_operations():
        run_operation.send(str(operation_id))


@durable_task(retry_on=())  # its lease runs out, and the beat wakes it again
def run_operation(operation_id: str) -> None:
    """Do steps of an operation for a while."""
    if operation_worker.run_operation(UUID(operation_id)):
        run_operation.send(operation_id)


@durable_task()
def seal_audit_log() -> None:
    """Seal the chains of the audit log."""
    audit_chain.seal()


@durable_task()
def forget_ended() -> None:
    """Remove sessions that have ended, and wrong passwords that count no more."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    sign_in.forget_old_failures()


@durable_task()
def remove_expired_results() -> None:
    """Remove the files of operations whose time is over."""
    if result_files.remove_expired() >= result_files.BATCH:
        remove_expired_results.send()  # there may be more


@durable_task()
def remove_old_audit_records() -> None:
    """Remove what the audit log has kept long enough."""
    audit_retention.remove_old_records(time_limit_s=RETENTION_S)
