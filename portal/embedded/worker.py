"""``python -m portal.embedded.worker``: Celery's worker."""

import sys

from portal.celery import app
from portal.embedded.options import JOB_PROCESSES
from portal.loading import loading


def work() -> int:
    """Run tasks until INT or TERM; return the exit status."""
    with loading():
        app.loader.init_worker()  # once: the processes that run tasks are forked
    worker = app.Worker(
        concurrency=JOB_PROCESSES,
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return worker.exitcode or 0


if __name__ == "__main__":
    sys.exit(work())
