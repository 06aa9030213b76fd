"""``manage.py import``: bring folders of DICOM files in, and watch."""

import time
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.access import system
from core.database import guarded
from core.errors import Busy, PortalError
from core.models import Operation, OperationState
from core.partitions import DEFAULT_PARTITION
from imaging.folder_import import start_import
from imaging.models import ImportedFile

POLL_S: Final = 0.5
PATIENCE_S: Final = 15.0
OPEN: Final = (OperationState.NOT_STARTED, OperationState.RUNNING)


class Command(BaseCommand):
    """Start an import and follow it to its end."""

    help = (
        "Imports all DICOM files below the given folders, beside a running server. "
        "Ctrl-C stops watching, not the import; the same command again is safe, since "
        "what is held already is not stored twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folders and how to store."""
        parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
        parser.add_argument(
            "--partition", default=DEFAULT_PARTITION, help="data partition to store in"
        )
        parser.add_argument(
            "--replace", action="store_true", help="replace what is held already"
        )
        parser.add_argument(
            "--report",
            type=Path,
            metavar="FILE",
            help="write a line for each file: outcome, path, reason (tab separated)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start, watch, report."""
        try:
            operation = start_import(
                actor=system("manage.py import"),
                folders=options["folders"],
                partition=options["partition"],
                replace=options["replace"],
            )
        except PortalError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Import {operation.pk}")
        try:
            self._watch(operation)
        except KeyboardInterrupt:
            self.stdout.write("\nNo longer watched; the import goes on.")
            return
        if options["report"]:
            self._write_report(operation, options["report"])
        self._conclude(operation)

    def _watch(self, operation: Operation) -> None:
        began = time.monotonic()
        shown = ""
        while operation.state in OPEN:
            time.sleep(POLL_S)
            line = self._look(operation)
            if line != shown:
                self.stdout.write(line)
                shown = line
            waits = operation.state == OperationState.NOT_STARTED
            if waits and time.monotonic() - began > PATIENCE_S:
                self.stdout.write("No worker has taken it yet: is the server running?")
                began = time.monotonic()

    def _look(self, operation: Operation) -> str:
        """Return what is to be shown; a database that is away is waited for."""
        try:
            guarded(operation.refresh_from_db)
        except Busy:
            return "The database is away: the import goes on when it is back."
        return _progress_line(operation)

    def _write_report(self, operation: Operation, path: Path) -> None:
        lines = ImportedFile.objects.filter(operation=operation).order_by("id")
        with path.open("w", encoding="utf-8") as report:
            for line in lines.iterator():
                report.write(f"{line.outcome}\t{line.path}\t{line.comment}\n")

    def _conclude(self, operation: Operation) -> None:
        for outcome, number in sorted((operation.result or {}).items()):
            self.stdout.write(f"{number:>8} {outcome}")
        for item in operation.item_errors.all()[:20]:
            self.stdout.write(f"refused: {item.item}: {item.error}")
        if operation.number_of_errors > 20:
            self.stdout.write(f"and {operation.number_of_errors - 20} more: --report")
        if operation.state != OperationState.SUCCEEDED:
            message = f"The import ended as {operation.state}: {operation.error}"
            raise CommandError(message)


def _progress_line(operation: Operation) -> str:
    done = operation.progress.get("done", 0)
    total = operation.progress.get("total", "?")
    return f"{operation.percent:>3} %  {done} of {total} files"
