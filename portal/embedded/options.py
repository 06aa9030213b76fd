"""What the operator says about the embedded parts, read once from the environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal import env
from portal.embedded.places import Places

ROOT: Final = Path(__file__).resolve().parent.parent.parent
JOB_PROCESSES: Final = 2  # of the embedded Celery worker
CONNECTIONS_BESIDE: Final = 16  # manage.py, psql, superuser's reserve, check-ups


@dataclass(frozen=True, slots=True)
class Options:
    """Where the stack runs and which of its parts are embedded.

    Attributes
    ----------
    database_url, redis_url
        Address of a given server; empty where the embedded one is to run.
    migrates
        Whether each start brings the database to this release, and not only the first.
    """

    places: Places
    host: str
    port: int
    web_workers: int
    database_threads: int
    database_url: str
    redis_url: str
    bootstrap_token: str
    migrates: bool

    @property
    def maximum_connections(self) -> int:
        """Return what PostgreSQL must admit: the one place that counts them.

        A web worker has a pool of `database_threads`, one LISTEN connection and one for
        readiness; each job process two; Celery's own processes one each.
        """
        web = self.web_workers * (self.database_threads + 2)
        return web + 2 * JOB_PROCESSES + 2 + CONNECTIONS_BESIDE

    @property
    def address(self) -> str:
        """Return the address under which this machine reaches the web server."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 not a bind
        host = everywhere.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def read_options() -> Options:
    """Return the options of this process' environment."""
    return Options(
        places=Places(env.folder("PORTAL_DATA", ROOT / "var")),
        host=env.text("PORTAL_HOST", "127.0.0.1"),
        port=env.integer("PORTAL_PORT", 8000, minimum=1),
        web_workers=env.integer("PORTAL_WEB_WORKERS", 2, minimum=1),
        database_threads=env.integer("PORTAL_DATABASE_THREADS", 8, minimum=2),
        database_url=env.text("DATABASE_URL"),
        redis_url=env.text("REDIS_URL"),
        bootstrap_token=env.text("PORTAL_BOOTSTRAP_TOKEN"),
        migrates=env.boolean("PORTAL_MIGRATE", default=True),
    )
