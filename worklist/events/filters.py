"""Filtered subscriptions: what matches gets one of its own (PS3.4 CC.2.3.3.1).

A workitem is looked at where it is written, in the same transaction: so it is compared
as it is at that moment, whoever reads the feed how much later.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

from core import changefeed
from core.database import raw_connection
from core.errors import Invalid
from imaging.query.conditions import Condition, all_of
from worklist.query import WorkitemQuery, parse
from worklist.search import worklists_of
from worklist.search_sql import conditions_of

_NO_KEYS: Final = frozenset({"deletionlock", "accept", "charset"})
_FILTER: Final = "filter"


class Filter(NamedTuple):
    """Matching keys, and the query string that they are kept as."""

    query: WorkitemQuery
    text: str

    @classmethod
    def read(cls, query_string: bytes) -> "Filter":
        """Return the filter of a request: keys as parameters, or all in ``filter``.

        Raises
        ------
        Invalid
            There is none, or it has what is no key.
        """
        keys = sorted(_keys(query_string))
        text = urlencode(keys)
        query = parse(text.encode())
        if not query.criteria or query.warnings:
            told = " ".join(query.warnings) or "A filter has one matching key or more."
            raise Invalid(told, path=_FILTER)
        usual = parse(b"")
        if _without_keys(query) != _without_keys(usual):
            message = "A filter has matching keys alone: nothing of pages and answers."
            raise Invalid(message, path=_FILTER)
        return cls(query, text)

    @classmethod
    def kept(cls, text: str) -> "Filter":
        """Return the filter that was read once."""
        return cls(parse(text.encode()), text)


def matching(chosen: Filter, partition_id: int) -> Condition:
    """Return what is true of the workitems ``w`` of a partition that match."""
    worklists = worklists_of(chosen.query, partition_id)
    return all_of(conditions_of(chosen.query, partition_id, worklists))


_FILTERS: Final = """
SELECT s.filter, s.subscriber_id, s.deletion_lock
FROM worklist_subscription s JOIN worklist_subscriber b ON b.id = s.subscriber_id
WHERE b.partition_id = %s AND s.filter <> '' ORDER BY s.filter, s.subscriber_id
"""
_SUBSCRIBE: Final = """
INSERT INTO worklist_subscription (subscriber_id, workitem_id, filter, is_on,
  deletion_lock, is_made_by_filter, from_seq, initial_version, above, up_to)
SELECT f.subscriber_id, w.workitem_id, '', true, f.deletion_lock, true, %s,
  w.version_id, 0, NULL
FROM unnest(%s::bigint[], %s::boolean[]) AS f (subscriber_id, deletion_lock)
CROSS JOIN unnest(%s::bigint[], %s::bigint[]) AS w (workitem_id, version_id)
ORDER BY w.workitem_id, f.subscriber_id
ON CONFLICT (workitem_id, subscriber_id) WHERE workitem_id IS NOT NULL DO NOTHING
"""


def subscribe_written(partition_id: int, versions: Mapping[int, int]) -> None:
    """Subscribe those whose filter matches workitems that are being written.

    Parameters
    ----------
    versions
        By the keys of the workitems, what happens to them now.
    """
    by_filter: dict[str, list[tuple[int, bool]]] = {}
    for text, subscriber, lock in raw_connection().execute(_FILTERS, (partition_id,)):
        by_filter.setdefault(text, []).append((subscriber, lock))
    for text, subscribers in by_filter.items():
        found = _found(text, partition_id, list(versions))
        if not found:
            continue
        keys, locks = zip(*subscribers, strict=True)
        raw_connection().execute(
            _SUBSCRIBE,
            (
                *(changefeed.head(), list(keys), list(locks)),
                *(found, [versions[key] for key in found]),
            ),
        )


def _found(text: str, partition_id: int, workitems: Sequence[int]) -> list[int]:
    condition, values = matching(Filter.kept(text), partition_id)
    rows = raw_connection().execute(
        f"SELECT w.id FROM worklist_workitem w WHERE w.id = ANY(%s) AND {condition}",  # noqa: S608 a condition of `worklist.search_sql`
        (workitems, *values),
    )
    return [key for (key,) in rows]


def _keys(query_string: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(
            query_string.decode(), keep_blank_values=True, errors="strict"
        )
    except ValueError as error:
        message = "The filter must be UTF-8."
        raise Invalid(message, path=_FILTER) from error
    keys = []
    for name, value in pairs:
        if name.lower() == _FILTER:
            keys += _listed(value)
        elif name.lower() not in _NO_KEYS:
            keys.append((name, value))
    return keys


def _listed(text: str) -> list[tuple[str, str]]:
    """Return the keys of a list with commas; a value may have commas as well."""
    keys: list[tuple[str, str]] = []
    for part in text.split(","):
        name, separator, value = part.partition("=")
        if separator:
            keys.append((name, value))
        elif keys:
            name, value = keys.pop()
            keys.append((name, f"{value},{part}"))
    return keys


def _without_keys(query: WorkitemQuery) -> tuple[object, ...]:
    return (query.limit, query.offset, query.total, query.after, query.include_all)
