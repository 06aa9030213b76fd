"""Watching long work from the command line, to its end."""

import time
from typing import Final

from django.core.management.base import BaseCommand, CommandError

from core.database import guarded
from core.errors import Busy
from core.models import Operation, OperationState
from core.operations import OPEN

POLL_S: Final = 0.5
PATIENCE_S: Final = 15.0


class Watching(BaseCommand):
    """A command that starts an operation and follows it."""

    def watched(self, operation: Operation, what: str) -> bool:
        """Show progress until it has ended; false where somebody watches no longer."""
        self.stdout.write(f"{what.capitalize()} {operation.pk}")
        try:
            self._watch(operation, what)
        except KeyboardInterrupt:
            self.stdout.write(f"\nNo longer watched; the {what} goes on.")
            return False
        return True

    def conclude(self, operation: Operation, what: str) -> None:
        """Fail where the operation has not succeeded."""
        if operation.state != OperationState.SUCCEEDED:
            message = f"The {what} ended as {operation.state}: {operation.error}"
            raise CommandError(message)

    def _watch(self, operation: Operation, what: str) -> None:
        began = time.monotonic()
        shown = ""
        while operation.state in OPEN:
            time.sleep(POLL_S)
            line = _look(operation, what)
            if line != shown:
                self.stdout.write(line)
                shown = line
            waits = operation.state == OperationState.NOT_STARTED
            if waits and time.monotonic() - began > PATIENCE_S:
                self.stdout.write("No worker has taken it yet: is the server running?")
                began = time.monotonic()


def _look(operation: Operation, what: str) -> str:
    """Return what is to be shown; a database that is away is waited for."""
    try:
        guarded(operation.refresh_from_db)
    except Busy:
        return f"The database is away: the {what} goes on when it is back."
    done = operation.progress.get("done", 0)
    total = operation.progress.get("total", operation.parameters.get("number"))
    of = f" of {total}" if total is not None else ""
    return f"{operation.percent:>3} %  {done}{of} files"
