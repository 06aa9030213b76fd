"""A FHIR server whose answers a test makes: what no honest server would say as well."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from fhirlink.json_text import dump


class Request(NamedTuple):
    """What was asked, without the address of the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """What is answered."""

    status: int
    content: Mapping[str, object] | None = None
    headers: dict[str, str] = {}


@dataclass
class Crafted:
    """A running server.

    Attributes
    ----------
    answer
        What it does with a request.
    asked
        All requests, in order.
    """

    url: str
    answer: Callable[[Request], Reply] = lambda request: Reply(404)
    asked: list[Request] = field(default_factory=list)


@contextmanager
def crafted() -> Iterator[Crafted]:
    """Run a server for a test."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        made = Crafted(f"http://127.0.0.1:{server.server_address[1]}/fhir")
        server.crafted = made  # type: ignore[attr-defined] # for its handlers
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_given: object) -> None:
        """Tell nobody."""

    def _answer(self) -> None:
        made: Crafted = self.server.crafted  # type: ignore[attr-defined] # as above
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = self.path.removeprefix("/fhir/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, headers, body)
        made.asked.append(request)
        reply = made.answer(request)
        content = b"" if reply.content is None else dump(reply.content)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
