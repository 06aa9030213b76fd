"""FHIR in this process, for tests: whole requests through the outer boundary."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from starlette.types import Receive, Scope, Send

from core.access import Actor
from core.boundary import refusal_of
from fhirlink.rest.answers import refusal_answer
from fhirlink.rest.app import app
from tests.actors import ALL_VERBS, acting
from tests.synthetic import new_uid

HOST: Final = "http://test"
FHIR_JSON: Final = "application/fhir+json"
ACTOR: Final = acting(None, "clerk", ALL_VERBS)


@dataclass
class Fhir:
    """A partition of its own, and requests below its address."""

    actor: Actor = ACTOR
    name: str = field(default_factory=lambda: f"fhir-{new_uid()[-12:]}")

    @property
    def base_url(self) -> str:
        """Return the absolute address of the partition."""
        return f"{HOST}/fhir/partitions/{self.name}"

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """Send a request; names of headers with ``_`` for ``-``."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            fields.setdefault("content-type", FHIR_JSON)
        url = path if path.startswith("http") else f"{self.base_url}/{path}"

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self)
            async with httpx.AsyncClient(transport=transport) as client:
                return await client.request(
                    method, url, content=content, headers=fields
                )

        return asyncio.run(send())

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for something."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Send something."""
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Have something be so."""
        return self.ask("PUT", path, body, **headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request as `core.asgi` would."""
        scope = {**scope, "actor": self.actor, "root_path": "/fhir"}
        try:
            await app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 as the boundary does
            answer = refusal_answer(error, refusal_of(error, "1"))
            await answer(scope, receive, send)
