"""``manage.py demo``: makes the demo hospital and loads it into a running server."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import env
from portal.demo.load import Report, load, load_record, written
from portal.demo.objects import demo_objects
from portal.demo.posting import LoadError, Outcome
from portal.demo.record.ndjson import write_ndjson
from portal.demo.record.record import hospital_record
from portal.demo.stories import EVERYONE, LARGEST_SEED, hospital
from portal.demo.truth import write_truth


class Command(BaseCommand):
    """Thin edge: reads the options, writes or loads, prints the counts."""

    help = (
        "Make a small demo hospital and store it over HTTP: the clinical record as "
        "FHIR transactions, the images by STOW-RS."
    )
    requires_system_checks = []  # it talks to the server, not to the database

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        port = env.integer("PORTAL_PORT", 8000)
        parser.add_argument("--patients", type=int, default=len(EVERYONE))
        parser.add_argument("--seed", type=int, default=1, help=f"0 to {LARGEST_SEED}")
        parser.add_argument(
            "--url",
            help=f"server to load into (http://127.0.0.1:{port}; none with --write)",
        )
        parser.add_argument("--token", default=env.text("PORTAL_BOOTSTRAP_TOKEN"))
        parser.add_argument(
            "--write",
            type=Path,
            metavar="FOLDER",
            help="write .dcm, NDJSON and truth",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the hospital and put it where the options say."""
        patients, seed = options["patients"], options["seed"]
        if patients < 0 or not 0 <= seed <= LARGEST_SEED:
            message = f"--seed must be 0 to {LARGEST_SEED}, --patients 0 or more."
            raise CommandError(message)
        people = list(hospital(patients=patients, seed=seed))
        objects = demo_objects(people)
        expected = sum(patient.number_of_instances for patient in people)
        folder: Path | None = options["write"]
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            write_truth(people, folder / "truth.json")
            write_ndjson(hospital_record(people), folder / "record")
            objects = written(objects, folder)
        if folder and not options["url"]:
            number = sum(1 for _ in objects)
            self.stdout.write(f"{number} instances written to {folder}.")
            return
        url = options["url"] or f"http://127.0.0.1:{env.integer('PORTAL_PORT', 8000)}"

        where = {"url": url, "token": options["token"]}
        try:
            record = hospital_record(people)
            told = load_record(record, **where, report=self._report("resources"))
            self._conclude(told)
            counted = self._report(f"of {expected} instances")
            self._conclude(load(objects, **where, report=counted))
        except LoadError as error:
            raise CommandError(str(error)) from error

    def _report(self, what: str) -> Report:
        def report(total: Outcome) -> None:
            self.stdout.write(f"\r{total.stored + total.present} {what}", ending="")
            self.stdout.flush()

        return report

    def _conclude(self, total: Outcome) -> None:
        self.stdout.write(f"\n{total.stored} stored, {total.present} there already.")
        if total.failures:
            shown = "\n".join(total.failures[:10])
            message = f"{len(total.failures)} instances failed:\n{shown}"
            raise CommandError(message)
