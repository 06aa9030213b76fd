"""``manage.py token``: bearer tokens for people and programs."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.access import Verb
from core.accounts.tokens import (
    GRACE,
    create_token,
    list_tokens,
    revoke_token,
    rotate_token,
)
from core.errors import PortalError
from core.models import Partition, Token

HOUR = timedelta(hours=1)


class Command(BaseCommand):
    """Create, list, rotate and revoke bearer tokens."""

    help = "Creates, lists, rotates and revokes bearer tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``create``, ``list``, ``rotate`` and ``revoke``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        _declare_create(verbs.add_parser("create", help="create one and print it once"))
        listing = verbs.add_parser("list", help="list the tokens that work")
        listing.add_argument("account", nargs="?", help="of this account only")
        rotate = verbs.add_parser("rotate", help="print one that replaces another")
        rotate.add_argument("token_id", type=int, help="its number in the list")
        rotate.add_argument(
            "--grace",
            type=float,
            default=GRACE / HOUR,
            metavar="HOURS",
            help="how long the old one works on (default: %(default)g)",
        )
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
                case "rotate":
                    grace = max(options["grace"], 0) * HOUR
                    made = rotate_token(token_id=options["token_id"], grace=grace)
                    self.stdout.write(made.text)
                case "revoke":
                    revoke_token(token_id=options["token_id"])
        except PortalError as error:
            raise CommandError(error.message) from error

    def _create(self, options: dict[str, Any]) -> None:
        days = options["expires"]
        token = create_token(
            account_name=options["account"],
            role=options["role"],
            name=options["name"],
            expires_at=None if days is None else timezone.now() + timedelta(days),
            verbs=options["scope"],
            partitions=options["partition"],
        )
        self.stdout.write(token)

    def _list(self, options: dict[str, Any]) -> None:
        for token in list_tokens(account_name=options["account"]):
            cells = (token.pk, token.account.username, token.name, *_cells(token))
            self.stdout.write("\t".join(map(str, cells)))


def _declare_create(create: CommandParser) -> None:
    create.add_argument("account", help="name of the account")
    create.add_argument("--role", required=True, help="for instance Administrator")
    create.add_argument("--name", default="command line", help="what it is for")
    create.add_argument(
        "--expires", type=int, metavar="DAYS", help="default: does not expire"
    )
    create.add_argument(
        "--scope",
        action="append",
        type=Verb,
        choices=list(Verb),
        metavar="VERB",
        help="a verb that it is limited to, may be repeated; one of " + ", ".join(Verb),
    )
    create.add_argument(
        "--partition",
        action="append",
        metavar="NAME",
        help="a partition that it is limited to, may be repeated",
    )


def _cells(token: Token) -> list[str]:
    """Return when a token ends and was used, and what it is limited to."""
    ends = f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "never"
    used = f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never"
    cells = [f"expires {ends}", f"used {used}"]
    if token.verbs is not None:
        cells.append("only " + " ".join(token.verbs))
    if token.partitions is not None:
        held = Partition.objects.filter(pk__in=token.partitions).order_by("name")
        cells.append("only in " + " ".join(held.values_list("name", flat=True)))
    return cells
