"""The retrieve half of DICOMweb in this process, for tests: store, then ask."""

import asyncio
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final

import httpx
from pydicom.dataset import Dataset
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Router
from starlette.types import Receive, Scope, Send

from core.access import ALL_VERBS, Actor, Verb
from core.boundary import fault_of
from core.errors import PortalError
from core.partitions import get_or_create_partition
from core.routing import Action, router
from imaging.dicomweb import wado, wado_parts
from imaging.receive import Incoming, Received
from imaging.store import Stored, store_instances
from tests.synthetic import encode, new_uid

HOST: Final = "http://test"
ACTOR: Final = Actor(None, "reader", ALL_VERBS)

_STUDY: Final = "/studies/{study}"
_SERIES: Final = _STUDY + "/series/{series}"
_INSTANCE: Final = _SERIES + "/instances/{instance}"
_LEVELS: Final = (_STUDY, _SERIES, _INSTANCE)
_PATHS: Final = {
    **{level: {"GET": Action(Verb.READ, wado.instances)} for level in _LEVELS},
    **{
        f"{level}/metadata": {"GET": Action(Verb.READ, wado.metadata)}
        for level in _LEVELS
    },
    f"{_INSTANCE}/frames/{{frames}}": {"GET": Action(Verb.READ, wado_parts.frames)},
    f"{_INSTANCE}/bulkdata/{{path:path}}": {
        "GET": Action(Verb.READ, wado_parts.bulkdata)
    },
}


@dataclass
class Service:
    """A partition of its own, and the endpoints on it."""

    actor: Actor = ACTOR
    name: str = field(default_factory=lambda: f"wado-{new_uid()[-12:]}")

    def __post_init__(self) -> None:
        routes = router(_PATHS, {})
        self._app = Router([Mount("/dicomweb", app=routes)])

    @property
    def base_url(self) -> str:
        """Return the absolute address of the partition."""
        return f"{HOST}/dicomweb/partitions/{self.name}"

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
        scope["actor"] = self.actor
        begun = False

        async def watched(message: dict[str, object]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except PortalError as error:
            if begun:
                raise
            answer = PlainTextResponse(error.message, fault_of(error).http)
            await answer(scope, receive, send)


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
