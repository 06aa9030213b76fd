"""Django's addresses; DICOMweb lies beside Django in `portal.asgi`."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]
