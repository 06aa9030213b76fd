"""What the web server runs: one boundary around DICOMweb, FHIR and Django."""

import asyncio
import os
from typing import Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.core.asgi import get_asgi_application  # settings come first

django_application = get_asgi_application()

from django.conf import settings  # noqa: E402 these need the apps
from starlette.types import ASGIApp, Receive, Scope, Send  # noqa: E402

from core import audit, database, feed_listener  # noqa: E402
from core.accounts.sessions import session_uses  # noqa: E402
from core.accounts.tokens.uses import token_uses  # noqa: E402
from core.asgi import Boundary, is_protected  # noqa: E402
from core.errors import NotFound  # noqa: E402
from core.graphql.http import serve_http  # noqa: E402
from core.graphql.websocket import serve_websocket, wait_until_closed  # noqa: E402
from core.request_bodies import MAXIMUM_PAGE_BYTES, awaited  # noqa: E402
from core.routing import nothing_here  # noqa: E402
from fhirlink.rest.answers import refusal_answer  # noqa: E402
from fhirlink.rest.app import app as fhir  # noqa: E402
from imaging import store  # noqa: E402
from imaging.dicomweb.app import Service as DicomWeb  # noqa: E402
from portal import stopping  # noqa: E402
from portal.pages import graphiql  # noqa: E402
from portal.schema import schema  # noqa: E402
from worklist.events import hub as events  # noqa: E402
from worklist.upsrs.app import PART as WORKLIST  # noqa: E402
from worklist.upsrs.channel import ROOT as CHANNELS  # noqa: E402
from worklist.upsrs.channel import serve_channel  # noqa: E402
from worklist.upsrs.channel import wait_until_closed as channels_closed  # noqa: E402

DICOMWEB: Final = "/dicomweb"
FHIR: Final = "/fhir"
GRAPHQL: Final = "/graphql"
SERVICES: Final[dict[str, ASGIApp]] = {DICOMWEB: DicomWeb(WORKLIST), FHIR: fhir}

database.limit_statements(seconds=settings.STATEMENT_TIMEOUT_S)


async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a request to the application that its path names.

    Raises
    ------
    NotFound
        A WebSocket is asked for where nothing speaks it.
    """
    path: str = scope["path"]
    if scope["type"] == "websocket":
        if path == GRAPHQL:
            await serve_websocket(schema, scope, receive, send)
        elif path.startswith(f"{CHANNELS}/"):
            await serve_channel(scope, receive, send)
        else:
            message = "There is no WebSocket at this address."
            raise NotFound(message)
        return
    root = f"/{path.split('/', 2)[1]}"
    if root in SERVICES:
        # ``/fhir`` is its root as well; a router knows it with the slash only.
        full = path if path != root else f"{path}/"
        await SERVICES[root]({**scope, "path": full, "root_path": root}, receive, send)
    elif path == GRAPHQL and graphiql.is_page(scope):
        await graphiql.serve_page(scope, receive, send)
    elif path == GRAPHQL:
        await serve_http(schema, scope, receive, send)
    elif is_protected(path):
        await nothing_here(scope, receive, send)
    else:
        receive = awaited(receive, maximum_bytes=MAXIMUM_PAGE_BYTES)
        await django_application(dict(scope), receive, send)  # type: ignore[arg-type] # asgiref writes the same protocol differently


async def _start() -> None:
    audit.start_collecting()
    token_uses.start_writing()
    session_uses.start_writing()
    feed_listener.start_listening()
    events.start()
    stopping.call_when_announced(_end_following)


async def _end_following() -> None:
    feed_listener.end_waiting()
    await asyncio.gather(wait_until_closed(), channels_closed())


async def _stop() -> None:
    """Write what waits: stores first, then the audit log."""
    await feed_listener.stop_listening()
    await asyncio.to_thread(store.stop)
    await asyncio.to_thread(audit.stop_collecting)
    await asyncio.to_thread(token_uses.stop_writing)
    await asyncio.to_thread(session_uses.stop_writing)
    await asyncio.to_thread(database.shutdown)


application = Boundary(
    dispatch, start=[_start], stop=[_stop], renders={FHIR: refusal_answer}
)
