"""Asking over HTTP without following redirects: only the host that was named is asked.

What is sent may be secret, or signed for that host alone.
"""

from typing import IO, Any, Final
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> None:
        """Follow nothing: the answer is an error then."""


OPENER: Final = build_opener(_NoRedirect)
DIRECT: Final = build_opener(_NoRedirect, ProxyHandler({}))
"""Without a proxy either, whatever the environment names: for this own network."""
