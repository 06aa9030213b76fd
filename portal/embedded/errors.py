"""What stops the supervisor: each message says what to do about it."""

from pathlib import Path


class StartError(Exception):
    """The stack cannot start; the message is for the operator."""


class FolderInUse(StartError):
    """Another supervisor runs on the data folder."""

    def __init__(self, data: Path, owner: str) -> None:
        super().__init__(
            f"The data folder {data} is in use by another portal (process {owner}). "
            "Stop that one first, or name another folder with PORTAL_DATA."
        )


class PortInUse(StartError):
    """Something else listens on the web server's port."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Cannot listen on {host}:{port} ({reason}). Stop what uses the port, or "
            "name another address with PORTAL_HOST and PORTAL_PORT."
        )


class PartFailed(StartError):
    """A part did not come up; the end of its log is in the message."""

    def __init__(self, name: str, log: Path) -> None:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        tail = "\n".join(f"    {line}" for line in lines)
        super().__init__(f"The part '{name}' failed. The end of {log}:\n{tail}")


class Stopped(Exception):
    """The supervisor was asked to stop before it was ready."""
