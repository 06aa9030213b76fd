"""What workers do for cohorts; thin wrappers."""

from cohorts.answers import disclosure, question_log
from cohorts.answers.found_runs import remove_expired
from cohorts.suggestions import kept
from core.tasks import TURN_S, durable_task


@durable_task()
def forget_expired_runs() -> None:
    """Remove the runs of questions whose time is over, and what was told long ago."""
    removed = [remove_expired(), disclosure.remove_old(), question_log.remove_old()]
    if any(removed):
        forget_expired_runs.send()  # there may be more


@durable_task()
def make_name_vectors() -> None:
    """Make the vectors of names that are missing, where a model is installed."""
    if kept.make(time_limit_s=TURN_S):
        make_name_vectors.send()
