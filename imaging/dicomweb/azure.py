"""What Azure's DICOM service does with any request, and so do its dialects.

- Every answer tells the supported versions, refusals included.
- A ``<`` in the query, plain or escaped, is refused: its guard against HTML.
- A partition that is not there is the client's mistake: 400, where we say 404.
"""

import re
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from core.database import run_read
from core.errors import Invalid, NotFound
from core.partitions import get_partition

_VERSIONS: Final = (b"api-supported-versions", b"1, 2")
_MARKUP: Final = re.compile(rb"<|%3c", re.IGNORECASE)


def in_manner_of_azure(app: ASGIApp) -> ASGIApp:
    """Return `app` with what Azure's service does with any request."""

    async def azure(scope: Scope, receive: Receive, send: Send) -> None:
        scope["answer_headers"].append(_VERSIONS)
        if _MARKUP.search(scope["query_string"]):
            message = "A query cannot hold '<', nor '%3c'."
            raise Invalid(message, path="query")
        try:
            await app(scope, receive, send)
        except NotFound as error:
            if await _is_partition_missing(scope):
                message = "No such partition."
                raise Invalid(message, path="partition") from error
            raise

    return azure


async def _is_partition_missing(scope: Scope) -> bool:
    """Return whether the address names a partition that the actor does not see."""
    name = scope.get("path_params", {}).get("partition")
    if name is None:
        return False
    try:
        await run_read(get_partition, actor=scope["actor"], name=name)
    except NotFound:
        return True
    return False
