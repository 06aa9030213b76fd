"""Taking lines of an import: parsed, looked at, and written in batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid5

from django.db import DataError, transaction

from core.access import deputy
from core.errors import Invalid, PortalError
from core.followers import is_transient
from core.models import Operation
from core.partitions import get_or_create_partition
from fhirlink.bulk.lines import Line
from fhirlink.bundles.entries import entries_of
from fhirlink.bundles.transaction import commit_transaction
from fhirlink.json_text import parse
from fhirlink.preconditions import checked_id
from fhirlink.served import is_served
from fhirlink.validation import require_valid
from fhirlink.write import Change, write

BATCH: Final = 1_000  # resources of a transaction
_KINDS: Final = frozenset({"collection", "searchset", "batch", "transaction"})


@dataclass(slots=True)
class Place:
    """Where an import is, and what came of it by now; the cursor of the operation."""

    file: tuple[int, str] | None = None
    offset: int = 0
    line: int = 1
    done_bytes: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, progress: Mapping[str, Any]) -> "Place":
        """Return the place that an operation has come to."""
        found = cls(**progress["place"]) if "place" in progress else cls()
        if found.file is not None:  # JSON has lists only
            position, path = found.file
            found.file = position, path
        return found

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {name: getattr(self, name) for name in self.__slots__}

    def count(self, outcome: str, number: int = 1) -> None:
        """Count what came of resources."""
        self.counts[outcome] = self.counts.get(outcome, 0) + number


class Taking:
    """Takes lines, and writes what they hold in batches."""

    def __init__(
        self, operation: Operation, at: Place, refused: list[tuple[str, str]]
    ) -> None:
        self._operation = operation
        via = f"operation {operation.pk}"
        self._actor = deputy(operation.account_id, operation.actor, via=via)
        self._partition: str = operation.parameters["partition"]
        self._partition_id = get_or_create_partition(
            actor=self._actor, name=self._partition
        )
        self._at = at
        self._refused = refused
        self._waiting: dict[tuple[str, str], tuple[str, Change]] = {}

    def take(self, name: str, line: Line) -> None:
        """Take a line, or write down why not."""
        item = f"{name}:{line.number}"
        try:
            if line.content is None:
                message = "The line is too long."
                raise Invalid(message)
            self._take(item, parse(line.content))
        except PortalError as error:
            if is_transient(error):
                raise
            self._refuse(item, error)

    def _take(self, item: str, content: Mapping[str, Any]) -> None:
        if content.get("resourceType") != "Bundle" or content.get("type") not in _KINDS:
            self._add(item, content)
        elif content["type"] == "transaction":
            self.flush()
            done = commit_transaction(
                actor=self._actor,
                partition=self._partition,
                entries=entries_of(content),
                new_id=lambda entry: self._id_of(f"{item}#{entry.place}"),
            )
            for each in done:
                if each.written is not None:
                    self._at.count(each.written.outcome)
        else:
            for number, entry in enumerate(_entries(content)):
                self._add_entry(f"{item}#{number}", entry)

    def _add_entry(self, item: str, entry: Any) -> None:
        try:
            self._add(item, entry.get("resource") if isinstance(entry, dict) else None)
        except PortalError as error:
            self._refuse(item, error)

    def _add(self, item: str, content: Any) -> None:
        """Have a resource written with the next batch."""
        if not isinstance(content, dict) or not is_served(
            str(content.get("resourceType"))
        ):
            message = "It is no resource of a type that is stored here."
            raise Invalid(message, path="resourceType")
        given = content.get("id")
        if given is None:
            given = self._id_of(item)
        fhir_id = checked_id(given if isinstance(given, str) else "")
        require_valid(content)
        change = Change(content["resourceType"], fhir_id, "PUT", content)
        if change.address in self._waiting:  # in the order of the file
            self.flush()
        self._waiting[change.address] = item, change
        if len(self._waiting) >= BATCH:
            self.flush()

    def _id_of(self, item: str) -> str:
        """Return the id of what comes without one: the same if the step is repeated."""
        return str(uuid5(self._operation.pk, item))

    def flush(self) -> None:
        """Write what waits; where the database takes not all of it, one by one."""
        waiting = list(self._waiting.values())
        self._waiting.clear()
        try:
            self._write([change for _, change in waiting])
        except (PortalError, DataError) as error:
            if is_transient(error):
                raise
            for item, change in waiting:
                self._write_alone(item, change)

    def _write_alone(self, item: str, change: Change) -> None:
        try:
            self._write([change])
        except PortalError as error:
            if is_transient(error):
                raise
            self._refuse(item, error)
        except DataError:
            message = "It has values that the database does not take."
            self._refuse(item, Invalid(message))

    def _write(self, changes: Sequence[Change]) -> None:
        if not changes:
            return
        with transaction.atomic(durable=True):
            written = write(self._actor, self._partition_id, changes)
        for each in written:
            self._at.count(each.outcome)

    def _refuse(self, item: str, error: PortalError) -> None:
        self._at.count("refused")
        where = f"{error.path}: " if error.path else ""
        self._refused.append((item, f"{where}{error.message}"))


def _entries(bundle: Mapping[str, Any]) -> list[Any]:
    found = bundle.get("entry", [])
    return found if isinstance(found, list) else []
