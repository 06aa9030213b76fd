"""Reading a question in English, for whoever may ask it of a partition."""

from collections.abc import Collection, Mapping
from datetime import date

from django.utils import timezone

from cohorts.answers.drafting import KEY, drafted
from cohorts.language.asking import Answer, ask
from cohorts.vocabulary import lexicon_in
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

    What the rules leave unused is drafted by a model, where one is set up.

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
    lexicon = lexicon_in(actor=actor, partition=partition)
    day = now or timezone.localdate()
    rules = [each for each in switched if each != KEY]
    found = ask(
        question, day, lexicon, switched=dict.fromkeys(rules, True), chosen=chosen
    )
    return drafted(found, question, day, lexicon, switched)
