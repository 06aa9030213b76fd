"""``manage.py lake``: how the lake is, what is done with it, and questions to it."""

import csv
import json
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import audit, follower_status, followers
from core.access import system
from core.errors import PortalError
from imaging import lake
from imaging.lake import LakeFollower
from imaging.lake.places import lake_place

ACTOR: Final = system("command line")
SHOWN: Final = 1_000  # rows of a table for the eye


class Command(BaseCommand):
    """Show, build anew, tend and ask the lake."""

    help = (
        "Shows the Delta tables of PORTAL_LAKE, builds them anew, merges their files,"
        " removes old ones, and answers questions in SQL. Audited."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status", help="list the tables, and how far they are")
        verbs.add_parser("rebuild", help="build all anew, then switch")
        verbs.add_parser("compact", help="merge small files")
        verbs.add_parser("vacuum", help="remove files past their retention time")
        sql = verbs.add_parser("sql", help="answer a SELECT")
        sql.add_argument("question")
        sql.add_argument("--format", choices=("table", "csv", "json"), default="table")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        verb = options["verb"]
        try:
            place = lake_place()
            if verb in {"rebuild", "compact", "vacuum"}:
                detail = f"{verb} lake"
                audit.record(audit.Event(ACTOR, audit.Action.OPERATE, detail=detail))
            match verb:
                case "status":
                    self.stdout.write(place.url)
                    self._status()
                case "rebuild":
                    followers.rebuild(LakeFollower())
                    self._status()
                case "compact":
                    merged = lake.compact_lake(wait=True)
                    self.stdout.write(f"Merged {merged} files.")
                case "vacuum":
                    removed = lake.vacuum_lake(wait=True)
                    self.stdout.write(f"Removed {removed} files.")
                case "sql":
                    self._ask(options["question"], options["format"])
        except PortalError as error:
            raise CommandError(error.message) from error

    def _status(self) -> None:
        for one in lake.list_states():
            self.stdout.write(
                f"{one.name}\tentry {one.position}\trows {one.number_of_rows}"
                f"\tfiles {one.number_of_files}\tbytes {one.size_bytes}"
                f"\tversion {one.version}\t{one.committed_at:%Y-%m-%dT%H:%M:%SZ}"
            )
        for status in follower_status.status():
            if status.name == LakeFollower.name:
                self.stdout.write(
                    f"entry {status.seq}\tlag {status.lag} ({status.lag_s:.0f} s)"
                    f"\tdead letters {status.number_of_dead_letters}"
                )

    def _ask(self, question: str, form: str) -> None:
        from imaging.lake.sql import ask  # noqa: PLC0415 loads delta-rs and DuckDB

        with ask(actor=ACTOR, question=question) as answer:
            match form:
                case "csv":
                    writer = csv.writer(self.stdout)
                    writer.writerow(answer.columns)
                    writer.writerows(answer.rows)
                case "json":
                    for row in answer.rows:
                        named = dict(zip(answer.columns, row, strict=True))
                        self.stdout.write(json.dumps(named, default=str))
                case _:
                    self._show(answer.columns, answer.rows)

    def _show(self, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
        """Write a table for the eye, as long as one can be looked at."""
        remaining = iter(rows)
        shown = [
            columns,
            *(tuple(map(_word, row)) for row in islice(remaining, SHOWN)),
        ]
        widths = [max(map(len, cells)) for cells in zip(*shown, strict=True)]
        for row in shown:
            cells = (cell.ljust(n) for cell, n in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        if next(remaining, None) is not None:
            self.stdout.write(f"… and more than these {SHOWN}: --format csv has all.")


def _word(value: object) -> str:
    return "" if value is None else str(value)
