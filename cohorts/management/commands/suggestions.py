"""``manage.py suggestions``: the vectors of names, made now, and how far they are."""

import math
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cohorts.suggestions import kept
from cohorts.suggestions.installed import model_name


class Command(BaseCommand):
    """Show and make what names are suggested by."""

    help = (
        "Shows how many names of the data have a vector, by which a name is suggested"
        " for words that nobody here uses; `make` makes those that are missing. Workers"
        " do so every ten minutes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``status`` and ``make``."""
        parser.add_argument("verb", choices=["status", "make"])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        if options["verb"] == "make":
            if not model_name():
                message = "No model is installed: see docs/operations.md, Suggestions."
                raise CommandError(message)
            kept.make(time_limit_s=math.inf)
        progress = kept.progress()
        self.stdout.write(
            f"{progress.model or 'no model installed'}\t"
            f"{progress.made} of {progress.names} names"
        )
