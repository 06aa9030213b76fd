"""What there is of the index, and how far it is: for operators."""

from collections.abc import Mapping
from typing import NamedTuple

from core.follower_status import FollowerStatus, status_of
from imaging.levels import Level
from imaging.query.elastic import indices
from imaging.query.elastic.clauses import none_of
from imaging.query.elastic.client import connection
from imaging.query.elastic.documents import ready_tags
from imaging.query.elastic.fields import LEVELS
from imaging.query.elastic.follower import SearchFollower
from imaging.query.elastic.tag_values import KNOWN, listed


class Overview(NamedTuple):
    """The index as it is.

    Attributes
    ----------
    documents
        How many there are of each level, as far as they can be searched.
    tags, lacking
        How many query tags are ready, and how many documents lack values of some.
    generations
        The indices by their numbers, and what is wrong with one.
    """

    documents: Mapping[Level, int]
    tags: int
    lacking: int
    generations: list[str]
    follower: FollowerStatus


def look() -> Overview:
    """Return what there is.

    Raises
    ------
    Away
        Elasticsearch does not answer.
    """
    found = indices.generations(connection())
    searched = {level: indices.searched(level) for level in LEVELS}
    documents = {
        level: indices.count(connection(), alias) for level, alias in searched.items()
    }
    tags = ready_tags()
    lacking = none_of({"term": {KNOWN: listed(tags)}})
    return Overview(
        documents,
        len(tags),
        sum(indices.count(connection(), name, lacking) for name in searched.values()),
        [_called(each) for each in found],
        status_of(SearchFollower()),
    )


def _called(each: indices.Generation) -> str:
    state = "searched" if each.is_searched else "not searched"
    return f"{each.number} ({state}{'' if each.is_sound else ', not sound'})"
