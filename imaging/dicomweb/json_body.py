"""What a client sends as JSON: small, and objects with known members only."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect, Request

from core.errors import Invalid, UnsupportedMedia
from core.media_types import JSON, parse_media_type
from core.request_bodies import awaited

MAXIMUM_BYTES: Final = 64 * 1024
MAXIMUM_LIST_BYTES: Final = 1024 * 1024
_CALLED: Final = {str: "text", bool: "true or false", dict: "an object"}


async def json_object(
    request: Request,
    members: Mapping[str, type],
    *,
    maximum_bytes: int = MAXIMUM_BYTES,
    any_case: bool = False,
) -> dict[str, Any]:
    """Return the members of the body that are there, of their types.

    Parameters
    ----------
    any_case
        Whether names of members are taken in any case, as Azure's service does.

    Raises
    ------
    UnsupportedMedia
        The body is something else.
    Invalid
        It is no JSON object, or has other members or values.
    """
    body = await _json(request, maximum_bytes)
    if any_case and isinstance(body, dict):
        spelt = {name.lower(): name for name in members}
        body = {spelt.get(name.lower(), name): body[name] for name in body}
    if not isinstance(body, dict) or not body.keys() <= members.keys():
        message = f"Send a JSON object of these members: {', '.join(members)}."
        raise Invalid(message)
    for name, value in body.items():
        if not isinstance(value, members[name]):
            message = f"{name} must be {_CALLED[members[name]]}."
            raise Invalid(message, path=name)
    return body


async def json_list(request: Request) -> list[Any]:
    """Return the elements of the body, whatever they are.

    Raises
    ------
    UnsupportedMedia
        The body is something else.
    Invalid
        It is no JSON array.
    """
    body = await _json(request, MAXIMUM_LIST_BYTES)
    if not isinstance(body, list):
        message = "Send a JSON array."
        raise Invalid(message, path="body")
    return body


async def _json(request: Request, maximum_bytes: int) -> object:
    given = request.headers.get("content-type", JSON)
    media_type = parse_media_type(given)
    if media_type is None or media_type.type != JSON:
        message = f"Send {JSON}."
        raise UnsupportedMedia(message)
    receive = awaited(request.receive, maximum_bytes=maximum_bytes)
    try:
        body: object = orjson.loads(await Request(request.scope, receive).body())
    except (orjson.JSONDecodeError, ClientDisconnect) as error:
        message = "The body is no JSON that can be read."
        raise Invalid(message) from error
    return body
