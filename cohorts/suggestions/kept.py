"""The vectors of names: made in the background, a batch at a time, and kept.

Which names there are is what questions may know (`cohorts.vocabulary`): those that five
events of a partition have. A name that is gone loses its vector.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from django.db import transaction

from cohorts.language.lexicon import MOST_WORDS, plain_name
from cohorts.language.text import keys_of
from cohorts.models import NameVector
from cohorts.suggestions.installed import encoder, model_name
from cohorts.suggestions.tensors import Array
from cohorts.vocabulary import displays_of
from core.database import raw_connection
from core.models import Partition

MOST: Final = 100_000
"""Names of all partitions that have vectors: 80 MB."""

_BATCH: Final = 64  # names, about half a second
_LOCK: Final = 710_045
_FORM: Final = "<f2"
# One row, and one value each way: 20,000 would take Python ten times as long.
_VECTORS: Final = """
SELECT string_agg(int4send(asked.place::int - 1), ''::bytea ORDER BY asked.place),
    string_agg(held.vector, ''::bytea ORDER BY asked.place)
FROM string_to_table(%s, E'\\n') WITH ORDINALITY AS asked (name, place)
JOIN cohorts_namevector held USING (name) WHERE held.model = %s
"""


class Progress(NamedTuple):
    """How many of the names have a vector, and by which model; empty: none there."""

    model: str
    made: int
    names: int


def progress() -> Progress:
    """Return how far it is."""
    model = model_name()
    names = _names()
    return Progress(model, len(names & _made(model)) if model else 0, len(names))


def make(*, time_limit_s: float) -> bool:
    """Make the vectors that are missing, remove others; return whether more are left.

    Nothing where no model is installed. Two at once do not hinder each other: one goes
    on, the other leaves it to that.
    """
    model = model_name()
    if not model:
        return False
    until = time.monotonic() + time_limit_s
    names, made = _names(), _made(model)
    _remove(model, made - names)
    missing = sorted(names - made)
    for first in range(0, len(missing), _BATCH):
        if time.monotonic() > until:
            return True
        if not _keep(model, missing[first : first + _BATCH]):
            return False
    return False


def vectors_of(names: Sequence[str]) -> tuple[list[int], Array]:
    """Return the vectors of those of some names that have one, and which these are."""
    with raw_connection().cursor(binary=True) as cursor:
        cursor.execute(_VECTORS, ("\n".join(names), model_name()))
        ((places, whole),) = cursor.fetchall()
    if not places:
        return [], np.zeros((0, 0), np.float32)
    found: list[int] = np.frombuffer(places, ">i4").tolist()
    return found, np.frombuffer(whole, _FORM).reshape(len(found), -1).astype("<f4")


def _names() -> frozenset[str]:
    partitions = Partition.objects.order_by("pk").values_list("pk", flat=True)
    return frozenset(islice(_named(partitions), MOST))


def _named(partitions: Iterable[int]) -> Iterator[str]:
    for key in partitions:
        for displays in displays_of(key, sees_words=True).values():
            for display in displays:
                name = plain_name(display)
                if 0 < len(keys_of(name)) <= MOST_WORDS:
                    yield name


def _made(model: str) -> frozenset[str]:
    held = NameVector.objects.filter(model=model)
    return frozenset(held.values_list("name", flat=True))


def _keep(model: str, names: Sequence[str]) -> bool:
    """Make and keep a batch; false where somebody else is at it."""
    with transaction.atomic():
        lock = "SELECT pg_try_advisory_xact_lock(%s)"
        if raw_connection().execute(lock, (_LOCK,)).fetchall() != [(True,)]:
            return False
        vectors = encoder().vectors(names).astype(_FORM)
        NameVector.objects.bulk_create(
            (
                NameVector(model=model, name=name, vector=vector.tobytes())
                for name, vector in zip(names, vectors, strict=True)
            ),
            ignore_conflicts=True,
        )
    return True


def _remove(model: str, names: frozenset[str]) -> None:
    """Remove the vectors of names that are gone, and all of other models."""
    NameVector.objects.exclude(model=model).delete()
    if names:
        NameVector.objects.filter(model=model, name__in=names).delete()
