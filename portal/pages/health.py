"""``/healthz``, ``/readyz``, ``/health/check``: whether the portal and its parts live.

Open without credentials, and so they tell names of parts and states only.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from portal.pages.parts import PartHealth, check_parts


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200: this process serves requests."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 where every part is ready, else 503, with each part's state."""
    parts = check_parts()
    body = {
        "status": "ready" if _all_ready(parts) else "unready",
        "parts": [{"name": part.name, "state": part.state} for part in parts],
    }
    return JsonResponse(body, status=_status(parts))


@require_safe
def health_check(_request: HttpRequest) -> JsonResponse:
    """Answer as ``GET /health/check`` of Azure's DICOM service does."""
    parts = check_parts()
    body = {
        "overallStatus": _azure_status(is_ready=_all_ready(parts)),
        "details": [
            {
                "name": part.name,
                "status": _azure_status(is_ready=part.is_ready),
                "description": f"The {part.name} is {part.state}.",
            }
            for part in parts
        ],
    }
    return JsonResponse(body, status=_status(parts))


def _all_ready(parts: list[PartHealth]) -> bool:
    return all(part.is_ready for part in parts)


def _status(parts: list[PartHealth]) -> int:
    return 200 if _all_ready(parts) else 503


def _azure_status(*, is_ready: bool) -> str:
    return "Healthy" if is_ready else "Unhealthy"
