"""``manage.py demo_record``: clinical records without pixels, and the demo's truth."""

import time
from argparse import ArgumentParser
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demo.record.house import shared_resources
from portal.demo.record.ndjson import write_ndjson
from portal.demo.record.population import population
from portal.demo.record.record import record_of
from portal.demo.stories import EVERYONE, LARGEST_SEED, REFERENCE_DATE, hospital
from portal.demo.truth import write_truth


class Command(BaseCommand):
    """Thin edge: writes a population's records, or the truth of the demo hospital."""

    help = (
        "Write the records of a population as NDJSON, a file for each type of "
        "resource; or what is true of the demo hospital."
    )
    requires_system_checks = []  # it writes files and needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--patients", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1, help=f"0 to {LARGEST_SEED}")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--out", type=Path, metavar="FOLDER")
        where.add_argument(
            "--truth", type=Path, metavar="FILE", help="of the default demo hospital"
        )
        parser.add_argument(
            "--now",
            type=date.fromisoformat,
            default=REFERENCE_DATE,
            help="the day on which the question of the truth is asked",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what was asked for."""
        patients, seed = options["patients"], options["seed"]
        if patients < 0 or not 0 <= seed <= LARGEST_SEED:
            message = f"--seed must be 0 to {LARGEST_SEED}, --patients 0 or more."
            raise CommandError(message)
        if options["truth"]:
            people = hospital(patients=len(EVERYONE), seed=1)
            write_truth(people, options["truth"], now=options["now"])
            return
        start = time.monotonic()
        records = map(record_of, population(patients=patients, seed=seed))
        resources = chain(shared_resources(), chain.from_iterable(records))
        counts = write_ndjson(resources, options["out"])
        seconds = time.monotonic() - start
        self.stdout.write(
            f"{counts.total()} resources of {patients} patients in {seconds:.1f} s:"
        )
        for kind, count in sorted(counts.items()):
            self.stdout.write(f"  {kind} {count}")
