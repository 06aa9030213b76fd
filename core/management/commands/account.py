"""``manage.py account``: who may sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.access import system
from core.accounts import changes
from core.errors import PortalError


class Command(BaseCommand):
    """Create, list, disable, enable, unlock and sign out accounts; give passwords."""

    help = (
        "Creates, lists, disables, enables and unlocks accounts, gives passwords,"
        " and ends sessions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="list all accounts")
        create = verbs.add_parser("create", help="make one and print its password once")
        password = verbs.add_parser("password", help="give another one and print it")
        disable = verbs.add_parser("disable", help="end its sessions and tokens")
        enable = verbs.add_parser("enable", help="have one in use again")
        unlock = verbs.add_parser("unlock", help="after too many wrong passwords")
        sign_out = verbs.add_parser("sign-out", help="end all of its sessions")
        for verb in (create, password, disable, enable, sign_out):
            verb.add_argument("name")
        unlock.add_argument("name", help="of the account, or the address")
        create.add_argument(
            "--role", action="append", default=[], help="may be repeated"
        )
        create.add_argument(
            "--staff", action="store_true", help="may use the admin pages"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        try:
            said = _do(options["verb"], options)
        except PortalError as error:
            raise CommandError(error.message) from error
        for line in said:
            self.stdout.write(line)


def _do(verb: str, options: dict[str, Any]) -> list[str]:
    """Do what the verb says, and return what is to be printed."""
    actor, name = system("command line"), options.get("name", "")
    match verb:
        case "list":
            return _lines()
        case "create":
            made = changes.create_account(
                actor=actor,
                name=name,
                roles=options["role"],
                may_use_admin=options["staff"],
            )
            return [made.password]
        case "password":
            return [changes.set_password(actor=actor, name=name).password]
        case "sign-out":
            changes.end_sessions(actor=actor, name=name)
        case "unlock":
            changes.unlock(actor=actor, label=name)
        case _:
            changes.set_active(actor=actor, name=name, is_active=verb == "enable")
    return []


def _lines() -> list[str]:
    return [
        "\t".join(
            [
                account.username,
                "in use" if account.is_active else "disabled",
                ", ".join(sorted(group.name for group in account.groups.all())) or "-",
                account.issuer or "ours",
            ]
        )
        for account in changes.list_accounts(actor=system("command line"))
    ]
