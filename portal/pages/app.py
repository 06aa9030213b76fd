"""The portal's pages: one shell for all their addresses, built from ``frontend/``.

The shell is the same for everybody; what it shows it asks GraphQL and DICOMweb for,
with the session. Where nothing was built the portal runs without it: ``/`` leads to
the admin.
"""

import secrets
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from core.errors import NotFound

HOME: Final = "/"
# The first words of the pages' addresses, as ``frontend/src/app/router.tsx`` has them:
# any other address is answered by itself, and by 404 where nothing is there.
PLACES: Final = (
    "ask",
    "matching",
    "operations",
    "patients",
    "studies",
    "upload",
    "worklist",
)
PATTERN: Final = rf"^(?:{'|'.join(PLACES)})(?:/.*)?$"
NONCE: Final = "__CSP_NONCE__"  # as ``frontend/vite.config.ts`` calls its place
# Files of this server only. Mantine adds style tags, which carry the nonce; decoders
# of images are WebAssembly; the viewer is shown in a frame.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval';"
    " style-src 'self' 'nonce-{nonce}'; img-src 'self' blob: data:; font-src 'self';"
    " connect-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)


@never_cache
@ensure_csrf_cookie
@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """Answer the shell to who is signed in; others sign in, and come back.

    Raises
    ------
    NotFound
        The pages were not built, and another than the first one is asked for.
    """
    shell = _shell(settings.FRONTEND_FOLDER)
    if shell is None:
        if request.path == HOME:
            return HttpResponseRedirect("/admin/")
        message = "The portal's pages were not built on this server: make frontend."
        raise NotFound(message)
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"/sign-in/?next={quote(request.get_full_path())}")
    nonce = secrets.token_urlsafe(18)
    answer = HttpResponse(shell.replace(NONCE, nonce))
    answer["Content-Security-Policy"] = POLICY.format(nonce=nonce)
    return answer


@cache
def _shell(folder: Path) -> str | None:
    """Return the page that was built; a server keeps what it has found at its start."""
    try:
        return (folder / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
