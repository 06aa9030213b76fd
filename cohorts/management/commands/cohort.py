"""``manage.py cohort``: answer criteria and save them, beside a running server."""

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cohorts.answers.as_json import answer
from cohorts.answers.as_text import summary
from cohorts.answers.running import answer_cohort, run_saved
from cohorts.definitions.found import content_of, list_definitions, saved_under
from cohorts.definitions.saving import save_definition
from cohorts.models import Definition, DefinitionKind
from core.access import Actor, system
from core.accounts.actors import actor_of_account
from core.errors import PortalError
from core.models import Account
from core.partitions import DEFAULT_PARTITION

KIND = DefinitionKind.COHORT


class Command(BaseCommand):
    """Thin edge: reads criteria, has them answered, writes the answer."""

    help = (
        "Answers a question of patients, studies and events that is given as JSON"
        " (docs/criteria.md), and prints who was found, what was wanted of them, and"
        " what each criterion has left. Saves questions and sets of concepts under"
        " names that criteria may have."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = _verb(verbs, "run", "answer criteria")
        run.add_argument(
            "criteria", help="a file of JSON, - to read it here; or a saved name"
        )
        run.add_argument(
            "--now", type=date.fromisoformat, metavar="DATE", help="what counts as now"
        )
        run.add_argument(
            "--project",
            help="asked within: of its patients, without their names if"
            " the account does not see these",
        )
        run.add_argument("--json", action="store_true", help="print JSON")
        save = _verb(verbs, "save", "save a question; with --set a set of concepts")
        save.add_argument("name")
        save.add_argument("content", type=Path, help="a file of JSON; - reads it here")
        save.add_argument("--description", help="what it is for")
        listing = _verb(verbs, "list", "list what is saved")
        show = _verb(verbs, "show", "print what is saved under a name, as JSON")
        show.add_argument("name")
        for each in (save, listing, show):
            each.add_argument("--set", action="store_true", help="a set of concepts")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        actor = _actor(options["account"])
        try:
            getattr(self, f"_{options['verb']}")(actor, options)
        except PortalError as error:
            raise CommandError(error.message) from error

    def _run(self, actor: Actor, options: dict[str, Any]) -> None:
        path, partition = Path(options["criteria"]), options["partition"]
        asked: dict[str, Any] = {"actor": actor, "partition": partition}
        how = {name: options[name] for name in ("now", "project")}
        if str(path) == "-" or path.is_file():
            criteria = _criteria(path)
            run = answer_cohort(**asked, criteria=criteria, **how).run
        else:
            saved = saved_under(**asked, kind=KIND, name=str(path))
            run = run_saved(actor=actor, key=saved.pk, **how)
        told = answer if options["json"] else summary
        self._write(told(actor, run))

    def _save(self, actor: Actor, options: dict[str, Any]) -> None:
        saved = save_definition(
            actor=actor,
            partition=options["partition"],
            kind=_kind(options),
            name=options["name"],
            content=_criteria(options["content"]),
            description=options["description"],
        )
        self.stdout.write(_line(saved))

    def _list(self, actor: Actor, options: dict[str, Any]) -> None:
        partition = options["partition"]
        for each in list_definitions(
            actor=actor, partition=partition, kind=_kind(options)
        ):
            self.stdout.write(_line(each))

    def _show(self, actor: Actor, options: dict[str, Any]) -> None:
        saved = saved_under(
            actor=actor,
            partition=options["partition"],
            kind=_kind(options),
            name=options["name"],
        )
        content = content_of(actor=actor, key=saved.pk)
        told = orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()
        self.stdout.write(told)

    def _write(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.stdout.write(piece.decode(), ending="")


def _verb(verbs: Any, name: str, help_: str) -> CommandParser:
    parser: CommandParser = verbs.add_parser(name, help=help_)
    parser.add_argument("--as", dest="account", help="the account that asks")
    parser.add_argument(
        "--partition", default=DEFAULT_PARTITION, help="the data partition"
    )
    return parser


def _kind(options: dict[str, Any]) -> DefinitionKind:
    return DefinitionKind.SET if options["set"] else KIND


def _line(saved: Definition) -> str:
    version = f"version {getattr(saved, 'version', 0)}"
    return "\t".join((str(saved.pk), saved.name, str(saved.owner or "-"), version))


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
