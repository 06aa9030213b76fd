"""The steps of an export: a worker takes the next items, each once and whole.

Who dies in a step has its items taken again by the next worker, to the same places.
The lists come last: who finds a manifest finds all that it names.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Count

from core import audit
from core.access import deputy
from core.errors import Gone, PortalError
from core.followers import is_transient
from core.models import Operation
from core.operations import Progress
from imaging.export.content import Counted, outgoing, unchanged
from imaging.export.delivery import ERRORS, MANIFEST, Delivery, Destination
from imaging.export.destinations import kept
from imaging.export.items_sql import Done, Waiting, next_items, write_done
from imaging.export.manifest import errors, manifest
from imaging.models import ExportItem, ExportOutcome

ITEMS_A_STEP: Final = 500
BYTES_A_STEP: Final = 256 * 1024 * 1024
STEP_S: Final = 15.0  # what is made anew may take longer than its size tells

UNKNOWN: Final = "Nothing of this name was found."
DELETED: Final = "It was deleted, or moved, after the export had been started."


@dataclass(frozen=True, slots=True)
class _Export:
    """An export that goes on."""

    operation: Operation
    destination: Destination
    partition_id: int
    transfer_syntax: str

    @classmethod
    def of(cls, operation: Operation) -> "_Export":
        parameters: Mapping[str, Any] = operation.parameters
        return cls(
            operation,
            kept(parameters["destination"]),
            parameters["partition"],
            parameters["transferSyntax"],
        )

    def event(self, items: Sequence[Waiting]) -> audit.Event:
        """Return what the audit log is told of items that leave."""
        operation = self.operation
        via = f"operation {operation.pk}"
        return audit.Event(
            deputy(operation.account_id, operation.actor, via=via),
            audit.Action.EXPORT,
            partition_id=self.partition_id,
            detail=f"{len(items)} instances to {self.destination.described}",
        )


def step(operation: Operation) -> Progress:
    """Export the next items; the last step writes the lists."""
    export = _Export.of(operation)
    progress: Mapping[str, Any] = operation.progress
    found = next_items(
        operation.pk, export.partition_id, progress.get("after", 0), ITEMS_A_STEP
    )
    if not found:
        return _end(export, progress)
    items = _some(found)
    event = export.event([item for item in items if item.is_held])
    _record(event, items)
    with export.destination.begin(operation.pk, progress.get("place", {})) as delivery:
        done = _deliver(export, delivery, items, event)
        refused = delivery.finish()
        place = delivery.place
    done = [_refused(each, refused) for each in done]
    write_done(done)
    number = progress.get("done", 0) + len(done)
    total = max(1, operation.parameters.get("number", 0))
    names = {item.id: item.identifier for item in items}
    return Progress(
        {"after": done[-1].id, "done": number, "place": place},
        percent=min(99, 100 * number // total),
        errors=[(names[each.id], each.error) for each in done if each.error],
    )


def _some(items: Sequence[Waiting]) -> list[Waiting]:
    """Return the first of the items that are together not too large for a step."""
    taken, size_bytes = [], 0
    for item in items:
        taken.append(item)
        size_bytes += item.size_bytes
        if size_bytes >= BYTES_A_STEP:
            break
    return taken


def _record(event: audit.Event, items: Sequence[Waiting]) -> None:
    """Tell the audit log what leaves, before it does: a killed worker is known of."""
    held = [item for item in items if item.is_held]
    if held:
        audit.record_answer(
            event,
            patients=[item.patient_key for item in held],
            studies=[
                item.study_instance_uid for item in held if item.patient_key is None
            ],
        )


def _deliver(
    export: _Export,
    delivery: Delivery,
    items: Sequence[Waiting],
    event: audit.Event,
) -> list[Done]:
    until = time.monotonic() + STEP_S
    done: list[Done] = []
    for item in items:
        done.append(_deliver_one(export, delivery, item, event))
        if time.monotonic() >= until:
            break
    return done


def _deliver_one(
    export: _Export, delivery: Delivery, item: Waiting, event: audit.Event
) -> Done:
    """Deliver an instance, or say why it is skipped."""
    if not item.is_held:
        error = DELETED if item.was_found else UNKNOWN
        return Done(item.id, ExportOutcome.SKIPPED, error=error)
    of_item = replace(event, study_instance_uid=item.study_instance_uid)
    counted = None
    try:
        leaving = unchanged(outgoing(item, of_item, export.transfer_syntax))
        counted = Counted(leaving.pieces, None)
        delivery.put(leaving.path, leaving.size, counted)
    except PortalError as error:
        fault = error if counted is None else counted.error
        # What the destination does not take ends the step, and what may pass as well.
        if fault is None or is_transient(fault):
            raise
        return Done(item.id, ExportOutcome.SKIPPED, error=fault.message)
    return Done(
        item.id,
        ExportOutcome.EXPORTED,
        leaving.path,
        leaving.transfer_syntax_uid,
        counted.size,
        counted.sha256,
    )


def _refused(done: Done, refused: Mapping[str, str]) -> Done:
    if done.path not in refused or done.outcome is not ExportOutcome.EXPORTED:
        return done
    return Done(done.id, ExportOutcome.SKIPPED, error=refused[done.path])


def _end(export: _Export, progress: Mapping[str, Any]) -> Progress:
    """Write the lists, the manifest last of all, and say what came of it."""
    pk, place = export.operation.pk, progress.get("place", {})
    rows = ExportItem.objects.filter(operation_id=pk).values_list("outcome")
    counts = dict(rows.annotate(number=Count("id")).order_by())
    if sum(counts.values()) < export.operation.parameters.get("number", 0):
        message = "What it was to take along is known no more: start a new export."
        raise Gone(message)
    for name, lines in ((ERRORS, errors), (MANIFEST, manifest)):
        with export.destination.begin(pk, place) as delivery:
            delivery.put(name, None, lines(pk))
            delivery.finish()
            place = delivery.place
    conclusion = export.destination.conclude(pk, place)
    result = {
        "errorHref": conclusion.error_href,
        "exported": counts.get(ExportOutcome.EXPORTED, 0),
        "skipped": counts.get(ExportOutcome.SKIPPED, 0),
        "href": conclusion.href,
    }
    return Progress(dict(progress), percent=100, result=result)
