"""Our own programs as parts: Celery's worker and beat, and the web server."""

import signal
import sys
from pathlib import Path
from typing import Final

from portal.embedded.options import ROOT, Options
from portal.embedded.part import Part
from portal.embedded.process import MARK, Command
from portal.embedded.readiness import Readiness

PYTHON: Final = sys.executable


def environment(options: Options) -> dict[str, str]:
    """Return what each of our programs finds in its environment."""
    places = options.places
    return {
        MARK: str(places.data),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_DATA": str(places.data),
        # Read by the command `bootstrap` alone: nobody else needs the secret.
        "PORTAL_BOOTSTRAP_TOKEN": "",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics_folder(options)),
        "PYTHONUNBUFFERED": "1",
    }


def metrics_folder(options: Options) -> Path:
    """Return where the processes of the web server and the worker add up figures."""
    return options.places.data / "metrics"


def manage(options: Options, *words: str) -> Command:
    """Return a command of ``manage.py``."""
    return Command(
        (PYTHON, str(ROOT / "manage.py"), *words),
        log=options.places.logs / "manage.log",
        environment=environment(options),
    )


def worker(options: Options, readiness: Readiness) -> Part:
    """Return Celery's worker."""
    # Checks are of the release and not of this process: `migrate` makes them.
    command = Command(
        (PYTHON, "-m", "portal.embedded.worker"),
        options.places.logs / "worker.log",
        {**environment(options), "CELERY_SKIP_CHECKS": "1"},
    )
    return Part(
        "worker", command, is_ready=lambda: readiness.of("worker"), patience_s=20.0
    )


def beat(options: Options, readiness: Readiness) -> Part:
    """Return Celery's clock."""
    command = Command(
        (PYTHON, "-m", "portal.embedded.beat"),
        options.places.logs / "beat.log",
        environment(options),
        last_signal=signal.SIGTERM,
    )
    return Part("beat", command, is_ready=lambda: readiness.of("beat"))


def web(options: Options, readiness: Readiness) -> Part:
    """Return the web server."""
    # glibc gives threads heaps of their own and keeps what is free in each: with two
    # a crowd of slow clients costs a worker 10 MB less.
    command = Command(
        (PYTHON, "-m", "portal.embedded.web"),
        options.places.logs / "web.log",
        {**environment(options), "MALLOC_ARENA_MAX": "2"},
    )
    return Part("web", command, is_ready=readiness.answers, patience_s=35.0)
