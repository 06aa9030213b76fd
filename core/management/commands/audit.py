"""``manage.py audit``: prove that the audit log is whole, and tell what is in it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core import audit_chain, audit_search
from core.access import system
from core.audit_fhir import audit_event
from core.audit_search import AuditEntry, AuditFilter
from core.errors import PortalError
from core.partitions import DEFAULT_PARTITION, find_partition

ACTOR = system("command line")


class Command(BaseCommand):
    """Check the chains of the audit log, seal them, report and export rows."""

    help = (
        "verify: check every chain and seal of the audit log; fails where one is "
        "broken. seal: seal the chains now, and print the hash to keep elsewhere. "
        "report: who was given, or changed, data of a patient. "
        "export: rows as FHIR R4 AuditEvents, one a line."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("verify", help="check every chain and every seal")
        verbs.add_parser("seal", help="seal the chains, print the seal's hash")
        report = verbs.add_parser("report", help="who saw this patient")
        report.add_argument("--patient", required=True, metavar="PATIENT_ID")
        report.add_argument("--partition", default=DEFAULT_PARTITION)
        export = verbs.add_parser("export", help="rows as FHIR AuditEvents")
        export.add_argument("--format", choices=["ndjson"], default="ndjson")
        for verb in (report, export):
            verb.add_argument("--from", type=_moment, help="from then on (UTC)")
            verb.add_argument("--to", type=_moment, help="before then (UTC)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        try:
            match options["verb"]:
                case "seal":
                    self.stdout.write(audit_chain.seal().hex())
                case "verify":
                    self._verify()
                case "report":
                    self._print(_lines(_report(options)))
                case "export":
                    self._print(_events(options))
        except PortalError as error:
            raise CommandError(error.message) from error

    def _verify(self) -> None:
        number = 0
        for found in audit_chain.verify():
            self.stdout.write(f"{found.writer}\trow {found.sequence}\t{found.problem}")
            number += 1
        audit_search.record_reading(actor=ACTOR, what="verify", where="")
        if number:
            message = f"The audit log is broken in {number} places."
            raise CommandError(message)
        befores = [cut.before for cut in audit_chain.cuts().values() if cut.before]
        if befores:
            self.stdout.write(f"Removed by retention: before {max(befores):%F %T} UTC.")
        self.stdout.write("The audit log is whole.")

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _report(options: dict[str, Any]) -> Iterator[AuditEntry]:
    partition = find_partition(actor=ACTOR, name=options["partition"])
    return audit_search.report_patient_access(
        actor=ACTOR,
        partition_id=partition.pk,
        patient_id=options["patient"],
        since=options["from"],
        until=options["to"],
    )


def _lines(entries: Iterator[AuditEntry]) -> Iterator[str]:
    """Yield a line for each row: when, who, through what, from where, what."""
    for entry in entries:
        columns = (
            f"{entry.at:%F %T}",
            entry.actor,
            entry.via,
            entry.source,
            entry.action.value,
            entry.outcome.name.replace("_", " ").lower(),
            entry.study_instance_uid,
            entry.detail,
            entry.request_id,
        )
        yield "\t".join(columns)


def _events(options: dict[str, Any]) -> Iterator[str]:
    where = AuditFilter(since=options["from"], until=options["to"])
    for entry in audit_search.export_audit(actor=ACTOR, where=where):
        yield audit_event(entry).model_dump_json()


def _moment(text: str) -> datetime:
    """Return a moment: an ISO date, its beginning, or date and time; UTC unless said.

    Raises
    ------
    ValueError
        It is none.
    """
    found = parse_datetime(text)
    if found is None:
        raise ValueError(text)
    return found if timezone.is_aware(found) else timezone.make_aware(found)
