"""Names of criteria that nobody here has: told, and never replaced by a neighbour.

Whoever sees all patients is told of what nobody has. Others are told of what no name is
called that they may know (`cohorts.vocabulary`): that any other is there, or is not,
would tell of somebody.
"""

from collections.abc import Iterator
from typing import Final

from cohorts.criteria import Query
from cohorts.criteria.check import leaves
from cohorts.criteria.model import OfEvent
from cohorts.criteria.values import Concept, ConceptText
from cohorts.execution.concepts import keys_of_words
from cohorts.execution.synonyms import meanings_of
from cohorts.execution.words import query_of
from cohorts.language.suggested import Absent
from cohorts.vocabulary import FEWEST, TYPES, is_called
from core.access import Actor, Verb
from core.database import raw_connection
from fhirlink.events.shapes import Kind
from fhirlink.models import CodeUse

_KINDS: Final = {name: kind for kind, name in TYPES.items()}
_IS_USED: Final = (
    "SELECT EXISTS (SELECT FROM fhirlink_codeuse WHERE role = %s AND kind = %s"
    " AND codeable_concept_id = ANY(%s) AND number_of_events > 0)"
)


class Held:
    """What is held in a partition, as far as an actor may be told; each name once."""

    def __init__(self, actor: Actor, partition_id: int) -> None:
        reach = actor.reach(Verb.VIEW_PHI)
        self._partition_id = partition_id
        self._sees_all = reach.has_whole(partition_id)
        self._sees_words = reach.enters(partition_id)
        self._known: dict[tuple[str, str], bool] = {}

    def absent(self, query: Query) -> tuple[Absent, ...]:
        """Return the names of criteria that are not there, in their order."""
        fewer_than = 1 if self._sees_all else FEWEST
        return tuple(
            Absent(text, type_, fewer_than)
            for text, type_ in dict.fromkeys(_named(query))
            if not self._has(text, type_)
        )

    def _has(self, text: str, type_: str) -> bool:
        if (text, type_) not in self._known:
            self._known[text, type_] = self._look(text, _KINDS[type_])
        return self._known[text, type_]

    def _look(self, text: str, kind: Kind) -> bool:
        if self._sees_all:
            keys = sorted(keys_of_words(self._partition_id, text))
            values = (CodeUse.Role.CODE, kind, keys)
            ((is_used,),) = raw_connection().execute(_IS_USED, values).fetchall()
            return bool(is_used)
        if kind is Kind.ENCOUNTER:
            return True  # its class has a name of its own, by no coding
        words = query_of(meanings_of(text))
        return not words or is_called(
            self._partition_id, kind, words, sees_words=self._sees_words
        )


def _named(query: Query) -> Iterator[tuple[str, str]]:
    """Yield the names that are asked for in words, and the type of their events."""
    for leaf in leaves(query.where):
        if isinstance(leaf, OfEvent):
            yield from _text_of(leaf.event.code, leaf.event.type)
    for output in query.output:
        yield from _text_of(output.code, output.what)


def _text_of(concept: Concept | None, type_: str) -> Iterator[tuple[str, str]]:
    if isinstance(concept, ConceptText) and type_ in _KINDS:
        yield concept.text, type_
