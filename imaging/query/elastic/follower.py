"""The follower of the feed that fills the index.

What an entry touches is read anew and written as it is now, so that entries may come
twice, late or all at once. Which scopes lead to a study is part of its documents: what
changes projects and grants is an entry as well, and the studies are those in which
index and database differ.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

from core import changefeed
from core.changefeed import Entry
from core.changefeed_access import GRANT, PROJECT
from core.followers import Follower
from core.models import Scope, ScopeKind
from imaging.feed import KIND
from imaging.query.elastic import indices
from imaging.query.elastic.client import Connection, connection
from imaging.query.elastic.documents import StudyKey, keys_in_scope
from imaging.query.elastic.fields import FORM, NAME, SCOPING
from imaging.query.elastic.indices import Generation
from imaging.query.elastic.news import MOST_ENTRIES
from imaging.query.elastic.walking import scopes_in, studies_in_scopes
from imaging.query.elastic.writing import SeriesKey, write_studies

_STUDIES_AT_ONCE: Final = 100


class SearchFollower(Follower):
    """Writes the documents of what has changed."""

    name = NAME
    version = FORM

    def is_sound(self) -> bool:
        """Return whether the indices are there, as they were made."""
        found = indices.generations(connection())
        return any(each.is_searched for each in found) and all(
            each.is_sound for each in found
        )

    def reset(self) -> None:
        """Remove all indices, and make empty ones."""
        indices.remove_all(connection())
        indices.make(connection(), is_searched=True)

    def apply(self, entries: Sequence[Entry]) -> None:
        """Write what the entries touch as it is now."""
        to = indices.generations(connection())
        _write_instances(to, [each for each in entries if each.kind == KIND])
        scoping = [each for each in entries if each.kind in SCOPING]
        for each in to:
            if scoping:
                indices.refresh(connection(), each)
                write_all(connection(), each, _moved(each, scoping))
            # What a search may rely on (`news`) has to be searchable.
            if entries[-1].seq >= changefeed.head() - MOST_ENTRIES:
                indices.refresh(connection(), each)


def write_all(held: Connection, to: Generation, studies: Iterable[StudyKey]) -> None:
    """Write any number of studies."""
    waiting = iter(studies)
    while chunk := list(islice(waiting, _STUDIES_AT_ONCE)):
        write_studies(held, [to], chunk)


def _write_instances(to: Sequence[Generation], entries: Sequence[Entry]) -> None:
    studies: dict[StudyKey, set[SeriesKey]] = {}
    for entry in entries:
        assert entry.partition_id is not None  # noqa: S101 instances lie in one
        study, series = entry.key[:2]
        key = (entry.partition_id, study)
        studies.setdefault(key, set()).add((*key, series))
    waiting = iter(studies)
    while chunk := list(islice(waiting, _STUDIES_AT_ONCE)):
        series_keys = [each for key in chunk for each in studies[key]]
        write_studies(connection(), to, chunk, series_keys)


def _moved(generation: Generation, entries: Sequence[Entry]) -> Iterator[StudyKey]:
    """Yield the studies whose documents name other scopes than the database does."""
    held = connection()
    for scope in sorted(_scopes(entries)):
        yield from _differing(held, generation, scope)
    if any(entry.kind == PROJECT and entry.op == "delete" for entry in entries):
        known = set(Scope.objects.values_list("pk", flat=True))
        for scope in sorted(scopes_in(held, generation) - known):
            for _, study in studies_in_scopes(held, generation, scope):
                yield study


def _scopes(entries: Sequence[Entry]) -> set[int]:
    """Return the scopes whose studies may have changed."""
    granted = {int(each.key[0]) for each in entries if each.kind == GRANT}
    projects = [int(each.key[0]) for each in entries if each.kind == PROJECT]
    held = Scope.objects.filter(kind=ScopeKind.PROJECT, object_id__in=projects)
    return granted.union(held.values_list("pk", flat=True))


def _differing(
    held: Connection, generation: Generation, scope: int
) -> Iterator[StudyKey]:
    """Yield the studies that a scope leads to in one of both only."""
    both = merge(
        keys_in_scope(scope),
        studies_in_scopes(held, generation, scope),
        key=itemgetter(0),
    )
    for _, found in groupby(both, key=itemgetter(0)):
        named = [study for _, study in found]
        if len(named) == 1:
            yield named[0]
