"""Criteria with what they name written in its place: so all that runs is plain.

A cohort becomes the group of its criteria, a set its concept. What is named is looked
up as the asker sees it, and its criteria then run with the asker's own access.
"""

from typing import Any, Final, NamedTuple

from cohorts.criteria import Query, dumped, parse_criteria
from cohorts.definitions.found import definition_named, newest
from cohorts.definitions.named import Named, event_names, names_in, renamed, replaced
from cohorts.models import Definition, DefinitionKind, DefinitionVersion
from core.access import Actor
from core.errors import Invalid

MOST_NESTED: Final = 5
"""Definitions that name one another, one below the other."""

MOST_NAMED: Final = 100
"""Definitions in a question, each as often as it is named."""


class Used(NamedTuple):
    """A definition that criteria have named, and which version of it counted."""

    kind: str
    key: str
    name: str
    version: int


def used_of(definition: Definition, version: DefinitionVersion) -> Used:
    """Return a definition as a run keeps it."""
    return Used(
        str(definition.kind), str(definition.pk), definition.name, version.number
    )


class Inlined(NamedTuple):
    """Criteria without names of definitions, and those that they had."""

    query: Query
    used: tuple[Used, ...]


def inlined(*, actor: Actor, partition_id: int, query: Query) -> Inlined:
    """Return criteria with all that they name written in its place.

    Raises
    ------
    Invalid
        They name what there is not, or what names itself; or what is named is too deep
        or too much.
    """
    plain = dumped(query)
    if next(names_in(plain), None) is None:
        return Inlined(query, ())
    writer = _Writer(actor, partition_id, set(event_names(plain)))
    whole = replaced(plain, lambda name: writer.written(name, ()))
    return Inlined(parse_criteria(whole), tuple(dict.fromkeys(writer.used)))


class _Writer:
    """Writes definitions for their names, each with names of events of its own."""

    def __init__(self, actor: Actor, partition_id: int, taken: set[str]) -> None:
        self._actor = actor
        self._partition_id = partition_id
        self._taken = taken
        self._known: dict[Named, tuple[Definition, Used, Any]] = {}
        self.used: list[Used] = []

    def written(self, name: Named, above: tuple[Definition, ...]) -> Any:
        """Return what stands for a name below other definitions."""
        definition, used, content = self._find(name)
        if definition in above:
            way = [each.name for each in (*above, definition)]
            message = f"It names itself: {' > '.join(way)}."
            raise Invalid(message, path=name.kind)
        if len(above) >= MOST_NESTED:
            message = f"Definitions name others at most {MOST_NESTED} deep."
            raise Invalid(message, path=name.kind)
        self.used.append(used)
        if len(self.used) > MOST_NAMED:
            message = f"Criteria have at most {MOST_NAMED} names of definitions."
            raise Invalid(message, path=name.kind)
        if definition.kind == DefinitionKind.COHORT:
            content = self._renamed(content["where"])
        found = replaced(content, lambda e: self.written(e, (*above, definition)))
        # In an any of its own nothing that it binds is known outside.
        return {"any": [found]} if name.kind == DefinitionKind.COHORT else found

    def _find(self, name: Named) -> tuple[Definition, Used, Any]:
        if name not in self._known:
            found = definition_named(
                actor=self._actor, partition_id=self._partition_id, name=name
            )
            version = newest(found)
            self._known[name] = (found, used_of(found, version), version.content)
        return self._known[name]

    def _renamed(self, where: Any) -> Any:
        names: dict[str, str] = {}
        for name in event_names(where):
            number = len(self._taken)
            while (other := f"c{number}") in self._taken:
                number += 1
            self._taken.add(other)
            names[name] = other
        return renamed(where, names)
