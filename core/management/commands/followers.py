"""``manage.py followers``: what is derived from the change feed, and how far it is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import follower_status, followers
from core.access import system
from core.errors import PortalError


class Command(BaseCommand):
    """Show, rebuild and replay followers."""

    help = "Shows how far the followers of the change feed are; rebuilds and replays."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``status``, ``rebuild NAME`` and ``replay NAME``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status", help="list the followers and their lag")
        rebuild = verbs.add_parser("rebuild", help="derive everything again")
        rebuild.add_argument("name")
        replay = verbs.add_parser("replay", help="try the dead letters again")
        replay.add_argument("name")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        verb = options["verb"]
        try:
            if verb != "status":
                name = followers.follower_named(options["name"]).name
                actor = system("command line")
                follower_status.record_order(actor=actor, name=name, order=verb)
            match verb:
                case "status":
                    self._status()
                case "rebuild":
                    followers.rebuild(followers.follower_named(options["name"]))
                    self._status()
                case "replay":
                    self._replay(options["name"])
        except PortalError as error:
            raise CommandError(error.message) from error

    def _status(self) -> None:
        for status in follower_status.status():
            self.stdout.write(
                f"{status.name}\tversion {status.version}\tentry {status.seq}"
                f"\tlag {status.lag} ({status.lag_s:.0f} s)"
                f"\tdead letters {status.number_of_dead_letters}"
            )

    def _replay(self, name: str) -> None:
        done, kept = followers.replay(followers.follower_named(name))
        self.stdout.write(f"replayed {done}, still dead {kept}")
