"""``manage.py token create``: bearer tokens for people and programs."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.accounts.tokens import create_token
from core.errors import PortalError


class Command(BaseCommand):
    """Create a bearer token and print it once."""

    help = "Creates a bearer token (and its account, if needed) and prints it once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``create ACCOUNT --role ROLE [--expires DAYS]``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="create a token and print it once")
        create.add_argument("account", help="name of the account")
        create.add_argument("--role", required=True, help="for instance Administrator")
        create.add_argument(
            "--expires", type=int, metavar="DAYS", help="default: does not expire"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Create the token."""
        days = options["expires"]
        try:
            token = create_token(
                account_name=options["account"],
                role=options["role"],
                expires_at=None if days is None else timezone.now() + timedelta(days),
            )
        except PortalError as error:
            raise CommandError(error.message) from error
        self.stdout.write(token)
