"""``manage.py fhir_import``: bring resources in from files, and watch."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.access import system
from core.errors import PortalError
from core.partitions import DEFAULT_PARTITION
from fhirlink.bulk.importing import start_import
from imaging.management.watching import Watching

_SHOWN = 20


class Command(Watching):
    """Start an import and follow it to its end."""

    help = (
        "Imports all FHIR resources below the given folders, beside a running server:"
        " .ndjson files of a resource or bundle a line, and .json files of one. Ctrl-C"
        " stops watching, not the import; the same command again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folders and where to store."""
        parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
        parser.add_argument(
            "--partition", default=DEFAULT_PARTITION, help="data partition to store in"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start, watch, report."""
        try:
            operation = start_import(
                actor=system("manage.py fhir_import"),
                folders=options["folders"],
                partition=options["partition"],
            )
        except PortalError as error:
            raise CommandError(error.message) from error
        if not self.watched(operation, "import"):
            return
        for outcome, number in sorted((operation.result or {}).items()):
            self.stdout.write(f"{number:>8} {outcome}")
        for item in operation.item_errors.all()[:_SHOWN]:
            self.stdout.write(f"refused: {item.item}: {item.error}")
        if operation.number_of_errors > _SHOWN:
            more = operation.number_of_errors - _SHOWN
            self.stdout.write(f"and {more} more: errors.ndjson of the operation")
        self.conclude(operation, "import")
