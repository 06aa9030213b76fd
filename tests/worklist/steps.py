"""Workitems of a reading room, for tests, and the ways to ask about them."""

import asyncio
from typing import Any, Final

import httpx
from starlette.types import Receive, Scope, Send

from core.access import Actor, Verb
from core.asgi import Boundary
from imaging.dicomweb.app import Service
from tests.actors import acting
from tests.imaging.dicomweb.asking import Known
from tests.synthetic import new_uid
from worklist.upsrs.app import PART

BASE: Final = "http://h/dicomweb"
JSON: Final = {"accept": "application/dicom+json"}
SENT: Final = {**JSON, "content-type": "application/dicom+json"}
READER: Final = acting(
    None, "reader", {Verb.READ, Verb.VIEW_PHI, Verb.SCHEDULE, Verb.PERFORM}
)
_serve = Service(PART)

Model = dict[str, dict[str, Any]]


def attribute(vr: str, *values: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def code(value: str, meaning: str, scheme: str = "99HOUSE") -> Model:
    return {
        "00080100": attribute("SH", value),
        "00080102": attribute("SH", scheme),
        "00080104": attribute("LO", meaning),
    }


def request(accession: str, procedure: str, study: str = "1.2.3") -> Model:
    """Return an item of Referenced Request Sequence."""
    return {
        "0020000D": attribute("UI", study),
        "00080050": attribute("SH", accession),
        "00080051": attribute("SQ"),
        "00400026": attribute("SQ"),
        "00400027": attribute("SQ"),
        "00401001": attribute("SH", procedure),
        "00321060": attribute("LO"),
        "00321064": attribute("SQ"),
    }


def step(**more: Any) -> Model:
    """Return the data set of a workitem, as one creates it.

    Parameters
    ----------
    more
        ``patient_id``, ``issuer``, ``name``, ``priority``, ``start``, ``label``,
        ``study``, ``stations`` and ``requests`` (items); ``attributes`` by tag.
    """
    name = {"Alphabetic": more.get("name", "Doe^John")}
    issuer = more.get("issuer", "")
    label = more.get("label", "")
    model: Model = {
        "00080018": attribute("UI"),
        "00081080": attribute("LO"),
        "00081084": attribute("SQ"),
        "00081195": attribute("UI"),
        "00100010": attribute("PN", name),
        "00100020": attribute("LO", more.get("patient_id", "P1")),
        "00100021": attribute("LO", *[issuer] * bool(issuer)),
        "00100024": attribute("SQ"),
        "00100030": attribute("DA", "19700101"),
        "00100040": attribute("CS", "M"),
        "00101002": attribute("SQ"),
        "0020000D": attribute("UI", more.get("study", "1.2.3")),
        "00380010": attribute("LO"),
        "00380014": attribute("SQ"),
        "00400400": attribute("LT", "As soon as can be."),
        "00404005": attribute("DT", more.get("start", "20300101080000+0000")),
        "00404018": attribute("SQ", code("READ", "Read the images")),
        "00404021": attribute("SQ"),
        "00404025": attribute("SQ", *more.get("stations", [])),
        "00404026": attribute("SQ"),
        "00404027": attribute("SQ"),
        "00404041": attribute("CS", "READY"),
        "0040A370": attribute("SQ", *more.get("requests", [])),
        "00741000": attribute("CS", "SCHEDULED"),
        "00741002": attribute("SQ"),
        "00741200": attribute("CS", more.get("priority", "MEDIUM")),
        "00741202": attribute("LO", *[label] * bool(label)),
        "00741204": attribute("LO", "Read CT"),
        "00741210": attribute("SQ"),
        "00741216": attribute("SQ"),
    }
    return {**model, **more.get("attributes", {})}


def performed() -> Model:
    """Return the update that a workitem needs to be completed."""
    work: Model = {
        "00404028": attribute("SQ", code("WS1", "Workstation 1")),
        "00404050": attribute("DT", "20300101080500+0000"),
        "00404051": attribute("DT", "20300101081500+0000"),
        "00404019": attribute("SQ", code("READ", "Read the images")),
        "00404033": attribute("SQ"),
    }
    return {"00741216": attribute("SQ", work)}


def discontinued() -> Model:
    """Return the update that a workitem needs to be canceled."""
    told: Model = {
        "00404052": attribute("DT", "20300101080900+0000"),
        "0074100E": attribute("SQ", code("110513", "Discontinued", "DCM")),
    }
    return {"00741002": attribute("SQ", told)}


def state(text: str, lock: str = "") -> Model:
    """Return what asks for a change of state."""
    return {
        "00081195": attribute("UI", *[lock] * bool(lock)),
        "00741000": attribute("CS", text),
    }


def send(
    path: str,
    method: str = "GET",
    *,
    actor: Actor = READER,
    dialect: str = "",
    **more: Any,
) -> httpx.Response:
    """Ask at a path below ``/dicomweb``; `json` is sent as DICOM JSON."""

    async def app(scope: Scope, receive: Receive, answer: Send) -> None:
        await _serve({**scope, "root_path": "/dicomweb"}, receive, answer)

    async def call() -> httpx.Response:
        boundary = Boundary(app)
        boundary._authenticator = Known(actor)
        transport = httpx.ASGITransport(boundary)
        base = f"{BASE}/{dialect}" if dialect else BASE
        headers = {**(SENT if "json" in more else JSON), **more.pop("headers", {})}
        async with httpx.AsyncClient(transport=transport) as web:
            return await web.request(method, base + path, headers=headers, **more)

    return asyncio.run(call())


def schedule(uid: str = "", **more: Any) -> str:
    """Create a workitem over HTTP; return its UID."""
    uid = uid or new_uid()
    answer = send(f"/workitems?{uid}", "POST", json=[step(**more)])
    assert answer.status_code == 201, answer.text
    return uid


def claim(uid: str, **more: Any) -> str:
    """Claim a workitem over HTTP; return its Transaction UID."""
    lock = new_uid()
    body = [state("IN PROGRESS", lock)]
    answer = send(f"/workitems/{uid}/state", "PUT", json=body, **more)
    assert answer.status_code == 200, answer.text
    return lock


def held(uid: str) -> Model:
    """Return a workitem as it is retrieved."""
    answer = send(f"/workitems/{uid}")
    assert answer.status_code == 200, answer.text
    model: Model = answer.json()
    return model


def found(query: str, **more: Any) -> list[str]:
    """Return the UIDs of the workitems that a search finds, in order."""
    answer = send(f"/workitems?{query}", **more)
    assert answer.status_code in {200, 204, 206}, answer.text
    rows = answer.json() if answer.status_code != 204 else []
    return [row["00080018"]["Value"][0] for row in rows]
