"""Studies are shown by their address: Invoke Image Display.

What Endpoints of the type ``ihe-iid`` name. It looks at nothing that is held: the
viewer, to which it leads, has whoever comes sign in and asks DICOMweb for the images.

References
----------
IHE RAD TF-2 4.106 (RAD-106), its HTTP GET.
"""

import re
from typing import Final
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.errors import Invalid
from core.partitions import DEFAULT_PARTITION
from portal.pages.viewer import is_built

MOST_STUDIES: Final = 20
_UID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)
_LONGEST_UID: Final = 64


@never_cache
@require_safe
def image_display(request: HttpRequest, partition: str) -> HttpResponse:
    """Lead to the viewer with the studies that are named; without one to their page.

    Raises
    ------
    Invalid
        Something else than studies by their UIDs is asked for.
    """
    if request.GET.get("requestType") != "STUDY":
        message = "Studies are shown: requestType=STUDY, with studyUID."
        raise Invalid(message, path="requestType")
    named = request.GET.get("studyUID", "").split(",")
    if len(named) > MOST_STUDIES or not all(map(_is_uid, named)):
        message = f"Name up to {MOST_STUDIES} StudyInstanceUIDs, apart by commas."
        raise Invalid(message, path="studyUID")
    place = {} if partition == DEFAULT_PARTITION else {"partition": partition}
    if is_built():
        query = urlencode({"StudyInstanceUIDs": ",".join(named), **place}, safe=",")
        return HttpResponseRedirect(f"/viewer/viewer?{query}")
    query = f"?{urlencode(place)}" if place else ""
    return HttpResponseRedirect(f"/studies/{quote(named[0])}{query}")


def _is_uid(text: str) -> bool:
    return len(text) <= _LONGEST_UID and _UID.fullmatch(text) is not None
