"""How many workitems there are of each state: on worklists, or of what a search asks.

No kind is counted further than `MOST`, so that numbers cost the same however many
workitems have ended.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from django.utils import timezone
from psycopg.errors import QueryCanceled

from core import audit
from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import TooLarge
from imaging.query.conditions import Condition, all_of
from worklist.access import ways_within, within
from worklist.query import WorkitemQuery
from worklist.rules import State
from worklist.search import TOO_BROAD, Scene, scene_of
from worklist.search_sql import conditions_of
from worklist.write import PRIORITIES

MOST: Final = 1_000
"""That are counted of one kind; what counting costs is bounded so."""

_OVERDUE: Final = f"w.rank < {len(PRIORITIES)} AND w.due_at < %s"
_ON_IT: Final = f"""
SELECT listed.id, kind.state, (SELECT count(*) FROM (
  SELECT FROM worklist_workitem w WHERE w.worklist_id = listed.id
    AND w.state = kind.state AND {{visible}} LIMIT %s) AS few)
FROM unnest(%s::bigint[]) AS listed (id), unnest(%s::text[]) AS kind (state)
UNION ALL
SELECT listed.id, '', (SELECT count(*) FROM (
  SELECT FROM worklist_workitem w WHERE w.worklist_id = listed.id
    AND {_OVERDUE} AND {{visible}} LIMIT %s) AS few)
FROM unnest(%s::bigint[]) AS listed (id)
"""  # noqa: S608 own names
_OF_KIND: Final = "(SELECT least(count(*), {most}) FROM ({some}) AS few)"
_SOME: Final = "(SELECT {told} FROM worklist_workitem w WHERE {where} LIMIT {most})"


class Numbers(NamedTuple):
    """How many workitems there are, `MOST` of each kind at most.

    Attributes
    ----------
    overdue
        Those that are open and were expected to be done by now.
    """

    by_state: Mapping[State, int]
    overdue: int


def count_by_state(*, actor: Actor, partition: str, query: WorkitemQuery) -> Numbers:
    """Return how many workitems match that the actor may see, in one statement.

    Raises
    ------
    Forbidden
        The actor may see no patient anywhere.
    NotFound
        It sees nothing of the partition.
    TooLarge
        It took the database too long.
    """
    scene = scene_of(actor, partition, query)
    ways = ways_within(actor.reach(Verb.VIEW_PHI), scene.partition_id)
    statement, values = _counting(query, scene, ways)
    try:
        with raw_connection().cursor() as cursor:
            # Not prepared: how rare a value is decides how it is looked for.
            found = cursor.execute(statement, values, prepare=False)
            row = found.fetchone()
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error
    *of_states, overdue = row or ()
    audit.record_soon(
        audit.Event(
            actor,
            audit.Action.SEARCH,
            partition_id=scene.partition_id,
            detail="numbers of workitems",
            query=query.text,
        )
    )
    return Numbers(dict(zip(State, of_states, strict=True)), overdue)


def count_on_worklists(
    *, actor: Actor, partition_id: int, keys: Collection[int]
) -> Mapping[int, Numbers]:
    """Return how much of what the actor may see is on worklists, by their keys.

    Raises
    ------
    Forbidden
        The actor may see no patient anywhere.
    TooLarge
        It took the database too long.
    """
    require(actor, Verb.VIEW_PHI)
    visible, values = within(actor.reach(Verb.VIEW_PHI), partition_id)
    lists, states = list(keys), [state.value for state in State]
    try:
        rows = (
            raw_connection()
            .execute(
                _ON_IT.format(visible=visible),
                [*values, MOST, lists, states, timezone.now(), *values, MOST, lists],
            )
            .fetchall()
        )
    except QueryCanceled as error:
        message = "Counting took too long: ask for less worklists at once."
        raise TooLarge(message) from error
    found = {(key, state): number for key, state, number in rows}
    return {
        key: Numbers({state: found[key, state] for state in State}, found[key, ""])
        for key in lists
    }


def _counting(
    query: WorkitemQuery, scene: Scene, ways: Sequence[Condition]
) -> Condition:
    """Return the statement that counts of each kind.

    Each way that leads to what is seen is followed as far as `MOST`, so that nobody
    looks at all that is not seen.
    """
    asked = list(conditions_of(query, scene.partition_id, scene.worklists))
    # Of one way keys need not be read: an index alone may do.
    told = "w.id" if len(ways) > 1 else ""
    counts, values = [], []
    for kind in _kinds():
        some = []
        for way in ways:
            text, given = all_of([*asked, kind, way])
            some.append(_SOME.format(told=told, where=text, most=MOST))
            values += given
        counts.append(_OF_KIND.format(some=" UNION ".join(some), most=MOST))
    return f"SELECT {', '.join(counts)}", values


def _kinds() -> Iterator[Condition]:
    """Yield what is true of a row ``w`` of each state, and of what is overdue."""
    for state in State:
        # An index has what is open before what has ended.
        rank = ">=" if state.is_final else "<"
        yield f"w.state = %s AND w.rank {rank} {len(PRIORITIES)}", [state.value]
    yield _OVERDUE, [timezone.now()]
