"""Searches find what an evaluation of the JSON of all resources finds."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from core.errors import Invalid
from core.partitions import get_or_create_partition
from fhirlink.access import Seen
from fhirlink.search import slots, through
from fhirlink.search.asked import asked
from fhirlink.search.index import index_rows
from fhirlink.search.matching import matching_ids
from fhirlink.search.parse import pairs_of
from fhirlink.served import is_served
from fhirlink.write import Change, write
from tests.fhirlink.search.drawing import Drawing
from tests.fhirlink.search.oracle import World
from tests.fhirlink.search.records import records, samples
from tests.fhirlink.service import ACTOR
from tests.synthetic import new_uid

pytestmark = pytest.mark.django_db

SEARCHES = 400
HIDDEN = ("patient-1", "patient-3", "patient-4", "patient-7")


def stored(resources: Sequence[Mapping[str, Any]]) -> int:
    """Store resources in a partition of their own; return its key."""
    partition_id = get_or_create_partition(actor=ACTOR, name=f"o-{new_uid()[-12:]}")
    changes = [
        Change(each["resourceType"], each["id"], "PUT", each) for each in resources
    ]
    for at in range(0, len(changes), 500):
        write(ACTOR, partition_id, changes[at : at + 500])
    return partition_id


def everything(partition_id: int) -> Seen:
    return Seen(partition_id, "true", [])


def without_some(partition_id: int) -> tuple[Seen, Callable[[Any], bool]]:
    """Return the sight of who does not see some patients' compartments."""
    terms = [slots.compartment(partition_id, each) for each in HIDDEN]

    def sees(resource: Any) -> bool:
        return not {*terms} & {*index_rows(partition_id, resource).terms}

    return Seen(partition_id, "NOT (r.terms && %s::bigint[])", [terms]), sees


def drawn(drawing: Drawing, number: int) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Yield searches that have a meaning, with their conditions."""
    while number:
        type_, query = drawing.search()
        try:
            found = asked([type_], list(pairs_of(query)))
        except Invalid:
            continue
        number -= 1
        yield type_, query, found.conditions[0]


def compare(
    resources: Sequence[Mapping[str, Any]],
    seen: Seen,
    sees: Callable[[Any], bool],
    *,
    seed: int,
    number: int,
) -> Counter[str]:
    """Compare searches with the oracle; return how many found what."""
    world = World(resources, sees)
    told: Counter[str] = Counter()
    for type_, query, conditions in drawn(Drawing(resources, seed), number):
        expected = world.found(type_, conditions)
        found = matching_ids(seen, type_, query, limit=100_000)
        assert {*found} == expected, f"{type_}?{query}"
        assert len(found) == len(expected)
        told["something" if expected else "nothing"] += 1
    return told


@pytest.mark.parametrize("seed", [1, 2])
def test_searches_find_what_the_oracle_finds(seed: int) -> None:
    resources = records()
    partition_id = stored(resources)

    told = compare(
        resources, everything(partition_id), lambda _: True, seed=seed, number=SEARCHES
    )

    assert told["something"] > SEARCHES / 3
    assert told["nothing"] > SEARCHES / 20


@pytest.mark.parametrize("many", [through.MANY, 1])
def test_what_is_not_seen_shows_through_no_chain(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(through, "MANY", many)
    resources = records()
    partition_id = stored(resources)
    seen, sees = without_some(partition_id)

    compare(resources, seen, sees, seed=3, number=SEARCHES)


def test_searches_of_the_samples_find_what_the_oracle_finds() -> None:
    held = {
        (each["resourceType"], each["id"]): each
        for each in samples()
        if is_served(each["resourceType"])
    }
    if not held:
        pytest.skip("the samples are not here")
    # The oracle looks at each resource for each search: some of them are enough.
    resources = list(held.values())[::5]
    partition_id = stored(resources)

    told = compare(
        resources, everything(partition_id), lambda _: True, seed=4, number=60
    )

    assert told["something"] > 15
