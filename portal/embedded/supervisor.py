"""Starts the parts of one data folder in order, keeps them running, stops them."""

import shutil
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from portal.embedded import postgres, programs, redis, state
from portal.embedded.errors import PartFailed, PortInUse, Stopped
from portal.embedded.options import Options
from portal.embedded.part import Part, Runner
from portal.embedded.process import Command, has_ended, kill_group, spawn
from portal.embedded.readiness import Readiness
from portal.embedded.state import Condition, PartState
from portal.embedded.user import server_user
from portal.embedded.wakeup import Wakeup

TICK_S: Final = 0.1  # while something changes
REST_S: Final = 1.0  # while everything is ready
MOST_FAILURES: Final = 4  # of a part before it has ever been ready
INSTALLED: Final = "installed"  # a file that the first complete start leaves


class Supervisor:
    """The stack of one data folder; the caller holds the folder's lock."""

    def __init__(self, options: Options, wakeup: Wakeup) -> None:
        self.options = options
        self.wakeup = wakeup
        self._runners: list[Runner] = []
        self._told: list[PartState] = []

    def start(self) -> None:
        """Bring the stack up; return when every part is ready.

        Raises
        ------
        PartFailed
            A part dies again and again.
        Stopped
            INT or TERM came meanwhile.
        """
        require_free_port(self.options)
        self._make_folders()
        self._start_servers()
        self._migrate()
        options = self.options
        readiness = Readiness(options.address)
        self._up(
            programs.worker(options, readiness),
            programs.beat(options, readiness),
            programs.web(options, readiness),
        )

    def watch(self) -> None:
        """Keep the parts running until INT or TERM."""
        while not self.wakeup.stops:
            self._tick()
            resting = all(r.condition is Condition.READY for r in self._runners)
            self.wakeup.wait(REST_S if resting else TICK_S)

    def stop(self) -> None:
        """Stop the parts, the last one first; a second INT or TERM kills them."""
        for runner in reversed(self._runners):
            runner.ask_to_stop()
            self._tell()
            deadline = time.monotonic() + runner.part.patience_s
            while not runner.has_stopped():
                if self.wakeup.stops > 1 or time.monotonic() > deadline:
                    runner.kill()
                self.wakeup.wait(TICK_S)
        state.clear(self.options.places)

    def run(self, command: Command, *, name: str) -> None:
        """Run a command to its end beside the parts.

        Raises
        ------
        PartFailed
            The command failed.
        """
        process = spawn(command)
        while not has_ended(process):
            if self.wakeup.stops:
                kill_group(process)
                process.wait()
                raise Stopped
            self._tick()
            self.wakeup.wait(TICK_S)
        if process.returncode != 0:
            raise PartFailed(name, command.log)

    def _make_folders(self) -> None:
        places = self.options.places
        for folder in (places.logs, places.blobs):
            folder.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(programs.metrics_folder(self.options), ignore_errors=True)
        programs.metrics_folder(self.options).mkdir(mode=0o700)

    def _start_servers(self) -> None:
        options, places = self.options, self.options.places
        user = server_user(places.postgres, postgres.programs(), redis.program())
        servers: list[Part] = []
        if not (options.database_url and options.redis_url):
            user.own(places.sockets)
        if not options.redis_url:
            user.own(places.redis)
            servers.append(redis.redis(options, user))
        if not options.database_url:
            postgres.initialise(places, user, lambda c: self.run(c, name="initdb"))
            postgres.configure(options, user)
            servers.append(postgres.postgres(options, user))
        self._up(*servers)
        if not options.database_url:
            postgres.create_database(places)

    def _migrate(self) -> None:
        installed = self.options.places.data / INSTALLED
        if self.options.migrates or not installed.exists():
            command = programs.manage(self.options, "migrate", "--no-input")
            self.run(command, name="migrate")
        if installed.exists():
            return
        if self.options.bootstrap_token:
            command = programs.manage(self.options, "bootstrap")
            token = {"PORTAL_BOOTSTRAP_TOKEN": self.options.bootstrap_token}
            environment = {**command.environment, **token}
            command = Command(command.arguments, command.log, environment)
            self.run(command, name="bootstrap")
        installed.touch()

    def _up(self, *parts: Part) -> None:
        """Start the parts side by side and wait until each is ready."""
        runners = [Runner(part) for part in parts]
        self._runners += runners
        for runner in runners:
            runner.start()
        while any(runner.condition is not Condition.READY for runner in runners):
            if self.wakeup.stops:
                raise Stopped
            self._tick()
            _refuse_failed(runners)
            self.wakeup.wait(TICK_S)

    def _tick(self) -> None:
        for runner in self._runners:
            runner.tick()
        self._tell()

    def _tell(self) -> None:
        states = [runner.state for runner in self._runners]
        if states != self._told:
            self._told = states
            # A full disk must not end the one that keeps the parts running.
            with suppress(OSError):
                state.write(self.options.places, states)


def require_free_port(options: Options) -> None:
    """Refuse an address that cannot be listened on.

    Raises
    ------
    PortInUse
        Something else listens there, or the address is not this machine's.
    """
    try:
        found = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the web server does, lest connections that linger look like a server.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        reason = error.strerror or str(error)
        raise PortInUse(options.host, options.port, reason) from error


def say(text: str) -> None:
    """Tell the operator something."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _refuse_failed(runners: Sequence[Runner]) -> None:
    for runner in runners:
        if runner.restarts >= MOST_FAILURES and runner.condition is not Condition.READY:
            raise PartFailed(runner.part.name, runner.part.command.log)
