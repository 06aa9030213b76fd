"""Valid requests to a portal, which `tests.hostile.requests` breaks."""

import random
from dataclasses import dataclass

from pydicom.dataset import Dataset

from tests.synthetic import ROOT, encode, instance


@dataclass(frozen=True, slots=True)
class Target:
    """The server that is attacked, and an instance that it holds.

    Attributes
    ----------
    path
        Address of the instance.
    """

    host: str
    token: str
    path: str
    content: bytes


@dataclass(slots=True)
class Draft:
    """A valid request, before a family breaks it."""

    method: bytes
    path: bytes
    headers: list[bytes]
    body: bytes = b""
    version: bytes = b"HTTP/1.1"
    sized: bool = True

    def dump(self) -> bytes:
        """Return the bytes that are sent."""
        line = b" ".join((self.method, self.path, self.version))
        headers = [*self.headers]
        if self.sized and self.body:
            headers.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join([line, *headers, b"", b""]) + self.body


def numbered(suffix: str) -> Dataset:
    """Return an instance whose UIDs end with `suffix`."""
    return instance(
        StudyInstanceUID=f"{ROOT}1.{suffix}",
        SeriesInstanceUID=f"{ROOT}2.{suffix}",
        SOPInstanceUID=f"{ROOT}3.{suffix}",
        PatientID=f"HOSTILE-{suffix}",
        InstanceNumber=1,
    )


class Maker:
    """Makes valid requests for one number, always the same ones."""

    def __init__(self, target: Target, number: int) -> None:
        self.target = target
        self.number = number
        self.rng = random.Random(number)
        self._made = 0

    def get(self, path: str | bytes, *headers: bytes, method: bytes = b"GET") -> Draft:
        """Return a valid request for a path below ``/dicomweb``."""
        tail = path if isinstance(path, bytes) else path.encode()
        return Draft(method, b"/dicomweb" + tail, [*self._usual(), *headers])

    def store(self, content: bytes, media_type: bytes = b"application/dicom") -> Draft:
        """Return a valid store."""
        draft = self.get("/studies", b"Content-Type: " + media_type, method=b"POST")
        draft.body = content
        return draft

    def held(self) -> Draft:
        """Return a valid request for what is held, or a search for it."""
        path = self.target.path
        study, series = path.split("/series")[0], path.split("/instances")[0]
        paths = (
            *(path, study, series, f"{path}/metadata", f"{path}/frames/1"),
            *(f"{path}/bulkdata/7FE00010", "/studies", f"{study}/instances"),
            *("/changefeed", "/operations", "/partitions"),
        )
        return self.get(self.rng.choice(paths))

    def small(self) -> bytes:
        """Return an instance that nobody has stored, the same for each number."""
        self._made += 1
        return encode(numbered(f"2.{self.number}.{self._made}"))

    def junk(self, most: int) -> bytes:
        """Return random bytes."""
        return self.rng.randbytes(self.rng.randrange(1, most))

    def _usual(self) -> list[bytes]:
        host = f"Host: {self.target.host}".encode()
        token = f"Authorization: Bearer {self.target.token}".encode()
        return [host, token, b"Connection: close"]
