"""Reading a question in English, for whoever may ask it of a partition."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from django.utils import timezone

from cohorts.answers.absent import Held
from cohorts.answers.drafting import KEY, drafted
from cohorts.answers.suggesting import read
from cohorts.language.asking import Answer
from cohorts.vocabulary import words_in
from core.access import Actor, Verb, require


def read_question(
    *,
    actor: Actor,
    partition: str,
    question: str,
    now: date | None = None,
    switched: Collection[str] = (),
    chosen: Mapping[str, str] | None = None,
) -> Answer:
    """Return how a question is read, with the words of the partition.

    What the rules leave unused is drafted by a model, where one is set up; what could
    be meant by it is suggested, where another one is installed.

    Parameters
    ----------
    now
        The day that "last year" ends on; today if nothing is said.
    switched
        The keys of assumptions that are to be taken the other way.
    chosen
        What was chosen where it asked back before, by slot.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no data, or nothing of the partition.
    """
    require(actor, Verb.READ)
    words = words_in(actor=actor, partition=partition)
    day = now or timezone.localdate()
    found = read(
        question,
        day,
        actor=actor,
        words=words,
        switched={each: True for each in switched if each != KEY},
        chosen=chosen,
    )
    answer = drafted(found, question, day, words.lexicon, switched)
    if answer.criteria is None or answer.criteria is found.criteria:
        return answer
    absent = Held(actor, words.partition_id).absent(answer.criteria)
    return replace(answer, absent=absent)
