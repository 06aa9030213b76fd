"""``manage.py schema``: writes down what GraphQL answers, or checks it."""

from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import schema

FILE: Final = Path(schema.__file__).with_suffix(".graphql")


class Command(BaseCommand):
    """Write ``portal/schema.graphql``, from which clients make their types."""

    help = "Writes portal/schema.graphql, the schema of /graphql; --check compares it."
    requires_system_checks: Any = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take ``--check``."""
        parser.add_argument(
            "--check", action="store_true", help="fail where the file is not as it is"
        )

    def handle(self, *, check: bool, **_options: Any) -> None:
        """Write or compare the file."""
        text = schema.schema.as_str() + "\n"
        if not check:
            FILE.write_text(text, encoding="utf-8")
        elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
            message = (
                f"{FILE.name} is not what /graphql answers: run manage.py schema, and"
                " look at what has changed for clients."
            )
            raise CommandError(message)
