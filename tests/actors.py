"""Actors for tests: some verbs, everywhere or in some partitions."""

from collections.abc import Collection
from typing import Final

from core.access import WITH_STORE, Actor, Verb
from core.reach import Reach

ALL_VERBS: Final = frozenset(Verb)
READING: Final = frozenset({Verb.READ, Verb.VIEW_PHI})


def acting(
    account_id: int | None,
    name: str,
    verbs: Collection[Verb] = ALL_VERBS,
    partitions: frozenset[int] | None = None,
) -> Actor:
    """Return an actor whose verbs all reach the same partitions; all with None."""
    verbs = {*verbs, *(WITH_STORE if Verb.STORE in verbs else ())}
    return Actor(account_id, name, dict.fromkeys(verbs, Reach(partitions)))
