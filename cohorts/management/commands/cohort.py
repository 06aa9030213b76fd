"""``manage.py cohort run``: answer criteria, beside a running server."""

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cohorts.answers.as_json import answer
from cohorts.answers.as_text import summary
from cohorts.answers.running import run_cohort
from core.access import Actor, system
from core.accounts.actors import actor_of_account
from core.errors import PortalError
from core.models import Account
from core.partitions import DEFAULT_PARTITION


class Command(BaseCommand):
    """Thin edge: reads criteria, has them answered, writes the answer."""

    help = (
        "Answers a question of patients, studies and events that is given as JSON"
        " (docs/criteria.md), and prints who was found, what was wanted of them, and"
        " what each criterion has left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``run``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = verbs.add_parser("run", help="answer criteria")
        run.add_argument("criteria", type=Path, help="a file of JSON; - reads it here")
        run.add_argument(
            "--now", type=date.fromisoformat, metavar="DATE", help="what counts as now"
        )
        run.add_argument("--as", dest="account", help="the account that asks")
        run.add_argument(
            "--partition", default=DEFAULT_PARTITION, help="data partition asked of"
        )
        run.add_argument(
            "--project",
            help="asked within: of its patients, without their names if"
            " the account does not see these",
        )
        run.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Answer, and print."""
        actor = _actor(options["account"])
        try:
            run = run_cohort(
                actor=actor,
                partition=options["partition"],
                criteria=_criteria(options["criteria"]),
                now=options["now"],
                project=options["project"],
            )
            if options["json"]:
                self._write(answer(actor, run))
            else:
                self._write(summary(actor, run))
        except PortalError as error:
            raise CommandError(error.message) from error

    def _write(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.stdout.write(piece.decode(), ending="")


def _actor(name: str | None) -> Actor:
    if name is None:
        return system("command line")
    account = Account.objects.filter(username=name, is_active=True).first()
    if account is None:
        message = f"There is no account {name!r} that is in use."
        raise CommandError(message)
    return actor_of_account(account)


def _criteria(path: Path) -> object:
    try:
        text = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return orjson.loads(text)
    except (OSError, orjson.JSONDecodeError) as error:
        message = f"{path} cannot be read: {error}"
        raise CommandError(message) from error
