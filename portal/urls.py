"""Django's addresses; DICOMweb lies beside Django in `portal.asgi`."""

from django.contrib import admin
from django.urls import path, re_path
from django.views.generic import RedirectView

from core.admin_site import STATUS
from portal.pages.app import PATTERN, app
from portal.pages.criteria import schema_of_criteria
from portal.pages.health import health_check, healthz, readyz
from portal.pages.image_display import image_display
from portal.pages.issuer_sign_in import CALLBACK, begin_at_issuer, finish_at_issuer
from portal.pages.metrics import metrics
from portal.pages.own_password import own_password
from portal.pages.sign_in import sign_in, sign_out
from portal.pages.status import system_status
from portal.pages.viewer import viewer

urlpatterns = [
    path("", app),
    re_path(PATTERN, app),
    path("sign-in/", sign_in),
    path("sign-in/oidc/<str:name>/", begin_at_issuer),
    path("sign-in/oidc/<str:name>/callback/", finish_at_issuer, name=CALLBACK),
    path("sign-out/", sign_out),
    path("account/password/", own_password),
    path("admin/password_change/", own_password),
    path("admin/login/", sign_in),  # one place where passwords are checked
    path("admin/logout/", sign_out),
    path("admin/status/", admin.site.admin_view(system_status), name=STATUS),
    path("admin/", admin.site.urls),
    path("viewer/<path:path>", viewer),
    path("viewer/", viewer, {"path": ""}),
    # As `fhirlink.linkage.endpoints` names it to others.
    path("IHEInvokeImageDisplay/<str:partition>", image_display),
    path("favicon.ico", RedirectView.as_view(url="/static/portal/icon.svg")),
    path("healthz", healthz),
    path("readyz", readyz),
    path("health/check", health_check),
    path("metrics", metrics),
    path("criteria.schema.json", schema_of_criteria),
]
handler500 = "core.refusals.server_error"
