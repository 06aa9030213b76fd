"""``manage.py search``: the index that serves searches, where there is one."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import follower_status
from core.access import system
from core.errors import PortalError


class Command(BaseCommand):
    """Show, rebuild and verify the index."""

    help = "Shows the search index in Elasticsearch; rebuilds it and compares it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``status``, ``rebuild`` and ``verify``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status", help="tell what there is and how far it is")
        verbs.add_parser("rebuild", help="fill a new one from the rows, then switch")
        verbs.add_parser("verify", help="compare all documents with their rows")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        if not settings.ELASTICSEARCH_URLS:
            message = "There is no index: ELASTICSEARCH_URL names none."
            raise CommandError(message)
        try:
            match options["verb"]:
                case "status":
                    self._status()
                case "rebuild":
                    self._rebuild()
                case "verify":
                    self._verify()
        except PortalError as error:
            raise CommandError(error.message) from error

    def _status(self) -> None:
        from imaging.query.elastic import overview  # noqa: PLC0415 only who has it

        found = overview.look()
        for level, number in found.documents.items():
            self.stdout.write(f"{level.name}\t{number} documents")
        self.stdout.write(
            f"query tags\t{found.tags} ready\t{found.lacking} documents lack some"
        )
        self.stdout.write(f"generations\t{', '.join(found.generations) or 'none'}")
        self.stdout.write(
            f"follower\tentry {found.follower.seq}\tlag {found.follower.lag}"
            f" ({found.follower.lag_s:.0f} s)"
            f"\tdead letters {found.follower.number_of_dead_letters}"
        )

    def _rebuild(self) -> None:
        from imaging.query.elastic import rebuilding  # noqa: PLC0415 only who has it
        from imaging.query.elastic.fields import NAME  # noqa: PLC0415 only who has it

        follower_status.record_order(
            actor=system("command line"), name=NAME, order="rebuild"
        )
        number = rebuilding.rebuild(lambda done: self.stdout.write(f"{done} …"))
        self.stdout.write(f"{number} studies")

    def _verify(self) -> None:
        from imaging.query.elastic import (  # noqa: PLC0415 only who has it
            comparing,
            rebuilding,
        )

        found = [*rebuilding.verify(), *comparing.verify_others()]
        for each in found:
            self.stdout.write(
                f"{each.what}\t{each.number} rows\t{each.missing} missing"
                f"\t{each.surplus} surplus\t{each.other} different"
            )
            for example in each.examples:
                self.stdout.write(f"  {example}")
        remedies = {f"`{each.remedy}`": None for each in found if not each.is_none}
        if remedies:
            message = f"Index and rows differ: run {' and '.join(remedies)}."
            raise CommandError(message)
