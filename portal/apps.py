"""The project itself as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Health, metrics, and the way to the workers."""

    name = "portal"
    verbose_name = "Imaging Research Portal"

    def ready(self) -> None:
        """Make the Celery application current: whoever sends a task needs it.

        Without it, web processes and commands would send to Celery's default broker.
        """
        import_module("portal.celery")
