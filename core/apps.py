"""The ground floor as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """Accounts, access, the change feed, operations and the audit log."""

    name = "core"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Have the roles seeded after each migration."""
        from core.accounts.roles import seed_roles  # noqa: PLC0415 needs the models

        post_migrate.connect(seed_roles, sender=self)
