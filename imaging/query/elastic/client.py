"""Speaking with Elasticsearch: never for long, and not at all while it does not answer.

Whoever searches meanwhile must not wait for it. So after a failure nobody in this
process asks for a while; then one does, and the others only once that went well.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from django.conf import settings
from elastic_transport import ConnectionTimeout
from elasticsearch import ApiError, Elasticsearch, TransportError

from core.errors import Upstream

T = TypeVar("T")

PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 60.0
WRITE_TIMEOUT_S: Final = 20.0  # a worker has other things to do
_OF_THE_REQUEST: Final = frozenset({400, 409, 413})


class Away(Upstream):
    """Elasticsearch does not answer, or not as it should."""

    code = "INDEX_AWAY"

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class Refused(Upstream):
    """Elasticsearch does not take this request; others it may."""

    code = "INDEX_REFUSED"

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class Place(NamedTuple):
    """Where Elasticsearch is, and with what it is asked."""

    urls: tuple[str, ...]
    user: str
    password: str
    api_key: str
    certificates: str


class Breaker:
    """Remembers whether it is worth asking.

    Parameters
    ----------
    clock
        Tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._asked_again_at = 0.0

    def admits(self) -> bool:
        """Return whether to ask; of those who come after a pause, to one only."""
        with self._lock:
            if not self._failures:
                return True
            if self._clock() < self._asked_again_at:
                return False
            self._pause()
            return True

    def went_well(self) -> None:
        """Note that it has answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Note that it has not."""
        with self._lock:
            self._failures += 1
            self._pause()

    def _pause(self) -> None:
        pause = min(PAUSE_S * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE_S)
        self._asked_again_at = self._clock() + pause


class Connection:
    """What one process has of Elasticsearch; its threads share it."""

    def __init__(self, place: Place) -> None:
        options: dict[str, Any] = {}
        if place.certificates:
            options["ca_certs"] = place.certificates
        if place.api_key:
            options["api_key"] = place.api_key
        elif place.user:
            options["basic_auth"] = (place.user, place.password)
        self._client = Elasticsearch(list(place.urls), max_retries=0, **options)
        self.breaker = Breaker()

    def ask(self, question: Callable[[Elasticsearch], T], *, timeout_s: float) -> T:
        """Return what Elasticsearch answers to somebody who waits for it.

        Raises
        ------
        Away
            It does not answer in time, or has not a moment ago.
        Refused
            It does not take the question.
        """
        if not self.breaker.admits():
            message = "Elasticsearch did not answer a moment ago."
            raise Away(message)
        try:
            answer = self.tell(question, timeout_s=timeout_s)
        except Away:
            self.breaker.failed()
            raise
        except Refused:
            self.breaker.went_well()
            raise
        self.breaker.went_well()
        return answer

    def tell(
        self, what: Callable[[Elasticsearch], T], *, timeout_s: float = WRITE_TIMEOUT_S
    ) -> T:
        """Return what Elasticsearch answers, whatever it did before.

        Raises
        ------
        Away, Refused
            As `ask`.
        """
        try:
            return what(self._client.options(request_timeout=timeout_s))
        except ApiError as error:
            raise _fault(error.meta.status, error.body) from error
        except TransportError as error:
            slow = isinstance(error, ConnectionTimeout)
            message = f"Elasticsearch {'is too slow' if slow else 'is not there'}."
            raise Away(message) from error

    def close(self) -> None:
        """Close its sockets."""
        self._client.close()


def connection() -> Connection:
    """Return the connection that the settings name, one in each process."""
    return _connection(
        Place(
            tuple(settings.ELASTICSEARCH_URLS),
            settings.ELASTICSEARCH_USER,
            settings.ELASTICSEARCH_PASSWORD,
            settings.ELASTICSEARCH_API_KEY,
            settings.ELASTICSEARCH_CA,
        )
    )


@cache
def _connection(place: Place) -> Connection:
    return Connection(place)


def check_status(answer: Mapping[str, Any]) -> None:
    """Raise what one of several answers says of itself.

    Raises
    ------
    Away, Refused
        It is a failure, or the search took too long.
    """
    if "error" in answer:
        raise _fault(int(answer["status"]), answer)
    if answer.get("timed_out"):
        message = "Elasticsearch is too slow."
        raise Away(message)


def _fault(status: int, answer: object) -> Away | Refused:
    # Types alone: reasons quote what was searched for, which no log may hold.
    types = ", ".join(dict.fromkeys(_types(answer))) or "no type"
    message = f"Elasticsearch answered {status} ({types})."
    return Refused(message) if status in _OF_THE_REQUEST else Away(message)


def _types(answer: object) -> Iterator[str]:
    """Yield what Elasticsearch calls an error and its causes."""
    said = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(said, dict):
        yield from (str(e.get("type")) for e in (said, *said.get("root_cause", ())))
