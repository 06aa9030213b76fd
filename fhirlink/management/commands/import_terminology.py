"""``manage.py import_terminology``: code systems, from files that others publish."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.access import system
from core.errors import PortalError
from fhirlink.terminology.content import Content
from fhirlink.terminology.fhir import read_fhir
from fhirlink.terminology.icd import read_icd
from fhirlink.terminology.load import load
from fhirlink.terminology.loinc import read_loinc
from fhirlink.terminology.rxnorm import read_rxnorm
from fhirlink.terminology.snomed import read_snomed

FORMATS = {
    "icd-10-cm": "the order file, or that of codes and titles",
    "loinc": "Loinc.csv, and ComponentHierarchyBySystem.csv for the hierarchy",
    "rxnorm": "the folder of RXNCONSO.RRF and RXNREL.RRF",
    "snomed": "the folder of an RF2 release with its snapshot",
    "fhir": "files of CodeSystems and ValueSets as JSON",
}


class Command(BaseCommand):
    """Load code systems: what codes are called, and what is below which."""

    help = "Loads a code system: " + "; ".join(f"{n}: {w}" for n, w in FORMATS.items())

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the format and the files."""
        parser.add_argument("format", choices=FORMATS)
        parser.add_argument("paths", nargs="+", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load what the files have."""
        try:
            for content in _contents(options["format"], options["paths"]):
                loaded = load(
                    actor=system("command line"),
                    content=content,
                    progress=lambda n, what: self.stderr.write(f"{n:,} {what}"),
                )
                self.stdout.write(
                    f"{loaded.system}\t{loaded.number_of_codes} codes"
                    f"\t{loaded.number_of_pairs} pairs of the hierarchy"
                )
        except PortalError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            message = f"{error.filename} cannot be read: {error.strerror}."
            raise CommandError(message) from error


def _contents(name: str, paths: list[Path]) -> list[Content]:
    if name == "fhir":
        return [content for path in paths for content in read_fhir(path)]
    if name == "loinc":
        return [read_loinc(*paths)]
    if len(paths) > 1:
        message = f"{name} takes one path."
        raise CommandError(message)
    reader = {"icd-10-cm": read_icd, "rxnorm": read_rxnorm, "snomed": read_snomed}[name]
    return [reader(paths[0])]
