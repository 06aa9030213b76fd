"""``manage.py export``: have instances taken elsewhere, and watch."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.access import system
from core.errors import PortalError
from core.partitions import DEFAULT_PARTITION
from imaging.export import AS_STORED, Typed, start_export
from imaging.management.watching import Watching


class Command(Watching):
    """Start an export and follow it to its end."""

    help = (
        "Exports instances to a folder below PORTAL_EXPORT_FOLDERS, to a DICOMweb "
        "server of PORTAL_EXPORT_SERVERS, a bucket of PORTAL_EXPORT_BUCKETS, or an "
        "archive that is fetched over HTTP, beside a running server. Ctrl-C ends "
        "the watching, not the export."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what is exported, and where to."""
        parser.add_argument(
            "identifiers",
            nargs="*",
            metavar="UID",
            help="study, study/series or study/series/instance",
        )
        parser.add_argument(
            "--query", help="instead of UIDs: all that a QIDO-RS search finds"
        )
        parser.add_argument(
            "--level",
            default="study",
            choices=["study", "series", "instance"],
            help="what is searched",
        )
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--folder", help="absolute path")
        where.add_argument("--server", help="name of a DICOMweb server")
        where.add_argument("--bucket", help="name of a bucket")
        where.add_argument("--download", action="store_true", help="an archive")
        parser.add_argument(
            "--partition", default=DEFAULT_PARTITION, help="data partition to export"
        )
        parser.add_argument(
            "--transfer-syntax", default=AS_STORED, help="UID; as stored without it"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start, watch, report."""
        try:
            operation = start_export(
                actor=system("manage.py export"),
                partition=options["partition"],
                source=_source(options),
                destination=_destination(options),
                transfer_syntax=options["transfer_syntax"],
            )
        except PortalError as error:
            raise CommandError(error.message) from error
        if not self.watched(operation, "export"):
            return
        for name, value in (operation.result or {}).items():
            self.stdout.write(f"{name}: {value}")
        for item in operation.item_errors.all()[:20]:
            self.stdout.write(f"skipped: {item.item}: {item.error}")
        self.conclude(operation, "export")


def _source(options: dict[str, Any]) -> Typed:
    values, query = options["identifiers"], options["query"]
    if bool(values) == (query is not None):
        message = "Name either UIDs or a --query."
        raise CommandError(message)
    if values:
        return Typed("identifiers", {"values": values})
    return Typed("query", {"query": query, "level": options["level"]})


def _destination(options: dict[str, Any]) -> Typed:
    if options["folder"]:
        return Typed("folder", {"path": options["folder"]})
    if options["server"]:
        return Typed("dicomweb", {"server": options["server"]})
    if options["bucket"]:
        return Typed("bucket", {"bucket": options["bucket"]})
    return Typed("download", {})
