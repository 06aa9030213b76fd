"""Names of criteria that nobody here has: told, and never replaced by a neighbour."""

from collections.abc import Iterator
from typing import Final

from cohorts.criteria import Query
from cohorts.criteria.check import leaves
from cohorts.criteria.model import OfEvent
from cohorts.criteria.values import Concept, ConceptText
from cohorts.execution.concepts import keys_of_words
from cohorts.language.suggested import Absent
from cohorts.vocabulary import FEWEST, TYPES
from core.access import Actor, Verb
from core.database import raw_connection
from fhirlink.models import CodeUse

_KINDS: Final = {name: int(kind) for kind, name in TYPES.items()}
_NUMBER: Final = (
    "SELECT coalesce(sum(number_of_events), 0)::bigint FROM fhirlink_codeuse"
    " WHERE role = %s AND kind = %s AND codeable_concept_id = ANY(%s)"
)


class Counter:
    """Counts the events of names in a partition, each name once.

    Attributes
    ----------
    fewest
        Events that a name has to have. One, for whoever sees all patients of the
        partition; for others as many as `cohorts.vocabulary` asks for, as that a name
        is there would tell that somebody has it.
    """

    def __init__(self, actor: Actor, partition_id: int) -> None:
        self._partition_id = partition_id
        sees_all = actor.reach(Verb.VIEW_PHI).has_whole(partition_id)
        self.fewest = 1 if sees_all else FEWEST
        self._numbers: dict[tuple[str, str], int] = {}

    def absent(self, query: Query) -> tuple[Absent, ...]:
        """Return the names of criteria that too few events have, in their order."""
        named = dict.fromkeys(_named(query))
        return tuple(
            Absent(text, type_, self.fewest)
            for text, type_ in named
            if self._number(text, type_) < self.fewest
        )

    def _number(self, text: str, type_: str) -> int:
        if (text, type_) not in self._numbers:
            keys = sorted(keys_of_words(self._partition_id, text))
            values = (CodeUse.Role.CODE, _KINDS[type_], keys)
            ((number,),) = raw_connection().execute(_NUMBER, values).fetchall()
            self._numbers[text, type_] = number
        return self._numbers[text, type_]


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
