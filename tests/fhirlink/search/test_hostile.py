"""Query strings of who means no good are refused, or searched within bounds."""

import random
from collections.abc import Iterator

import pytest

from core.errors import PortalError
from core.partitions import get_or_create_partition
from fhirlink.access import Seen
from fhirlink.definitions.parameters import parameters_of
from fhirlink.search.asked import asked
from fhirlink.search.matching import matching_ids
from fhirlink.search.parse import MAXIMUM_VALUES, pairs_of
from fhirlink.search.statements import page_of, where_of
from tests.fhirlink.service import ACTOR
from tests.synthetic import new_uid

PIECES = [
    *("_has:", "_has:Observation:subject:", "_has:Provenance:target:", "_include"),
    *("_sort", "_count", "_total", "_cursor", "_elements", ":not", ":exact", ":in"),
    *(":missing", ":contains", ":of-type", ":identifier", ":text", ":below", ".", ":"),
    *("eq", "ne", "ap", "sa", "2020", "-13", "-99-99", "T", "Z", "+99:99", "9999"),
    *("1e999", "1e-999", "NaN", "-0", "0.0000000001", "|", "||", "$", "\\", ",", "%"),
    *("'", '"', ";--", "{}", "%s", "{0}", "\u202e", "\ud83d", "\U0001f600", "é", " "),
    *("Patient", "Patient/", "/_history/1", "urn:uuid:x", "http://x|1", "#", "*"),
]
BRANCHING = "_has:Provenance:target:target._has:Provenance:target:_id"


def drawn(seed: int, number: int) -> Iterator[tuple[str, str]]:
    draw = random.Random(seed)
    types = ["Patient", "Observation", "DocumentReference", "Provenance", "Group"]
    for _ in range(number):
        type_ = draw.choice(types)
        pairs = []
        for _ in range(draw.randint(1, 3)):
            name = draw.choice([*parameters_of(type_), *PIECES])
            name += "".join(draw.choices(PIECES, k=draw.choice([0, 0, 1, 2])))
            text = "".join(draw.choices(PIECES, k=draw.randint(0, 4)))
            pairs.append(f"{name}={text}")
        yield type_, "&".join(pairs)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_asked_is_read_or_refused(seed: int) -> None:
    told = {"read": 0, "refused": 0}
    for type_, query in drawn(seed, 2_000):
        try:
            asked([type_], list(pairs_of(query)))
        except PortalError:
            told["refused"] += 1
        else:
            told["read"] += 1

    assert all(number > 100 for number in told.values())


@pytest.mark.django_db
def test_what_is_read_is_searched() -> None:
    key = get_or_create_partition(actor=ACTOR, name=f"h-{new_uid()[-12:]}")
    searched = 0
    for type_, query in drawn(99, 3_000):
        try:
            found = matching_ids(Seen(key, "true", []), type_, query, limit=10)
        except PortalError:
            continue
        assert found == []
        searched += 1

    assert searched > 150


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (f"target.{BRANCHING}", "1"),
        ("target._id", ",".join("x" * 999)),
        ("recorded", ",".join(["2020"] * 1_001)),
    ],
)
def test_what_has_many_branches_or_values_is_refused(name: str, text: str) -> None:
    with pytest.raises(PortalError, match=f"{MAXIMUM_VALUES} values"):
        asked(["Provenance"], [(name, text)])


@pytest.mark.django_db
def test_a_statement_is_as_long_as_its_search_at_most() -> None:
    key = get_or_create_partition(actor=ACTOR, name=f"h-{new_uid()[-12:]}")
    values = ",".join(f"urn:x|c${at}" for at in range(MAXIMUM_VALUES // 2))
    pairs = [("combo-code-value-quantity", values)] * 2
    wanted = asked(["Observation"], pairs)
    seen = Seen(key, "true", [])

    page = page_of(seen, wanted, where_of(seen, wanted), None)

    assert page.text.count("%s") == len(page.values)
    assert len(page.values) < 1 << 15  # PostgreSQL takes twice as many
