"""Making the index anew from the rows, and comparing both.

A new generation is filled beside the one that is searched, which the follower goes on
writing as well; then searches switch to it, at one moment.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import transaction

from core import followers
from core.errors import Conflict
from core.models import FollowerCursor
from imaging.levels import Level
from imaging.models import Study
from imaging.query.elastic import indices
from imaging.query.elastic.client import connection
from imaging.query.elastic.comparing import Difference, compare
from imaging.query.elastic.documents import Document, keys_from, read_all
from imaging.query.elastic.fields import FORM, LEVELS, NAME
from imaging.query.elastic.follower import SearchFollower, write_all
from imaging.query.elastic.indices import Generation
from imaging.query.elastic.walking import documents_in
from imaging.query.elastic.writing import write_studies

CHUNK: Final = 200  # studies
STEP_S: Final = 5.0
REMEDY: Final = "manage.py search rebuild"


def rebuild(tell: Callable[[int], None] = lambda _number: None) -> int:
    """Fill new indices from the rows, have them searched, and remove the old ones.

    Searches and the follower go on meanwhile.

    Parameters
    ----------
    tell
        Is told now and then how many studies are done.

    Returns
    -------
    int
        How many studies there were.

    Raises
    ------
    Away, Refused
        Elasticsearch does not take it: what was searched is searched as before.
    """
    follower = SearchFollower()
    followers.advance(
        follower
    )  # makes the indices where they are not as they should be
    with _alone():
        for each in indices.generations(connection()):
            if not each.is_searched:
                indices.remove(connection(), each)
        new = indices.make(connection(), is_searched=False)
    after = number = 0
    while True:
        with _alone():
            chunk = keys_from(after, CHUNK)
            write_all(connection(), new, (study for _, study in chunk))
        number += len(chunk)
        tell(number)
        if len(chunk) < CHUNK:
            break
        after = chunk[-1][0]
        followers.advance(follower)
    followers.run_until_caught_up(follower)
    with _alone():
        indices.refresh(connection(), new)
        indices.switch(connection(), new)
    return number


def number_of_studies() -> int:
    """Return how many studies there are to write, for the percentage."""
    return Study.objects.count()


def write_some(after: int) -> tuple[int | None, int]:
    """Write the next studies as they are now, for some seconds, to all generations.

    The follower rests for moments only.

    Parameters
    ----------
    after
        Key of the study that was written last.

    Returns
    -------
    tuple
        The same for the next call, None at the end; and how many were written.

    Raises
    ------
    Away
        Elasticsearch cannot take them now.
    """
    until = time.monotonic() + STEP_S
    number = 0
    while True:
        with _alone():
            to = indices.generations(connection())
            chunk = keys_from(after, CHUNK)
            write_studies(connection(), to, [study for _, study in chunk])
            number += len(chunk)
            if len(chunk) < CHUNK:
                for each in to:
                    indices.refresh(connection(), each)
                return None, number
        after = chunk[-1][0]
        if time.monotonic() >= until:
            return after, number


def verify() -> list[Difference]:
    """Compare all documents with the rows, as they are while the follower rests.

    Raises
    ------
    Conflict
        There is no index that is searched.
    """
    followers.run_until_caught_up(SearchFollower())
    with _alone():
        searched = _searched()
        indices.refresh(connection(), searched)
        return [_compare(searched, level) for level in LEVELS]


def _compare(searched: Generation, level: Level) -> Difference:
    return compare(
        Difference(level.name, REMEDY),
        read_all(level),
        documents_in(connection(), searched, level),
        key=_key,
        called=lambda document: document.id,
    )


def _key(document: Document) -> int:
    return int(document.fields["key"])


def _searched() -> Generation:
    for each in indices.generations(connection()):
        if each.is_searched:
            return each
    message = "There is no index that is searched: run `manage.py search rebuild`."
    raise Conflict(message)


@contextmanager
def _alone() -> Iterator[None]:
    """Keep the follower from running."""
    with transaction.atomic(durable=True):
        FollowerCursor.objects.get_or_create(name=NAME, defaults={"version": FORM})
        FollowerCursor.objects.select_for_update().get(name=NAME)
        yield
