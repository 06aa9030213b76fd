"""Starting an export: what it takes along is decided and written down at once."""

from dataclasses import replace
from typing import Any, Final

from django.db import transaction

from core import audit
from core.access import Actor, Verb, require
from core.database import lift_limit
from core.errors import NotFound
from core.models import Operation
from core.operations import start_operation
from core.partitions import get_partition
from core.reach import Reach
from core.result_fetching import VERBS
from imaging.export.asked import (
    AS_STORED,
    Identifiers,
    Source,
    Typed,
    checked_transfer_syntax,
    source_of,
)
from imaging.export.destinations import destination_of
from imaging.export.items_sql import write_matching, write_named
from imaging.query import matching_keys

KIND: Final = "export"


def start_export(
    *,
    actor: Actor,
    partition: str,
    source: Typed,
    destination: Typed,
    transfer_syntax: str = AS_STORED,
) -> Operation:
    """Start to export what a source names to a destination.

    What the actor may not see, or not export, counts as not there: identifiers of it
    are skipped and listed, as those of nothing.

    Raises
    ------
    Forbidden
        The actor may not export, or not see who patients are.
    NotFound
        It sees nothing of the partition.
    Invalid
        Source, destination or transfer syntax is none.
    """
    for verb in VERBS:
        require(actor, verb)
    syntax = checked_transfer_syntax(transfer_syntax)
    asked = source_of(source)
    partition_id = get_partition(actor=actor, name=partition)
    reach = reach_of(actor, partition_id)
    kept, made = destination_of(destination)
    parameters = {
        "partition": partition_id,
        "source": source.type,
        "destination": kept,
        "transferSyntax": syntax,
    }
    with transaction.atomic(durable=True):
        lift_limit()  # a large set takes its time
        operation = start_operation(actor=actor, kind=KIND, parameters=parameters)
        number, unknown = _write_down(operation, actor, partition, reach, asked)
        operation.parameters = {**parameters, "number": number + unknown}
        operation.save(update_fields=["parameters"])
        _record(actor, operation, made.described, number, asked)
    return operation


def reach_of(actor: Actor, partition_id: int) -> Reach:
    """Return what an actor may export of a partition.

    Raises
    ------
    NotFound
        Nothing.
    """
    reach = actor.reach(VERBS[0])
    for verb in VERBS[1:]:
        reach = reach & actor.reach(verb)
    if not reach.enters(partition_id):
        message = "No such partition."
        raise NotFound(message, path="partition")
    return reach.within(partition_id)


def _write_down(
    operation: Operation, actor: Actor, partition: str, reach: Reach, asked: Source
) -> tuple[int, int]:
    """Write the items down; return how many instances there are, and unknown names."""
    partition_id: int = operation.parameters["partition"]
    if isinstance(asked, Identifiers):
        return write_named(operation.pk, partition_id, reach, asked.values)
    narrowed = replace(actor, reaches={Verb.READ: reach, Verb.VIEW_PHI: reach})
    condition = matching_keys(actor=narrowed, partition=partition, query=asked.query)
    return write_matching(operation.pk, condition), 0


def _record(
    actor: Actor, operation: Operation, where: str, number: int, asked: Source
) -> None:
    parameters: dict[str, Any] = operation.parameters
    event = audit.Event(
        actor,
        audit.Action.EXPORT,
        partition_id=parameters["partition"],
        detail=f"{number} instances to {where}, operation {operation.pk}",
        query="" if isinstance(asked, Identifiers) else asked.query.text,
    )
    audit.record(event)
