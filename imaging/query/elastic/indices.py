"""The indices in Elasticsearch: one for each level and generation, behind aliases.

A search asks the alias of its level and form; what is written goes to every generation
that there is. So a generation can be filled beside the one that is searched, which the
alias then leaves. Each generation is written through an alias of its own: were it gone,
Elasticsearch would otherwise make an index of that name by itself, with guessed fields.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from django.conf import settings
from elasticsearch import Elasticsearch

from imaging.levels import Level
from imaging.query.elastic.client import Connection
from imaging.query.elastic.fields import FORM, LEVELS, mappings

_WORDS: Final = {Level.STUDY: "studies", Level.SERIES: "series"}
_SETTINGS: Final[Mapping[str, Any]] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    # Whoever writes has what was written searchable (`writing`).
    "refresh_interval": "30s",
    # How long a late write to what was deleted is known to be late.
    "gc_deletes": "10m",
    "max_regex_length": 10_000,
    # Kept newest first, as most searches want them: of many that match, a page needs
    # no look at the others.
    "sort.field": "key",
    "sort.order": "desc",
}


class Generation(NamedTuple):
    """The indices of all levels that were made together.

    Attributes
    ----------
    names
        Of the index of each level.
    is_sound
        Whether all are there, as they were made.
    is_searched
        Whether the aliases of searches lead to them.
    """

    number: str
    names: Mapping[Level, str]
    is_sound: bool
    is_searched: bool


def searched(level: Level) -> str:
    """Return the alias that a search of a level asks."""
    return f"{_prefix()}-{_WORDS[level]}-{FORM}"


def written(name: str) -> str:
    """Return the alias that an index is written through."""
    return f"{name}-write"


def generations(connection: Connection) -> list[Generation]:
    """Return the generations of this form, the oldest first."""
    found: dict[str, Any] = connection.tell(
        lambda client: (
            client.indices.get(
                index=f"{_prefix()}-*-{FORM}-*", expand_wildcards="open"
            ).body
        )
    )
    numbers = sorted({name.rpartition("-")[2] for name in found})
    return [_generation(number, found) for number in numbers]


def make(connection: Connection, *, is_searched: bool) -> Generation:
    """Make a new generation, empty."""
    number = f"{time.time_ns():020d}"
    for level in LEVELS:
        name = f"{searched(level)}-{number}"
        aliases: dict[str, Any] = {written(name): {}}
        if is_searched:
            aliases[searched(level)] = {}
        _make(connection, name, level, aliases)
    names = {level: f"{searched(level)}-{number}" for level in LEVELS}
    return Generation(number, names, is_sound=True, is_searched=is_searched)


def _make(
    connection: Connection, name: str, level: Level, aliases: Mapping[str, Any]
) -> None:
    connection.tell(
        lambda client: client.indices.create(
            index=name,
            mappings=mappings(level),
            settings={"index": dict(_SETTINGS)},
            aliases=aliases,
        )
    )


def switch(connection: Connection, to: Generation) -> None:
    """Have searches ask a generation, at one moment, and remove the others."""
    actions: list[dict[str, Any]] = []
    for level, name in to.names.items():
        alias = searched(level)
        every = {"index": f"{alias}-*", "alias": alias, "must_exist": False}
        actions += [{"remove": every}, {"add": {"index": name, "alias": alias}}]
    connection.tell(lambda client: client.indices.update_aliases(actions=actions))
    for each in generations(connection):
        if each.number != to.number:
            remove(connection, each)


def count(
    connection: Connection, alias: str, matching: Mapping[str, Any] | None = None
) -> int:
    """Return how many documents an alias leads to; none where it is not there.

    Parameters
    ----------
    matching
        Only those that match this.
    """
    answer = connection.tell(
        lambda client: (
            client.count(index=alias, query=matching, ignore_unavailable=True).body
        )
    )
    return int(answer["count"])


def remove_all(connection: Connection) -> None:
    """Remove the indices of all generations and forms."""
    pattern = [f"{_prefix()}-{word}-*" for word in _WORDS.values()]
    found = connection.tell(
        lambda client: (
            client.indices.get(
                index=pattern, expand_wildcards="all", features="aliases"
            ).body
        )
    )
    _remove(connection, found)


def remove(connection: Connection, generation: Generation) -> None:
    """Remove a generation."""
    _remove(connection, generation.names.values())


def refresh(connection: Connection, generation: Generation) -> None:
    """Make all that was written searchable."""
    names = list(generation.names.values())
    connection.tell(lambda client: client.indices.refresh(index=names))


def _remove(connection: Connection, names: Iterable[str]) -> None:
    def remove(client: Elasticsearch) -> None:
        for name in names:
            client.indices.delete(index=name, ignore_unavailable=True)

    connection.tell(remove)


def _generation(number: str, found: Mapping[str, Any]) -> Generation:
    names = {level: f"{searched(level)}-{number}" for level in LEVELS}
    held = {level: found.get(name) for level, name in names.items()}
    return Generation(
        number,
        names,
        is_sound=all(
            each is not None
            and _shape(each["mappings"]) == _shape(mappings(level))
            and written(names[level]) in each["aliases"]
            for level, each in held.items()
        ),
        is_searched=all(
            each is not None and searched(level) in each["aliases"]
            for level, each in held.items()
        ),
    )


def _shape(mapped: Mapping[str, Any]) -> dict[str, Any]:
    """Return the types of fields: what else there is versions may spell differently."""
    return {
        name: _shape(field) if "properties" in field else field.get("type")
        for name, field in mapped.get("properties", {}).items()
    }


def _prefix() -> str:
    prefix: str = settings.ELASTICSEARCH_PREFIX
    return prefix
