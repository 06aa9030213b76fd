"""Tasks on Celery, in the one form in which they are used here.

A task is a message that wakes a worker. What there is to do stands in the database,
so a message may be lost, come twice or come late without harm: tasks are idempotent,
take keys and never objects, and what a lost one leaves the beat finds (`SCHEDULE`).
Apps import `durable_task` from `core.tasks`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, ParamSpec

from celery import current_app, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core.database import AWAY

logger = logging.getLogger(__name__)

P = ParamSpec("P")

QUEUE: Final = "celery"  # the queue of a worker that was told of no other
TURN_S: Final = 5.0  # of one task; then others may have the worker
MAXIMUM_RETRIES: Final = 10
MAXIMUM_PAUSE_S: Final = 60

# What the beat sends, how often. A message that waits until the next one is dropped.
SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    name: {"task": name, "schedule": every_s, "options": {"expires": every_s}}
    for name, every_s in (
        ("core.tasks.wake_followers", 2.0),
        ("core.tasks.wake_operations", 10.0),
        ("core.tasks.seal_audit_log", 300.0),
        ("core.tasks.remove_expired_results", 600.0),
        ("core.tasks.forget_ended", 900.0),
        ("core.tasks.remove_old_audit_records", 3600.0),
    )
}


@dataclass(frozen=True, slots=True)
class DurableTask(Generic[P]):
    """A function that workers run; calling it runs it here."""

    name: str
    queue: str
    function: Callable[P, None]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Run it in this process."""
        self.function(*args, **kwargs)

    def send(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Have a worker run it once the current transaction, if any, has committed."""
        send(self.name, *args, queue=self.queue, **kwargs)


def durable_task(
    *, queue: str = QUEUE, retry_on: tuple[type[Exception], ...] = AWAY
) -> Callable[[Callable[P, None]], DurableTask[P]]:
    """Make a task of a function that may run twice.

    The message is acknowledged after the run, so that a killed worker's comes again.

    Parameters
    ----------
    retry_on
        What passes by itself: the task is run again, after longer and longer pauses.
    """

    def decorate(function: Callable[P, None]) -> DurableTask[P]:
        name = f"{function.__module__}.{function.__name__}"
        shared_task(
            name=name,
            acks_late=True,
            ignore_result=True,
            autoretry_for=retry_on,
            retry_backoff=True,
            retry_backoff_max=MAXIMUM_PAUSE_S,
            max_retries=MAXIMUM_RETRIES,
        )(function)
        return DurableTask(name, queue, function)

    return decorate


def send(name: str, *args: Any, queue: str = QUEUE, **kwargs: Any) -> None:
    """Send the task of this name on commit; for those who may not import it."""
    transaction.on_commit(partial(_publish, name, queue, args, kwargs))


def _publish(
    name: str, queue: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Send a message; a broker that is away loses it, and the beat makes up for it."""
    try:
        current_app.send_task(
            name, args=args, kwargs=kwargs, queue=queue, retry=False, ignore_result=True
        )
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("task %s was not sent: %s", name, type(error).__name__)
