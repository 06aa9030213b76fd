"""``manage.py bootstrap``: the first account of an empty data folder."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.accounts.roles import ADMINISTRATOR
from core.accounts.tokens import create_token


class Command(BaseCommand):
    """Give the service account ``bootstrap`` the token of PORTAL_BOOTSTRAP_TOKEN."""

    help = (
        "Creates the service account 'bootstrap' (Administrator) with the bearer "
        "token given as PORTAL_BOOTSTRAP_TOKEN. Does nothing where it is not set."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Create the account; a second run changes nothing."""
        if settings.BOOTSTRAP_TOKEN:
            create_token(
                account_name="bootstrap",
                role=ADMINISTRATOR,
                name="PORTAL_BOOTSTRAP_TOKEN",
                token=settings.BOOTSTRAP_TOKEN,
            )
