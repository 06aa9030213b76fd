"""``manage.py token``: bearer tokens for people and programs."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.accounts.tokens import create_token, list_tokens, revoke_token
from core.errors import PortalError


class Command(BaseCommand):
    """Create, list and revoke bearer tokens."""

    help = "Creates, lists and revokes bearer tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``create``, ``list`` and ``revoke``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="create a token and print it once")
        create.add_argument("account", help="name of the account")
        create.add_argument("--role", required=True, help="for instance Administrator")
        create.add_argument(
            "--expires", type=int, metavar="DAYS", help="default: does not expire"
        )
        listing = verbs.add_parser("list", help="list the tokens that work")
        listing.add_argument("account", nargs="?", help="of this account only")
        revoke = verbs.add_parser("revoke", help="have a token work no more")
        revoke.add_argument("token_id", type=int, help="its number in the list")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        try:
            match options["verb"]:
                case "create":
                    self._create(options)
                case "list":
                    self._list(options)
                case "revoke":
                    revoke_token(token_id=options["token_id"])
        except PortalError as error:
            raise CommandError(error.message) from error

    def _create(self, options: dict[str, Any]) -> None:
        days = options["expires"]
        token = create_token(
            account_name=options["account"],
            role=options["role"],
            expires_at=None if days is None else timezone.now() + timedelta(days),
        )
        self.stdout.write(token)

    def _list(self, options: dict[str, Any]) -> None:
        for token in list_tokens(account_name=options["account"]):
            expires = f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "never"
            self.stdout.write(
                f"{token.pk}\t{token.account.username}\t{token.name}\texpires {expires}"
            )
