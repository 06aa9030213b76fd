"""Addresses of the pages that ask no credentials of their own."""

from django.urls import path

from portal.pages.health import health_check, healthz, readyz
from portal.pages.metrics import metrics

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("health/check", health_check),
    path("metrics", metrics),
]
