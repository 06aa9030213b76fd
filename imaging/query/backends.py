"""Who answers a search: the index where there is one that can, else the database."""

from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

from django.conf import settings
from prometheus_client import Counter

from imaging.query.backend import Backend, Unanswered
from imaging.query.parse import Query
from imaging.query.postgresql import PostgreSQL

T = TypeVar("T")

DATABASE: Final = PostgreSQL()
ANSWERS: Final = Counter(
    "portal_index_searches",
    "Searches that the index was asked for, by what came of it.",
    ["outcome"],
)


class Answer(NamedTuple, Generic[T]):
    """What was answered, and what the client is to know about how."""

    value: T
    warnings: tuple[str, ...] = ()


def ask(query: Query, question: Callable[[Backend], T]) -> Answer[T]:
    """Return what a backend answers."""
    if not settings.ELASTICSEARCH_URLS:
        return Answer(question(DATABASE))
    # Costs 12 MB of every process, which only who has it pays.
    from imaging.query.elastic.answering import backend  # noqa: PLC0415

    index = backend()
    if not index.serves(query):
        return Answer(question(DATABASE))
    try:
        answer = Answer(question(index))
    except Unanswered as error:
        ANSWERS.labels(error.reason).inc()
        warnings = (error.warning,) if error.warning else ()
        return Answer(question(DATABASE), warnings)
    ANSWERS.labels("answered").inc()
    return answer
