"""``/graphql`` in a browser: GraphiQL, for who is signed in.

Nothing is loaded from elsewhere and nothing is evaluated: the policy of the page allows
files of this server only. What it runs is kept in ``portal/static/graphiql``.
"""

from functools import cache
from typing import Final

from django.template.loader import render_to_string
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

# What its dialogs write into the page, so that nothing behind them scrolls.
_STYLE_OF_DIALOGS: Final = "'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self';"
    f" style-src 'self' {_STYLE_OF_DIALOGS};"
    " img-src 'self' data:; form-action 'none';"
    " frame-ancestors 'none'; base-uri 'none'"
)


def is_page(scope: Scope) -> bool:
    """Return whether a signed-in person's browser asks for a page.

    Programs, and whoever asks a query by GET, get answers.
    """
    if scope["method"] not in {"GET", "HEAD"} or scope["actor"].via != "session":
        return False
    request = Request(scope)
    wanted = request.headers.get("accept", "")
    return "text/html" in wanted and "query" not in request.query_params


async def serve_page(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the page, which is the same for everybody."""
    headers = {"content-security-policy": POLICY, "vary": "Accept, Cookie"}
    await HTMLResponse(_page(), headers=headers)(scope, receive, send)


@cache
def _page() -> str:
    return render_to_string("graphiql.html")
