"""``manage.py fhir_remote``: servers of others, and how far each is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.access import system
from core.errors import PortalError
from fhirlink.models import RemoteServer
from fhirlink.remote import managing, turns

ACTOR = system("command line")
TURN_S = 60.0


class Command(BaseCommand):
    """List, sync and resync FHIR servers of others."""

    help = (
        "Shows the FHIR servers that partitions are kept in step with; sends and takes"
        " at once, or compares everything anew. Audited."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="the servers and what goes out and in")
        status = verbs.add_parser("status", help="what waits, was given up, was taken")
        status.add_argument("name", nargs="?")
        sync = verbs.add_parser("sync", help="send and take now, in this process")
        sync.add_argument("name")
        resync = verbs.add_parser("resync", help="compare and take everything anew")
        resync.add_argument("name")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        try:
            match options["verb"]:
                case "list":
                    for server in managing.list_servers(actor=ACTOR):
                        self._list(server)
                case "status":
                    for server in managing.list_servers(actor=ACTOR):
                        if options["name"] in {None, server.name}:
                            self._status(server)
                case "sync":
                    self._sync(managing.find_server(actor=ACTOR, name=options["name"]))
                case "resync":
                    server = managing.resync(actor=ACTOR, name=options["name"])
                    self._status(server)
        except PortalError as error:
            raise CommandError(error.message) from error

    def _list(self, server: RemoteServer) -> None:
        state = "enabled" if server.is_enabled else "disabled"
        self.stdout.write(
            f"{server.name}\t{server.partition.name}\t{server.base_url}\t{state}"
            f"\tout {','.join(server.types_out) or '-'}"
            f"\tin {','.join(server.types_in) or '-'}"
        )

    def _sync(self, server: RemoteServer) -> None:
        RemoteServer.objects.filter(pk=server.pk).update(retry_at=None)
        while turns.take_turn(server.pk, time_limit_s=TURN_S, now_due=True):
            pass
        server.refresh_from_db()
        self._status(server)

    def _status(self, server: RemoteServer) -> None:
        status = managing.status_of(actor=ACTOR, server=server)
        error = f"\t{server.error}" if server.error else ""
        self.stdout.write(
            f"{server.name}\twaiting {status.waiting} ({status.lag_s:.0f} s)"
            f"\tdead letters {status.dead}\tfailures {server.failures}{error}"
        )
        for each in status.inbound:
            lag = "never" if each.lag_s is None else f"{each.lag_s:.0f} s ago"
            self.stdout.write(f"  {each.type}\ttaken {lag}\t{each.error}".rstrip())
