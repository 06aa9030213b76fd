"""What the portal's own ``/readyz`` says of its parts."""

import http.client
import json
import time
from contextlib import closing
from typing import Final
from urllib.parse import urlsplit

TIMEOUT_S: Final = 5.0
FRESH_S: Final = 0.2  # an answer serves all parts that ask within this time


class Readiness:
    """Asks the web server how the parts are."""

    def __init__(self, address: str) -> None:
        where = urlsplit(address)
        self._host, self._port = where.hostname or "", where.port
        self._states: dict[str, str] = {}
        self._asked_at = 0.0  # time.monotonic()

    def of(self, name: str) -> bool:
        """Return whether the web server answers and the part is ready; never raises."""
        return self._ask().get(name) == "ready"

    def answers(self) -> bool:
        """Return whether the web server answers; never raises."""
        return bool(self._ask())

    def _ask(self) -> dict[str, str]:
        if time.monotonic() - self._asked_at > FRESH_S:
            self._states = self._fetch()
            self._asked_at = time.monotonic()
        return self._states

    def _fetch(self) -> dict[str, str]:
        client = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        with closing(client):
            try:
                client.request("GET", "/readyz")
                body = json.loads(client.getresponse().read())
                return {part["name"]: part["state"] for part in body["parts"]}
            except (OSError, http.client.HTTPException, ValueError, LookupError):
                return {}
