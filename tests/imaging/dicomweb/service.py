"""DICOMweb in this process, for tests: store, then ask."""

import asyncio
from copy import deepcopy
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final

import httpx
import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from core.access import Actor
from core.boundary import fault_of
from core.errors import PortalError
from core.partitions import get_or_create_partition
from imaging.dicomweb.app import app
from imaging.receive import Incoming, Received
from imaging.store import Stored, store_instances
from tests.actors import ALL_VERBS, acting
from tests.synthetic import encode, new_uid

HOST: Final = "http://test"
ROOT: Final = "/dicomweb"
ACTOR: Final = acting(None, "reader", ALL_VERBS)


@dataclass
class Service:
    """A partition of its own, and the addresses in it."""

    actor: Actor = ACTOR
    name: str = field(default_factory=lambda: f"wado-{new_uid()[-12:]}")

    @property
    def base_url(self) -> str:
        """Return the absolute address of the partition."""
        return f"{HOST}{ROOT}/partitions/{self.name}"

    def store(self, *contents: bytes | Dataset, replace: bool = False) -> None:
        """Store files, or data sets in Explicit VR Little Endian."""
        received = []
        for content in contents:
            incoming = Incoming()
            incoming.write(content if isinstance(content, bytes) else encode(content))
            one = incoming.finish()
            assert isinstance(one, Received), one
            received.append(one)
        key = get_or_create_partition(actor=ACTOR, name=self.name)
        outcomes = store_instances(
            ACTOR, partition_id=key, received=received, replace=replace
        ).result()
        assert all(isinstance(outcome, Stored) for outcome in outcomes), outcomes

    def url(self, dataset: Dataset, level: str = "instance", path: str = "") -> str:
        """Return the address of a data set's study, series or instance."""
        url = f"{self.base_url}/studies/{dataset.StudyInstanceUID}"
        if level != "study":
            url += f"/series/{dataset.SeriesInstanceUID}"
        if level == "instance":
            url += f"/instances/{dataset.SOPInstanceUID}"
        return url + path

    def get(
        self, url: str, accept: str | None = None, method: str = "GET", **headers: str
    ) -> httpx.Response:
        """Ask; names of headers with ``_`` for ``-``."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        fields.setdefault("accept-encoding", "identity")
        if accept is not None:
            fields["accept"] = accept

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self)
            async with httpx.AsyncClient(transport=transport) as client:
                del client.headers["accept"]
                return await client.request(method, url, headers=fields)

        return asyncio.run(ask())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request as `core.asgi` would."""
        added: list[tuple[bytes, bytes]] = []
        scope = {**scope, "actor": self.actor, "answer_headers": added}
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        try:
            await app({**scope, "root_path": ROOT}, receive, watched)
        except PortalError as error:
            if begun:
                raise
            answer = PlainTextResponse(error.message, fault_of(error).http)
            await answer(scope, receive, watched)


def file_of(dataset: Dataset, transfer_syntax_uid: str) -> bytes:
    """Return a file of a native data set whose `PixelData` is 16 bits, little endian.

    pydicom writes pixels as they are, in whatever byte order.
    """
    if transfer_syntax_uid == ExplicitVRBigEndian:
        words = np.frombuffer(dataset.PixelData, "<u2").astype(">u2")
        dataset = deepcopy(dataset)
        dataset["PixelData"].value = words.tobytes()
    return encode(dataset, transfer_syntax_uid)


def parts_of(response: httpx.Response) -> list[tuple[dict[str, str], bytes]]:
    """Return headers (names in lower case) and content of each part."""
    content_type = response.headers["content-type"]
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head)
    assert message.get_content_type() == "multipart/related"
    delimiter = b"--" + str(message.get_boundary()).encode()
    first, *inner, last = (b"\r\n" + response.content).split(b"\r\n" + delimiter)
    assert (first, last) == (b"", b"--\r\n")
    found = []
    for part in inner:
        fields, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        pairs = (line.split(": ", 1) for line in fields.decode().split("\r\n"))
        found.append(({name.lower(): value for name, value in pairs}, content))
    return found
