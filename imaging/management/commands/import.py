"""``manage.py import``: bring folders of DICOM files in, and watch."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.access import system
from core.errors import PortalError
from core.models import Operation
from core.partitions import DEFAULT_PARTITION
from imaging import restore
from imaging.folder_import import start_import
from imaging.management.watching import Watching
from imaging.models import ImportedFile


class Command(Watching):
    """Start an import and follow it to its end."""

    help = (
        "Imports all DICOM files below the given folders, or in a zip archive, beside "
        "a running server. Ctrl-C stops watching, not the import; the same command "
        "again is safe, since what is held already is not stored twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folders and how to store."""
        parser.add_argument(
            "folders",
            nargs="+",
            metavar="PATH",
            help="folders, or one zip archive; with --bucket what lies there",
        )
        parser.add_argument(
            "--bucket",
            metavar="NAME",
            help="a bucket of PORTAL_EXPORT_BUCKETS: an exported folder of it, or a zip"
            " archive, is imported",
        )
        parser.add_argument(
            "--partition", default=DEFAULT_PARTITION, help="data partition to store in"
        )
        parser.add_argument(
            "--replace", action="store_true", help="replace what is held already"
        )
        parser.add_argument(
            "--manifest",
            action="store_true",
            help="the one folder is what an export has written: check each file"
            " against its manifest",
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
            operation = self._start(options)
        except PortalError as error:
            raise CommandError(error.message) from error
        if not self.watched(operation, "import"):
            return
        if options["report"]:
            self._write_report(operation, options["report"])
        self._conclude(operation)

    def _start(self, options: dict[str, Any]) -> Operation:
        actor = system("manage.py import")
        terms = {name: options[name] for name in ("partition", "replace")}
        paths, bucket = options["folders"], options["bucket"]
        is_exported = options["manifest"] or bucket or Path(paths[0]).is_file()
        if not is_exported:
            folders = [Path(path) for path in paths]
            return start_import(actor=actor, folders=folders, **terms)
        if len(paths) > 1:
            message = "Import one exported folder, or one archive, at a time."
            raise CommandError(message)
        if bucket:
            where = {"bucket": bucket, "below": paths[0].strip("/")}
        else:
            path = Path(paths[0]).resolve()
            where = {"root": str(path.parent), "below": path.name}
        return restore.start(actor=actor, where=where, **terms)

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
        self.conclude(operation, "import")
