"""The admin's page of how the system is: its parts, its disk, what lags behind."""

import shutil
from typing import Final

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from core import changefeed, follower_status
from core.access import Verb, require
from core.admin import actor_of
from core.models import Operation
from core.operations import OPEN
from portal.pages.parts import check_parts
from portal.pages.viewer import is_built

SCARCE: Final = 0.1  # of the disk


@require_safe
def system_status(request: HttpRequest) -> HttpResponse:
    """Answer the page, for who may manage data."""
    require(actor_of(request), Verb.MANAGE)
    disk = shutil.disk_usage(settings.PLACES.data)
    open_operations = Operation.objects.filter(state__in=OPEN)
    context = {
        **admin.site.each_context(request),
        "title": "System status",
        "parts": check_parts(),
        "followers": follower_status.status(),
        "head": changefeed.head(),
        "disk_free": disk.free,
        "disk_total": disk.total,
        "disk_is_scarce": disk.free < SCARCE * disk.total,
        "open_operations": open_operations.count(),
        "has_viewer": is_built(),
    }
    return TemplateResponse(request, "admin/system_status.html", context)
