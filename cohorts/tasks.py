"""What workers do for cohorts; thin wrappers."""

from cohorts.answers.found_runs import remove_expired
from core.tasks import durable_task


@durable_task()
def forget_expired_runs() -> None:
    """Remove the runs of questions whose time is over."""
    if remove_expired():
        forget_expired_runs.send()  # there may be more
