"""Reading a question in English, for whoever may ask it of a partition."""

from collections.abc import Collection
from datetime import date

from django.utils import timezone

from cohorts.language.asking import Answer, ask
from core.access import Actor, Verb, require
from core.partitions import get_partition


def read_question(
    *,
    actor: Actor,
    partition: str,
    question: str,
    now: date | None = None,
    switched: Collection[str] = (),
) -> Answer:
    """Return how a question is read; nothing is looked up of any patient.

    Parameters
    ----------
    now
        The day that "last year" ends on; today if nothing is said.
    switched
        The keys of assumptions that are to be taken the other way.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no data, or nothing of the partition.
    """
    require(actor, Verb.READ)
    get_partition(actor=actor, name=partition)
    day = now or timezone.localdate()
    return ask(question, day, switched=dict.fromkeys(switched, True))
