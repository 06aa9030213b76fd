"""What workers do for the clinical record; thin wrappers."""

from core.tasks import TURN_S, durable_task
from fhirlink.linkage import folding
from fhirlink.remote import turns
from fhirlink.subscriptions import telling


@durable_task()
def link_studies() -> None:
    """Link the studies that have changed and become quiet."""
    if folding.fold_dirty(time_limit_s=TURN_S) >= folding.BATCH:
        link_studies.send()  # there may be more


@durable_task()
def sync_servers() -> None:
    """Wake a worker for each server with which there is something to do."""
    for server_id in turns.servers_due():
        sync_server.send(server_id)


@durable_task()
def sync_server(server_id: int) -> None:
    """Send what waits for a server, and take what is new there."""
    if turns.take_turn(server_id, time_limit_s=TURN_S):
        sync_server.send(server_id)  # there is more


@durable_task()
def notify_subscribers() -> None:
    """Tell subscribers of what has changed."""
    if telling.tell_all(time_limit_s=TURN_S):
        notify_subscribers.send()  # there may be more
