"""What workers do for DICOM storage; thin wrappers."""

from core.tasks import TURN_S, durable_task
from imaging import expiry, lake, thumbnails
from imaging.blobs import sweep
from imaging.export import forgetting


@durable_task()
def sweep_freed_blobs() -> None:
    """Remove what was deleted or replaced longer ago than the grace time."""
    if sweep.sweep_freed(time_limit_s=TURN_S) >= sweep.BATCH:
        sweep_freed_blobs.send()  # there may be more


@durable_task()
def sweep_orphans() -> None:
    """Remove what stores that never committed have left behind."""
    sweep.sweep_orphans()


@durable_task()
def make_thumbnails() -> None:
    """Draw the thumbnails of series that have changed and settled."""
    if thumbnails.make_thumbnails(time_limit_s=TURN_S) >= thumbnails.BATCH:
        make_thumbnails.send()  # there may be more


@durable_task()
def delete_expired_studies() -> None:
    """Delete the studies whose time is over."""
    if expiry.delete_expired_studies(time_limit_s=TURN_S) >= expiry.BATCH:
        delete_expired_studies.send()  # there may be more


@durable_task()
def forget_exported_items() -> None:
    """Remove the lists of what old exports and imports took along."""
    forgetting.forget_items(time_limit_s=TURN_S)


@durable_task()
def compact_lake() -> None:
    """Merge the small files of the lake, unless the follower writes now."""
    lake.compact_lake(wait=False)


@durable_task()
def vacuum_lake() -> None:
    """Remove what no reader of the lake needs any more."""
    lake.vacuum_lake(wait=False)
