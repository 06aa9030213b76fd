"""What the search index tells of texts, before a question is asked of the database.

The words of reports that criteria ask for are looked up where there is an index, each
once. Of what it does not know, and where it cannot tell, the statement has the words
themselves (`cohorts.execution.texts`): both find the same.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

from django.conf import settings

from cohorts.criteria.check import leaves
from cohorts.criteria.model import Event, OfEvent
from cohorts.criteria.values import Text
from cohorts.execution.question import Asked
from cohorts.execution.texts import words_asked
from cohorts.execution.words import forms, words_of
from fhirlink.text_index import Texts
from imaging.query.backend import Unanswered
from imaging.query.backends import ANSWERS

logger = logging.getLogger(__name__)


def with_texts(asked: Asked) -> Asked:
    """Return a question with what the index knows of the words that it asks for."""
    if not settings.ELASTICSEARCH_URLS:
        return asked
    held = dict(asked.held)
    for leaf in leaves(asked.query.where):
        if isinstance(leaf, OfEvent):
            for text in _texts_of(leaf.event):
                for words in words_asked(text):
                    if ("text", words) not in held:
                        held["text", words] = _known(asked.partition_id, words)
    return replace(asked, held=held)


def _texts_of(event: Event) -> Iterator[Text]:
    if event.text is not None:
        yield event.text
    if event.report is not None and event.report.text is not None:
        yield event.report.text


def _known(partition_id: int, words: str) -> Texts | None:
    """Return the texts that have words; None where the database has to tell."""
    # Costs 12 MB of every process, which only who has it pays.
    from fhirlink.text_index.asking import texts_with  # noqa: PLC0415

    sequence = [forms(word) for word in words_of(words)]
    if not sequence:
        return None
    try:
        known = texts_with(partition_id, sequence)
    except Unanswered as error:
        ANSWERS.labels(error.reason).inc()
        logger.info("words of reports are looked for by the database: %s", error.reason)
        return None
    ANSWERS.labels("answered").inc()
    return known
