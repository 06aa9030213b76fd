"""Where the embedded parts of a data folder keep their files, sockets and logs.

Everything follows from the data folder, so that ``manage.py`` beside a running server
finds the same database and broker without being told.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAXIMUM_SOCKET_PATH: Final = 107  # bytes in sockaddr_un.sun_path, less the final NUL
# Without what has a meaning in a URL or in PostgreSQL's list of folders.
_PLAIN: Final = re.compile(r"[\w /.+~=-]+")
POSTGRES_PORT: Final = 5432  # only names the socket file: nothing listens on TCP
LOCK: Final = f".s.PGSQL.{POSTGRES_PORT}.lock"


@dataclass(frozen=True, slots=True)
class Places:
    """The files and folders of one data folder."""

    data: Path

    @property
    def postgres(self) -> Path:
        """Return the folder of PostgreSQL's cluster."""
        return self.data / "postgres"

    @property
    def redis(self) -> Path:
        """Return the folder of Redis' append-only file."""
        return self.data / "redis"

    @property
    def blobs(self) -> Path:
        """Return the folder of the stored objects."""
        return self.data / "blobs"

    @property
    def logs(self) -> Path:
        """Return the folder of each part's log."""
        return self.data / "logs"

    @property
    def sockets(self) -> Path:
        """Return the folder of the sockets, short and plain enough for their users."""
        folder = self.data / "run"
        longest = folder / LOCK
        fits = len(bytes(longest)) <= MAXIMUM_SOCKET_PATH
        if fits and _PLAIN.fullmatch(str(folder)):
            return folder
        digest = hashlib.sha256(bytes(self.data)).hexdigest()[:16]
        return Path("/tmp") / f"portal-{digest}"  # noqa: S108 made with mode 0700

    @property
    def postgres_lock(self) -> Path:
        """Return the file by which PostgreSQL holds its socket."""
        return self.sockets / LOCK

    @property
    def redis_socket(self) -> Path:
        """Return the socket of the embedded Redis."""
        return self.sockets / "redis.sock"

    @property
    def database_url(self) -> str:
        """Return the address of the embedded database."""
        host = str(self.sockets).replace("/", "%2F")
        return f"postgresql://portal@{host}:{POSTGRES_PORT}/portal"

    @property
    def redis_url(self) -> str:
        """Return the address of the embedded Redis."""
        return f"unix://{self.redis_socket}"
