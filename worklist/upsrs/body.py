"""The data set that a client sends: DICOM JSON, or XML in the standard's dialect."""

from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect, Request

from core.database import run
from core.errors import Invalid, UnsupportedMedia
from core.media_types import DICOM_JSON, DICOM_XML, JSON, parse_media_type
from core.request_bodies import awaited
from imaging import native_xml
from imaging.dicomweb.dialect import Dialect, dialect_of

MAXIMUM_BYTES: Final = 8 * 1024 * 1024
"""Of the text; rules limit what may be in it (`worklist.rules.reading`)."""

TAKEN: Final = {
    Dialect.STANDARD: (DICOM_JSON, JSON, DICOM_XML),
    Dialect.V1: (DICOM_JSON, JSON),
    Dialect.V2: (DICOM_JSON, JSON),
}


async def data_set_of(request: Request, *, may_be_empty: bool = False) -> Any:
    """Return the data set of the body, whatever is in it; None where there is none.

    Raises
    ------
    UnsupportedMedia
        The body is of a type that the dialect does not take.
    Invalid
        It cannot be read, or does not hold one data set.
    TooLarge, TooSlow
        It is longer than `MAXIMUM_BYTES`, or does not come.
    """
    dialect = dialect_of(request)
    given = request.headers.get("content-type")
    body = await _read(request)
    if not body and may_be_empty:
        return None
    media_type = parse_media_type(given or "")
    if media_type is None or media_type.type not in TAKEN[dialect]:
        message = f"Send {' or '.join(TAKEN[dialect])}."
        raise UnsupportedMedia(message)
    if media_type.type == DICOM_XML:
        return await run(_of_xml, body)
    return _of_json(body, dialect)


async def _read(request: Request) -> bytes:
    receive = awaited(request.receive, maximum_bytes=MAXIMUM_BYTES)
    try:
        return await Request(request.scope, receive).body()
    except ClientDisconnect as error:
        message = "The request was cut off; send it again."
        raise Invalid(message) from error


def _of_json(body: bytes, dialect: Dialect) -> Any:
    """Return the data set; Azure's service takes the first of an array."""
    try:
        model = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = "The body is not JSON, or not in UTF-8."
        raise Invalid(message) from error
    if not isinstance(model, list):
        return model
    if not model or (len(model) > 1 and not dialect.is_azure):
        message = "Send one data set: an object of DICOM JSON, or an array with one."
        raise Invalid(message)
    return model[0]


def _of_xml(body: bytes) -> Any:
    try:
        return native_xml.read(body)
    except native_xml.NotNative as error:
        raise Invalid(error.reason) from error
