"""``manage.py fhir_reindex``: derive anew what resources are found by."""

from typing import Any

from django.core.management.base import BaseCommand

from core.access import system
from fhirlink.reindex import reindex


class Command(BaseCommand):
    """Index all resources anew, and say how far it is."""

    help = (
        "Derives anew what FHIR resources are found by, beside a running server: after"
        " an upgrade whose notes ask for it. It can be ended and begun again."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Index, and tell."""
        number = reindex(actor=system("manage.py fhir_reindex"), told=self._tell)
        self.stdout.write(f"{number} resources are indexed anew.")

    def _tell(self, number: int) -> None:
        self.stdout.write(f"{number} …")
