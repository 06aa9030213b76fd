"""Proxies between a client and a portal: nginx, and one that can lose its network."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from tests.stack import PATIENCE_S, free_port

QUIET_S: Final = 2  # then both end a connection

# As docs/operations.md has it, but for the time and where its files lie.
_NGINX: Final = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/bodies;
  proxy_temp_path {folder}/answers;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout {quiet_s}s;
    }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(program: Path, folder: Path, behind: int) -> Iterator[int]:
    """Run nginx before a port; yield its own."""
    port = free_port()
    text = _NGINX.format(folder=folder, port=port, behind=behind, quiet_s=QUIET_S)
    settings = folder / "nginx.conf"
    settings.write_text(text, encoding="utf-8")
    log = folder / "error.log"
    command: list[str | Path] = [program, "-c", settings, "-p", folder, "-e", log]
    with subprocess.Popen(command) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    async def wait() -> None:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                assert process.poll() is None
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.05)

    asyncio.run(wait())


class Proxy:
    """Passes on what comes, and ends connections whose server sends nothing.

    Attributes
    ----------
    passes
        Cleared: nothing passes any more, nor is a connection ended, as where a cable
        is pulled behind it.
    """

    def __init__(self, behind: int) -> None:
        self.port = 0
        self.passes = asyncio.Event()
        self.passes.set()
        self.number_of_ends = 0  # that the server has made
        self._behind = behind

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        """Listen meanwhile."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        behind = await asyncio.open_connection("127.0.0.1", self._behind)
        asking = asyncio.create_task(self._pass(reader, behind[1], quiet_s=None))
        try:
            await self._pass(behind[0], writer, quiet_s=QUIET_S)
        finally:
            asking.cancel()
            for each in (writer, behind[1]):
                each.close()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        quiet_s: float | None,
    ) -> None:
        with contextlib.suppress(OSError):
            while True:
                waits = quiet_s if self.passes.is_set() else None
                try:
                    async with asyncio.timeout(waits):
                        data = await reader.read(65_536)
                except TimeoutError:
                    if self.passes.is_set():
                        return
                    continue
                if not data:
                    self.number_of_ends += quiet_s is not None
                    return
                if self.passes.is_set():
                    writer.write(data)
                    await writer.drain()
