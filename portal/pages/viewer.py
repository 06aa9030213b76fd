"""``/viewer/``: OHIF, as ``frontend/viewer/build.mjs`` makes it out of its package.

The page is the same at each address below: OHIF reads it and asks DICOMweb, with the
session. Its files come from WhiteNoise, which finds them before Django looks here.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from core.errors import NotFound

CONFIGURATION: Final = "app-config.js"
# Scripts of this server only, none of them inline; decoders are WebAssembly, workers
# are made of blobs as well. The portal shows the viewer in a frame.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " media-src 'self' blob:; font-src 'self' data:; connect-src 'self' data: blob:;"
    " worker-src 'self' blob:; frame-src 'self' blob:; object-src 'self' blob:;"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
# A worker is under the policy of its own file, and decoders write functions when they
# start. There is no page in a worker, and what it asks for is asked of this server.
WORKER_POLICY: Final = POLICY.replace("'self'", "'self' 'unsafe-eval'", 1)
# A name with an ending is a file, and no such file is here; a UID ends in a number.
_IS_FILE: Final = re.compile(r"\.(?!\d+$)[^./]+$")


@never_cache
@xframe_options_sameorigin
@require_safe
def viewer(request: HttpRequest, path: str) -> HttpResponse:
    """Answer the viewer to who is signed in; others sign in, and come back.

    Raises
    ------
    NotFound
        The viewer was not built, or it has no such file.
    """
    if path == CONFIGURATION:
        return HttpResponse(_part(CONFIGURATION), content_type="text/javascript")
    if _IS_FILE.search(path):
        message = "The viewer has no such file."
        raise NotFound(message)
    page = _part("index.html")
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"/sign-in/?next={quote(request.get_full_path())}")
    answer = HttpResponse(page)
    answer["Content-Security-Policy"] = POLICY
    return answer


def add_headers(headers: dict[str, str], _path: str, url: str) -> None:
    """Have a worker of the viewer run under a policy, too; WhiteNoise calls it."""
    if url.startswith("/viewer/"):
        headers["Content-Security-Policy"] = WORKER_POLICY


def is_built() -> bool:
    """Return whether there is a viewer."""
    return (settings.VIEWER_FOLDER / "index.html").is_file()


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _part(name: str) -> str:
    """Return a file that was built; a server keeps what it has found."""
    try:
        return _read(settings.VIEWER_FOLDER / name)
    except FileNotFoundError:
        message = (
            "The viewer was not built on this server. An administrator builds it by"
            " `make viewer`, which needs a connection to a registry of npm packages."
        )
        raise NotFound(message) from None
