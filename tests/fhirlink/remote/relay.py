"""A way to a server that a test can cut: port and connections are closed then."""

import socket
import socketserver
import threading
from contextlib import suppress
from select import select


class Relay:
    """Passes bytes on to a port of this machine, from one that stays the same."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target

    def start(self) -> None:
        """Open the port."""
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.target = self._target
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def kill(self) -> None:
        """Close the port and end what goes through it."""
        self._server.shutdown()
        self._server.server_close()
        for each in self._server.held:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    target = 0

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type] # as they are given above
        self.held: list[socket.socket] = []


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Pass on what each side sends, until one ends."""
        client: socket.socket = self.request
        self.server.held.append(client)
        address = ("127.0.0.1", self.server.target)
        with socket.create_connection(address) as there, suppress(OSError):
            while True:
                ready, _, _ = select([client, there], [], [])
                for each in ready:
                    piece = each.recv(65536)
                    if not piece:
                        return
                    (there if each is client else client).sendall(piece)
