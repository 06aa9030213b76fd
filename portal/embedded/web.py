"""``python -m portal.embedded.web``: granian with the portal's ASGI application."""

import importlib
import os
import signal
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from portal import stopping
from portal.embedded import linux
from portal.embedded.options import read_options
from portal.loading import loading

APPLICATION: Final = "portal.asgi:application"
GRACE_S: Final = 20  # for running requests at a clean stop
TOLD_S: Final = 8.0  # before it, for those who follow something to be told
HEADER_TIMEOUT_MS: Final = 30_000
BACKLOG: Final = 2048
# What a client that reads slowly keeps in memory beside three chunks of its answer:
# granian's own 400 KiB cost 20 MB more for 50 of them, and are no faster.
BUFFER_BYTES: Final = 128 * 1024


class Server(MPServer):
    """Granian, with word to its workers before it waits for their requests to end."""

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Take INT or TERM."""
        stopping.announce()
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call] # granian's has none

    def shutdown(self, exit_code: int = 0) -> None:
        """Stop the workers, once those who follow something know."""
        stopping.announce()
        stopping.wait_until_told(timeout_s=TOLD_S)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call] # as above


def serve() -> None:
    """Serve until INT or TERM, with worker processes that die with this one."""
    options = read_options()
    stopping.prepare()
    server = os.getpid()
    with loading():
        _load(APPLICATION)  # once: the workers are forked and share its memory

    def load(target: str) -> Any:
        # Without this, the workers of a killed server would go on holding the port.
        linux.die_with_parent(signal.SIGKILL, server)
        stopping.listen_only()
        return _load(target)

    Server(
        APPLICATION,
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGI,
        workers=options.web_workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_TIMEOUT_MS,
            max_buffer_size=BUFFER_BYTES,
        ),
        backlog=BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_S,
    ).serve(target_loader=load)


def _load(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    serve()
