"""Django's addresses; DICOMweb lies beside Django in `portal.asgi`."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from portal.pages.health import health_check, healthz, readyz
from portal.pages.metrics import metrics
from portal.pages.sign_in import sign_in, sign_out

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("sign-in/", sign_in),
    path("sign-out/", sign_out),
    path("admin/login/", sign_in),  # one place where passwords are checked
    path("admin/logout/", sign_out),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("health/check", health_check),
    path("metrics", metrics),
]
handler500 = "core.refusals.server_error"
