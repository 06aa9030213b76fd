"""``/viewer/``: OHIF, as ``frontend/viewer/build.mjs`` makes it out of its package.

The page is the same at each address below: OHIF reads it and asks DICOMweb, with the
session. Its files come from WhiteNoise, which finds them before Django looks here.
Studies are chosen in the portal's pages, so the bare address leads there.
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
from portal.pages.viewer_policy import POLICY

CONFIGURATION: Final = "app-config.js"
HOME: Final = "/"
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
    if not path:
        return HttpResponseRedirect(HOME)
    answer = HttpResponse(page)
    answer["Content-Security-Policy"] = POLICY
    return answer


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
