"""The Celery application: the broker only wakes workers, the truth is PostgreSQL."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.beat import PersistentScheduler
from django.conf import settings
from redis import Redis

from cohorts import schedule as cohorts_schedule
from core import durable
from fhirlink import schedule as fhirlink_schedule
from imaging import schedule
from portal import heartbeat
from worklist import schedule as worklist_schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def broker_url() -> str:
    """Return Redis' address in Celery's spelling of a Unix socket."""
    url: str = settings.REDIS_URL
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("db=", "virtual_host=")


class WorkerHeartbeat(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Tells from inside the worker's own loop that it still turns."""

    requires = {"celery.worker.components:Timer"}

    def start(self, parent: Any) -> None:
        """Begin with the worker."""
        client = Redis.from_url(settings.REDIS_URL, socket_timeout=1)
        parent.timer.call_repeatedly(
            heartbeat.INTERVAL_S, heartbeat.send, (client, "worker")
        )


class Scheduler(PersistentScheduler):  # type: ignore[misc] # Celery has no types
    """Celery's scheduler that tells it is alive."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._client = Redis.from_url(settings.REDIS_URL, socket_timeout=1)
        super().__init__(*args, **options)

    def tick(self, *args: Any, **options: Any) -> float:
        """Send what is due; return the seconds until the next look."""
        heartbeat.send(self._client, "beat")
        return min(float(super().tick(*args, **options)), heartbeat.INTERVAL_S)


def make_app(**more: Any) -> Celery:
    """Return an application with the portal's configuration and no task yet."""
    made = Celery("portal", **more)
    made.conf.update(
        broker_url=broker_url(),
        broker_connection_retry_on_startup=True,
        # Who sends does not wait for a broker that is away: a lost one harms nobody.
        broker_transport_options={
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0,
            "interval_max": 0,
        },
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        beat_scheduler="portal.celery:Scheduler",
        beat_schedule={
            **durable.SCHEDULE,
            **schedule.SCHEDULE,
            **fhirlink_schedule.SCHEDULE,
            **cohorts_schedule.SCHEDULE,
            **worklist_schedule.SCHEDULE,
        },
    )
    return made


app = make_app()
app.steps["worker"].add(WorkerHeartbeat)
app.autodiscover_tasks()
