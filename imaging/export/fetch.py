"""Who may fetch what an export has made here."""

from core.access import Actor
from core.errors import NotFound
from core.models import Operation
from core.result_places import NO_FILE
from imaging.export.items_sql import has_unreached
from imaging.export.start import reach_of


def require_reached(actor: Actor, operation: Operation) -> int:
    """Refuse a file of instances that are out of reach; return their partition.

    Raises
    ------
    NotFound
        It holds what the actor may not export, or not any more.
    """
    partition_id: int = operation.parameters["partition"]
    reach = reach_of(actor, partition_id)
    # Whose an instance is that was deleted since, nobody knows any more.
    if not reach.has_whole(partition_id) and has_unreached(operation.pk, reach):
        raise NotFound(NO_FILE, path="file")
    return partition_id
