"""The supervisor with its real parts: start, readiness, stop, and recovery."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from portal.embedded.options import ROOT
from portal.embedded.orphans import find_orphans
from portal.embedded.state import read
from portal.embedded.user import server_user
from tests.stack import PATIENCE_S, Stack
from tests.synthetic import encode, instance

ALL_READY = {
    "database": "ready",
    "redis": "ready",
    "worker": "ready",
    "beat": "ready",
    "storage": "ready",
}


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a stack for this module to break; each test leaves it ready."""
    stack = Stack(tmp_path_factory.mktemp("fragile"), installs_itself=True)
    try:
        stack.start()
        yield stack
        assert stack.stop(signal.SIGTERM) == 0
    finally:
        stack.kill()


@pytest.fixture
def freeze(fragile: Stack) -> Iterator[None]:
    """Hold the supervisor still, so that a dead part stays dead for a while."""
    assert fragile.process is not None
    fragile.process.send_signal(signal.SIGSTOP)
    yield
    fragile.process.send_signal(signal.SIGCONT)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def system_identifier(stack: Stack) -> int:
    with psycopg.connect(stack.places.database_url) as connection:
        query = "SELECT system_identifier FROM pg_control_system()"
        row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])


def test_every_part_is_ready_when_the_supervisor_says_so(fragile: Stack) -> None:
    assert fragile.readiness() == (200, ALL_READY)


def test_bootstrap_account_exists_on_a_new_folder(fragile: Stack) -> None:
    with psycopg.connect(fragile.places.database_url) as connection:
        found = connection.execute(
            "SELECT username FROM core_account WHERE username = 'bootstrap'"
        )
        assert found.fetchall() == [("bootstrap",)]


def test_every_part_is_known_as_an_orphan_were_its_supervisor_killed(
    fragile: Stack,
) -> None:
    own = {part.pid for part in read(fragile.places)}
    assert len(own) == 5
    assert own <= set(find_orphans(fragile.places))


def test_health_check_answers_in_azures_shape(fragile: Stack) -> None:
    status, body = fragile.get("/health/check")
    assert status == 200
    assert body["overallStatus"] == "Healthy"
    assert [row["name"] for row in body["details"]] == list(ALL_READY)
    assert {row["status"] for row in body["details"]} == {"Healthy"}


@pytest.mark.parametrize("name", ["database", "redis"])
@pytest.mark.usefixtures("freeze")
def test_missing_server_shows_in_readiness(fragile: Stack, name: str) -> None:
    before = fragile.part(name)
    fragile.kill_part(name)
    wait_for(lambda: fragile.readiness() != (200, ALL_READY))
    status, parts = fragile.readiness()
    assert (status, parts[name]) == (503, "down")
    assert fragile.process is not None
    fragile.process.send_signal(signal.SIGCONT)
    fragile.wait_until_ready()
    after = fragile.part(name)
    assert after.restarts == before.restarts + 1
    assert after.pid != before.pid


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_dead_program_shows_in_readiness_and_restarts(
    fragile: Stack, name: str
) -> None:
    before = fragile.part(name)
    fragile.kill_part(name)
    wait_for(lambda: fragile.readiness()[1][name] == "restarting")
    fragile.wait_until_ready()
    assert fragile.part(name).restarts == before.restarts + 1


def test_dead_web_server_restarts(fragile: Stack) -> None:
    before = fragile.part("web")
    fragile.kill_part("web")
    wait_for(lambda: fragile.part("web").pid not in {before.pid, None})
    fragile.wait_until_ready()
    assert fragile.part("web").restarts == before.restarts + 1


@pytest.mark.usefixtures("freeze")
def test_an_import_is_watched_across_an_outage(fragile: Stack, tmp_path: Path) -> None:
    (tmp_path / "one.dcm").write_bytes(encode(instance()))
    fragile.kill_part("worker")
    watcher = subprocess.Popen(
        [sys.executable, "manage.py", "import", str(tmp_path)],
        cwd=ROOT,
        env=fragile.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert watcher.stdout is not None
    assert watcher.stdout.readline().startswith("Import ")
    fragile.kill_part("database")
    shown = iter(watcher.stdout.readline, "")
    assert any("The database is away" in line for line in shown)
    assert fragile.process is not None
    fragile.process.send_signal(signal.SIGCONT)
    rest, _ = watcher.communicate(timeout=2 * PATIENCE_S)
    assert watcher.returncode == 0, rest
    assert "1 stored" in rest
    fragile.wait_until_ready()


def test_locks_of_a_killed_postgres_that_nobody_reaped_do_not_stop_the_start(
    fragile: Stack,
) -> None:
    fragile.kill()
    wait_for(lambda: not list(find_orphans(fragile.places)))
    become = server_user().become
    with subprocess.Popen(["sleep", "60"], preexec_fn=become) as killed:
        killed.kill()
        for lock in (
            fragile.places.postgres / "postmaster.pid",
            fragile.places.postgres_lock,
        ):
            lock.write_text(f"{killed.pid}\n", encoding="ascii")
        fragile.start()
    assert fragile.part("database").restarts == 0


def test_everything_killed_at_once_starts_again(fragile: Stack) -> None:
    assert fragile.process is not None
    fragile.process.send_signal(signal.SIGSTOP)  # so that it restarts nothing
    for pid in find_orphans(fragile.places):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    fragile.kill()
    fragile.start()
    assert fragile.readiness() == (200, ALL_READY)


def test_stops_cleanly_and_starts_again_even_on_a_damaged_redis_file(
    fragile: Stack,
) -> None:
    identifier = system_identifier(fragile)
    assert fragile.stop(signal.SIGINT) == 0
    assert list(find_orphans(fragile.places)) == []
    assert read(fragile.places) == []
    log = (fragile.places.logs / "database.log").read_text(encoding="utf-8")
    assert log.rstrip().endswith("database system is shut down")
    kept = fragile.places.redis / "appendonly.aof"
    with kept.open("ab") as file:
        file.write(b"no command of Redis\r\n*1\r\n")
    fragile.start()
    assert system_identifier(fragile) == identifier
    assert kept.with_suffix(".damaged").exists()


def test_killed_supervisor_starts_again_at_once_and_migrates_unless_told_not_to(
    fragile: Stack, stack: Stack
) -> None:
    log = fragile.places.logs / "manage.log"
    assert "Applying core.0001" in log.read_text(encoding="utf-8")
    fragile.kill()
    fragile.start()  # at once, though nothing was stopped
    assert fragile.readiness() == (200, ALL_READY)
    assert "No migrations to apply" in log.read_text(encoding="utf-8")
    # Installed by another portal, of which it is a copy, and told not to.
    assert not (stack.places.logs / "manage.log").exists()


def test_two_folders_run_side_by_side(fragile: Stack, stack: Stack) -> None:
    assert fragile.readiness() == (200, ALL_READY)
    assert stack.readiness() == (200, ALL_READY)
    assert system_identifier(fragile) != system_identifier(stack)


def test_folder_in_use_is_refused(fragile: Stack) -> None:
    assert fragile.process is not None
    status, message = Stack(fragile.data).refusal()
    assert status == 2
    assert message.startswith(
        f"The data folder {fragile.data} is in use by another portal "
        f"(process {fragile.process.pid})."
    )
    assert fragile.readiness() == (200, ALL_READY)


def test_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, message = Stack(tmp_path, port=port).refusal()
    assert status == 2
    assert message.startswith(f"Cannot listen on 127.0.0.1:{port} ")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORTAL_PORT", "eighty", "a whole number of at least 1"),
        ("PORTAL_WEB_WORKERS", "0", "a whole number of at least 1"),
        ("PORTAL_BLOB_GRACE_S", "-5", "a whole number of at least 0"),
    ],
)
def test_setting_that_cannot_be_read_is_refused(
    tmp_path: Path, name: str, value: str, expected: str
) -> None:
    status, message = Stack(tmp_path, settings={name: value}).refusal()
    assert status == 2
    assert message == f"{name}={value!r} cannot be used: expected {expected}.\n"


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, message = Stack(tmp_path / "file" / "data").refusal()
    assert status == 2
    assert message.endswith("data cannot be used: Not a directory.\n")
