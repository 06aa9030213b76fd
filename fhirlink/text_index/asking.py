"""Which texts have some words, as the index tells, and up to where it does."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from django.conf import settings

from core.database import raw_connection
from fhirlink.text_index import Texts, index
from imaging.query.backend import Unanswered
from imaging.query.elastic.client import Away, Refused, connection

MOST_TEXTS: Final = 50_000
"""More are sooner found from the patients that all else leaves over."""

MOST_NEWER: Final = 20_000
"""Texts that the database looks at itself."""

_PAGE: Final = 10_000  # Elasticsearch's own limit


def texts_with(partition_id: int, words: Sequence[Sequence[str]]) -> Texts:
    """Return the texts that have words in sequence, each in one of its forms.

    Raises
    ------
    Unanswered
        The database has to look for them.
    """
    if any(len(form) > index.LONGEST_WORD for forms in words for form in forms):
        raise Unanswered("long")
    wanted = {
        "bool": {"filter": [{"term": {"partition_id": partition_id}}, _in_row(words)]}
    }
    timeout_s = settings.ELASTICSEARCH_TIMEOUT_MS / 1000
    ask = partial(connection().ask, timeout_s=timeout_s)
    try:
        with index.texts_now(ask) as point:
            up_to = index.mark_in(point)
            hits = point.walk(wanted, page=_PAGE)
            events = [int(hit["sort"][0]) for hit in islice(hits, MOST_TEXTS + 1)]
    except Refused as error:
        raise Unanswered("refused") from error
    except Away as error:
        raise Unanswered("away") from error
    if len(events) > MOST_TEXTS:
        raise Unanswered("many")
    if up_to is None or _number_after(up_to) > MOST_NEWER:
        raise Unanswered("behind")
    return Texts(events, up_to)


def _in_row(words: Sequence[Sequence[str]]) -> dict[str, Any]:
    parts = [_any_of(forms) for forms in words]
    if len(parts) == 1:
        return parts[0]
    return {"span_near": {"clauses": parts, "slop": 0, "in_order": True}}


def _any_of(forms: Sequence[str]) -> dict[str, Any]:
    terms = [{"span_term": {"words": form}} for form in forms]
    return terms[0] if len(terms) == 1 else {"span_or": {"clauses": terms}}


def _number_after(event: int) -> int:
    row = raw_connection().execute(_NEWER, (event, MOST_NEWER + 1)).fetchone()
    return int(row[0]) if row else 0


_NEWER: Final = (
    "SELECT count(*) FROM"
    " (SELECT FROM fhirlink_eventtext WHERE event_id > %s LIMIT %s) newer"
)
