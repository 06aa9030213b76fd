"""PostgreSQL and Redis for one run of the tests, shared by all its processes.

The first process that loads the settings starts them and names them in its environment;
the processes of pytest-xdist inherit that. The kernel ends the servers with the process
that started them.
"""

import atexit
import os
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from portal.embedded import postgres, redis
from portal.embedded.options import read_options
from portal.embedded.part import Runner
from portal.embedded.places import Places
from portal.embedded.process import Command, spawn
from portal.embedded.state import Condition
from portal.embedded.user import server_user

# The tests' data need not survive a power cut.
FAST: Final = "fsync = off\nfull_page_writes = off\nmax_connections = 200\n"
PATIENCE_S: Final = 60


def start_servers() -> None:
    """Start both servers, unless the environment names some already."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    folder.chmod(0o711)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    places = Places(folder)
    os.environ["PORTAL_DATA"] = str(folder)
    _start(places)
    os.environ["DATABASE_URL"] = places.database_url
    os.environ["REDIS_URL"] = places.redis_url


def _start(places: Places) -> None:
    options = replace(read_options(), places=places)
    places.logs.mkdir()
    user = server_user(places.postgres, postgres.programs(), redis.program())
    user.own(places.sockets)
    user.own(places.redis)
    postgres.initialise(places, user, _run)
    (places.postgres / "local.conf").write_text(FAST, encoding="ascii")
    postgres.configure(options, user)
    for part in (postgres.postgres(options, user), redis.redis(options, user)):
        runner = Runner(part)
        runner.start()
        atexit.register(runner.kill)
        _wait(runner)
    postgres.create_database(places)
    _let_triggers_be_off(places)


def _let_triggers_be_off(places: Places) -> None:
    """Give the role of the tests what `tests.emptying` needs, as a superuser has it."""
    superuser = places.database_url.replace("//portal@", f"//{postgres.SUPERUSER}@")
    with psycopg.connect(superuser) as connection:
        grant = "GRANT SET ON PARAMETER session_replication_role TO {}"
        role = sql.Identifier(postgres.NAME)
        connection.execute(sql.SQL(grant).format(role))


def _run(command: Command) -> None:
    if spawn(command).wait() != 0:
        raise AssertionError(command.log.read_text(encoding="utf-8"))


def _wait(runner: Runner) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while runner.condition is not Condition.READY:
        assert time.monotonic() < deadline, runner.part.command.log.read_text("utf-8")
        time.sleep(0.02)
        runner.tick()
