"""``manage.py audit``: prove that the audit log is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import audit_chain


class Command(BaseCommand):
    """Check the chains of the audit log, or seal them."""

    help = (
        "verify: check every chain and seal of the audit log; fails where one is "
        "broken. seal: seal the chains now, and print the hash to keep elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare ``verify`` and ``seal``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("verify", help="check every chain and every seal")
        verbs.add_parser("seal", help="seal the chains, print the seal's hash")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        if options["verb"] == "seal":
            self.stdout.write(audit_chain.seal().hex())
        else:
            self._verify()

    def _verify(self) -> None:
        number = 0
        for found in audit_chain.verify():
            self.stdout.write(f"{found.writer}\trow {found.sequence}\t{found.problem}")
            number += 1
        if number:
            message = f"The audit log is broken in {number} places."
            raise CommandError(message)
        self.stdout.write("The audit log is whole.")
