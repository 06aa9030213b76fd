"""``POST /export`` and ``/import``: instances leave and come back, as operations.

In the form of Azure's DICOM service, with more kinds of sources and destinations. Its
dialects take what it takes: identifiers, to a container of Azure's blob storage.
"""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run_long
from core.errors import Invalid
from core.media_types import JSON
from core.models import Operation
from imaging.dicomweb.dialect import dialect_of
from imaging.dicomweb.json_body import json_object
from imaging.dicomweb.request import actor_of, partition_of, service_url
from imaging.export import AS_STORED, Typed, start_export
from imaging.export.asked import kind_of
from imaging.restore import start_restore, start_restore_from_bucket

MAXIMUM_BYTES: Final = 24 * 1024 * 1024  # 100,000 identifiers of three UIDs each
_MEMBERS: Final = {"source": dict, "destination": dict, "transferSyntax": str}
_OF_IMPORT: Final = {"source": dict, "replace": bool}
_OF_AZURE: Final = {"source": "identifiers", "destination": "azureblob"}


async def start(request: Request) -> Response:
    """Start an export; 202, and where to ask for its state."""
    body = await json_object(
        request, _MEMBERS, maximum_bytes=MAXIMUM_BYTES, any_case=True
    )
    given = {what: Typed.of(body.get(what), what) for what in _OF_AZURE}
    if dialect_of(request).is_azure:
        _require_azures(given)
    operation = await run_long(
        start_export,
        actor=actor_of(request),
        partition=partition_of(request),
        source=given["source"],
        destination=given["destination"],
        transfer_syntax=body.get("transferSyntax", AS_STORED),
    )
    return started(request, operation)


async def start_import(request: Request) -> Response:
    """Start to import an exported folder; 202, and where to ask for its state."""
    body = await json_object(request, _OF_IMPORT, any_case=True)
    source = Typed.of(body.get("source"), "source")
    starts = {"folder": start_restore, "bucket": start_restore_from_bucket}
    start = kind_of(source, starts, "source")
    names = ("bucket", "path") if start is start_restore_from_bucket else ("path",)
    source.only(*names)
    operation = await run_long(
        start,
        actor=actor_of(request),
        partition=partition_of(request),
        replace=body.get("replace", False),
        **{name: source.text(name) for name in names},
    )
    return started(request, operation)


def started(request: Request, operation: Operation) -> Response:
    """Answer that a worker will take an operation up."""
    address = f"{service_url(request)}/operations/{operation.pk}"
    body = orjson.dumps({"id": str(operation.pk), "href": address})
    return Response(body, 202, {"location": address}, JSON)


def _require_azures(given: dict[str, Typed]) -> None:
    for what, kind in _OF_AZURE.items():
        if given[what].type.lower() != kind:
            known = {"azureblob": "azureBlob"}.get(kind, kind)
            message = f"The type of the {what} is {known}."
            raise Invalid(message, path=f"{what}.type")
