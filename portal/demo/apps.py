"""The demo hospital as a Django app: it has a command and no models."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Registers the command ``demo``."""

    name = "portal.demo"
    label = "demo"
    verbose_name = "Demo hospital"
