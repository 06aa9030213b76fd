"""Searching in Elasticsearch: it finds keys, PostgreSQL reads the rows.

The rows are read with all conditions of the search and with the actor's reach, so that
whatever the index says, nobody sees what they may not, or what does not match. Where
rows and keys differ, the index was wrong or has been overtaken: the database answers.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from django.conf import settings
from elasticsearch import Elasticsearch

from core import tasks
from imaging.levels import Level
from imaging.query.area import Area
from imaging.query.backend import Unanswered, Wanted
from imaging.query.elastic import compile as asking
from imaging.query.elastic.client import (
    Away,
    Connection,
    Refused,
    check_status,
    connection,
)
from imaging.query.elastic.documents import has_unfollowed
from imaging.query.elastic.fields import LEVELS, NAME
from imaging.query.elastic.indices import searched
from imaging.query.elastic.news import (
    MOST_ROWS,
    NO_NEWS,
    News,
    Standing,
    cursor,
    news_of,
    standing,
)
from imaging.query.facets import Count, Counts, Facet, most_frequent
from imaging.query.order_sql import KEY
from imaging.query.parse import Query
from imaging.query.postgresql import PostgreSQL, position_of
from imaging.query.sql import leads_to_few

WARNING: Final = (
    "The search index does not answer at present: the database has answered,"
    " which may take longer"
)
_WORTH_WAITING: Final = 500  # entries that the follower takes at once
_LOOK_EVERY_S: Final = 0.01
_WAKE_EVERY_S: Final = 0.2
_NO_WAIT_S: Final = 1.0  # after one was in vain
_MOST_HITS: Final = 10_000  # Elasticsearch's own limit of a page and what is before it
_MOST_TERMS: Final = 60_000


class ElasticBackend:
    """Finds keys in Elasticsearch."""

    name = "elasticsearch"

    def __init__(self, held: Connection) -> None:
        self._connection = held
        self._rows = PostgreSQL()
        self._waits_again_at = 0.0  # of time.monotonic()
        self._wakes_again_at = 0.0

    def serves(self, query: Query) -> bool:
        """Return whether it is asked.

        Of few studies the database knows sooner, and it alone what instances have, and
        the other series of a series' study, with their words.
        """
        level = query.target.level
        levels = [level, *(each.level for each in query.counted)]
        beside = level is not Level.STUDY and any(
            each.attribute.of_any_series for each in query.criteria
        )
        has_words = all(free.level is level for free in query.free_text)
        is_held = max(levels) in LEVELS and has_words and not beside
        return is_held and not leads_to_few(query)

    def rows(self, query: Query, area: Area, wanted: Wanted) -> list[tuple[Any, ...]]:
        """Return the rows of a page, one more than it has where there are more.

        Raises
        ------
        Unanswered
            The database has to answer.
        Invalid
            The query's cursor is none of this search.
        """
        keys = self._keys(query, area)
        if not keys:
            return []
        of_keys = replace(query, keys=tuple(keys), offset=0, cursor=None)
        rows = self._rows.rows(of_keys, area, wanted)
        if len(rows) != len(keys):
            raise Unanswered("overtaken")
        return rows

    def count(self, query: Query, area: Area) -> int:
        """Return how many match altogether.

        Raises
        ------
        Unanswered
            The database has to answer.
        """
        news = self.news()
        changed = _keys_of(news, query)
        asked = {"size": 0, "track_total_hits": True}
        number = int(self._search(query, area, asked, news)["hits"]["total"]["value"])
        if changed:
            number += self._rows.count(replace(query, keys=tuple(changed)), area)
        return number

    def facets(self, query: Query, area: Area, facets: Sequence[Facet]) -> Counts:
        """Return what the studies that match have how often.

        Raises
        ------
        Unanswered
            The database has to answer.
        """
        news = self.news()
        changed: Counts = [[] for _ in facets]
        if news.keys:
            of_news = replace(query, keys=tuple(news.keys))
            changed = self._rows.facets(of_news, area, facets, most=None)
        if max(map(len, changed), default=0) > MOST_ROWS:
            raise Unanswered("behind")
        asked = {str(n): asking.counted(each) for n, each in enumerate(facets)}
        for n, counts in enumerate(changed):
            if counts:  # they may become more frequent than what is told without them
                values = [each.value for each in counts]
                asked[f"{n} changed"] = asking.counted_at(facets[n], values)
        found = self._search(query, area, {"size": 0, "aggs": asked}, news)
        answered = found["aggregations"]
        return [
            _together(each, changed[n], answered[str(n)], answered.get(f"{n} changed"))
            for n, each in enumerate(facets)
        ]

    def _keys(self, query: Query, area: Area) -> list[int]:
        """Return the keys of a page, and of one row more where there are more."""
        last = query.offset + query.limit + 1
        if last > _MOST_HITS:
            raise Unanswered("deep")
        position = position_of(query, area)
        news = self.news()
        changed = _keys_of(news, query)
        request: dict[str, Any] = {
            "sort": asking.order_of(query),
            "track_total_hits": False,
        }
        if position is not None:
            request |= {"size": query.limit + 1, "search_after": asking.after(position)}
        elif changed:  # they may come before what the offset passes over
            request |= {"size": last}
        else:
            request |= {"size": query.limit + 1, "from": query.offset}
        hits = self._search(query, area, request, news)["hits"]["hits"]
        keys = [int(hit["sort"][-1]) for hit in hits]
        return self._with(changed, keys, query, area) if changed else keys

    def _with(
        self, changed: Sequence[int], keys: Sequence[int], query: Query, area: Area
    ) -> list[int]:
        """Return the page's keys of those from the index and of what has changed."""
        either = (*keys, *changed)
        asked = replace(query, keys=either, limit=len(either), offset=0)
        only_key = Wanted([KEY[query.target.level]])
        found = [key for (key,) in self._rows.rows(asked, area, only_key)]
        if not set(keys) <= set(found):
            raise Unanswered("overtaken")
        return found[query.offset :][: query.limit + 1]

    def _search(
        self, query: Query, area: Area, request: dict[str, Any], news: News = NO_NEWS
    ) -> dict[str, Any]:
        """Return what is found, apart from what the news are of."""
        if len(area.scopes) + len(area.only or ()) > _MOST_TERMS:
            raise Unanswered("scattered")
        if area.scopes and has_unfollowed(area.scopes):
            raise Unanswered("worklist")
        index = searched(query.target.level)
        # What none is now, none becomes that was written before.
        asked = [
            {
                "query": asking.odd_in(query, area, news),
                "size": 0,
                "terminate_after": 1,
            },
            {"query": asking.filter_of(query, area, news), **request},
        ]
        milliseconds = settings.ELASTICSEARCH_TIMEOUT_MS
        same_copy = secrets.token_hex(4)

        def search(client: Elasticsearch) -> list[dict[str, Any]]:
            header = {
                "index": index,
                "allow_partial_search_results": False,
                "preference": same_copy,
            }
            each = {"_source": False, "timeout": f"{milliseconds}ms"}
            searches = [part for body in asked for part in (header, each | body)]
            # One after the other, and both of the same copy of the index.
            answers: list[dict[str, Any]] = client.msearch(
                searches=searches, max_concurrent_searches=1
            )["responses"]
            for answer in answers:
                check_status(answer)
            return answers

        try:
            odd, found = self._connection.ask(search, timeout_s=milliseconds / 1000)
        except Refused as error:
            raise Unanswered("refused", WARNING) from error
        except Away as error:
            raise Unanswered("away", WARNING) from error
        if odd["hits"]["total"]["value"]:
            raise Unanswered("odd")
        return found

    def news(self) -> News:
        """Return what has changed and the index may not have yet.

        Raises
        ------
        Unanswered
            It will not have it for a while, and it is too much to be looked at.
        """
        found = self._standing()
        if not found.lag:
            return NO_NEWS
        self._wake()
        news = news_of(found)
        if news is None:
            self._wait_until_written(found)
            return NO_NEWS
        return news

    def _standing(self) -> Standing:
        found = standing()
        if found.has_failed:
            raise Unanswered("incomplete", WARNING)
        return found

    def _wait_until_written(self, found: Standing) -> None:
        wait_s = settings.ELASTICSEARCH_WAIT_MS / 1000
        until = time.monotonic() + wait_s
        lag = found.lag
        while lag > 0:
            now = time.monotonic()
            if lag > _WORTH_WAITING or now >= until or now < self._waits_again_at:
                if wait_s and now >= until:
                    self._waits_again_at = now + _NO_WAIT_S
                raise Unanswered("behind")
            time.sleep(_LOOK_EVERY_S)
            lag = found.head - cursor()

    def _wake(self) -> None:
        """Have a worker run the follower, however many ask for it."""
        now = time.monotonic()
        if now >= self._wakes_again_at:
            self._wakes_again_at = now + _WAKE_EVERY_S
            tasks.run_follower.send(NAME)


def _together(
    facet: Facet, changed: Sequence[Count], *answered: dict[str, Any] | None
) -> list[Count]:
    """Return the counts of a facet: of what has changed, and those of the index."""
    numbers = {
        _value_of(facet, bucket["key"]): int(bucket["doc_count"])
        for each in answered
        if each is not None
        for bucket in each["buckets"]
    }
    for value, number in changed:
        numbers[value] = numbers.get(value, 0) + number
    return most_frequent(numbers)


def _value_of(facet: Facet, term: str) -> str:
    """Return the value of a facet's term: that of a tag comes after tag and part."""
    is_of_tag = facet.attribute.query_tag is not None
    return term.split(":", 2)[2] if is_of_tag else term


def backend() -> ElasticBackend:
    """Return the backend that the settings name, one in each process."""
    return _backend(connection())


@cache
def _backend(held: Connection) -> ElasticBackend:
    return ElasticBackend(held)


def _keys_of(news: News, query: Query) -> Sequence[int]:
    """Return the keys of what has changed at the level of a search.

    Raises
    ------
    Unanswered
        It is too much to be looked at.
    """
    keys = news.keys_at(query.target.level)
    if keys is None:
        raise Unanswered("behind")
    return keys
