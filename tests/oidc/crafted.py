"""An issuer that says whatever a test wants: also what no honest one would."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.oidc.issuer import Issuer


class Crafted(Issuer):
    """An issuer of our own, whose answers a test makes.

    Attributes
    ----------
    id_token
        The ID token that it gives for any code; empty: it refuses.
    asked
        The forms that were sent for one, with the ``Authorization`` beside.
    about
        What its discovery document says besides the usual.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.id_token = ""
        self.asked: list[tuple[dict[str, str], str | None]] = []
        self.about: dict[str, Any] = {}
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.issuer = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, body: bytes, authorization: str | None) -> Any:
        """Return the JSON of an answer, or None."""
        match path:
            case "/.well-known/openid-configuration":
                return {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/auth?tenant=1",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                } | self.about
            case "/keys":
                return {"keys": [self.jwk()]}
            case "/token":
                self.asked.append((dict(parse_qsl(body.decode())), authorization))
                return {"id_token": self.id_token} if self.id_token else None
        return None


class _Server(ThreadingHTTPServer):
    issuer: Crafted
    block_on_close = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sent = self.headers["Authorization"]
        answer = self.server.issuer.answer(self.path, body, sent)
        text = json.dumps(answer or {"error": "invalid_grant"}).encode()
        self.send_response(400 if answer is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_GET  # noqa: N815 what http.server looks for

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def crafted_issuer(folder: Path) -> Iterator[Crafted]:
    """Run one."""
    issuer = Crafted(folder)
    issuer.start()
    try:
        yield issuer
    finally:
        issuer.stop()
