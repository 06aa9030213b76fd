"""What a client sends as a JSON object: small, and with known members only."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect, Request

from core.errors import Invalid, UnsupportedMedia
from core.request_bodies import awaited
from imaging.dicomweb.media_types import JSON, parse_media_type

MAXIMUM_BYTES: Final = 64 * 1024
_CALLED: Final = {str: "text", bool: "true or false"}


async def json_object(request: Request, members: Mapping[str, type]) -> dict[str, Any]:
    """Return the members of the body that are there, of their types.

    Raises
    ------
    UnsupportedMedia
        The body is something else.
    Invalid
        It is no JSON object, or has other members or values.
    """
    given = request.headers.get("content-type", JSON)
    media_type = parse_media_type(given)
    if media_type is None or media_type.type != JSON:
        message = f"Send {JSON}."
        raise UnsupportedMedia(message)
    receive = awaited(request.receive, maximum_bytes=MAXIMUM_BYTES)
    try:
        body = orjson.loads(await Request(request.scope, receive).body())
    except (orjson.JSONDecodeError, ClientDisconnect) as error:
        message = "The body is no JSON that can be read."
        raise Invalid(message) from error
    if not isinstance(body, dict) or not body.keys() <= members.keys():
        message = f"Send a JSON object of these members: {', '.join(members)}."
        raise Invalid(message)
    for name, value in body.items():
        if not isinstance(value, members[name]):
            message = f"{name} must be {_CALLED[members[name]]}."
            raise Invalid(message, path=name)
    return body
