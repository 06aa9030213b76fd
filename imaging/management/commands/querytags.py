"""Extended query tags from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.access import system
from core.errors import PortalError
from core.models import Operation
from imaging.models import TagLevel, TagStatus
from imaging.query_tags.definition import define
from imaging.query_tags.errors import count_faults
from imaging.query_tags.managing import add_tags, delete_tag, enable_tag, list_tags
from imaging.query_tags.tag import name_of

_ACTOR = system("command line")


class Command(BaseCommand):
    """Manages the query tags; a running server's workers index by them."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a verb and what it is about."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="all tags, and how far they are")
        add = verbs.add_parser("add", help="have attributes be searchable")
        add.add_argument("paths", nargs="+", metavar="path")
        add.add_argument("--level", choices=TagLevel.values, required=True)
        add.add_argument("--vr", default="", help="needed for private tags")
        add.add_argument("--creator", default="", help="of private tags")
        for verb, does in (
            ("delete", "have an attribute be searchable no longer"),
            ("enable", "let searches use a tag"),
            ("disable", "let no search use a tag"),
        ):
            verbs.add_parser(verb, help=does).add_argument("path")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        try:
            match options["verb"]:
                case "list":
                    self._list()
                case "add":
                    self._add(options)
                case "delete":
                    self._tell(delete_tag(actor=_ACTOR, path=options["path"]))
                case "enable" | "disable" as verb:
                    is_enabled = verb == "enable"
                    path = options["path"]
                    enable_tag(actor=_ACTOR, path=path, is_enabled=is_enabled)
        except PortalError as error:
            raise CommandError(error.message) from error

    def _add(self, options: dict[str, Any]) -> None:
        given = {"vr": options["vr"], "private_creator": options["creator"]}
        definitions = [
            define(path, level=options["level"], **given) for path in options["paths"]
        ]
        self._tell(add_tags(actor=_ACTOR, definitions=definitions))

    def _tell(self, operation: Operation) -> None:
        self.stdout.write(f"operation {operation.pk}")

    def _list(self) -> None:
        tags = list_tags(actor=_ACTOR)
        operations = Operation.objects.in_bulk([tag.operation_id for tag in tags])
        faults = count_faults(actor=_ACTOR, tags=[tag.pk for tag in tags])
        for tag in tags:
            how_far = str(tag.status)
            operation = operations.get(tag.operation_id)
            if tag.status != TagStatus.READY and operation is not None:
                how_far += f" ({operation.state}, {operation.percent} %)"
            enabled = "enabled" if tag.is_enabled else "disabled"
            columns = (tag.path, name_of(tag.path), tag.vr, tag.level, how_far, enabled)
            self.stdout.write("\t".join((*columns, f"{faults.get(tag.pk, 0)} errors")))
