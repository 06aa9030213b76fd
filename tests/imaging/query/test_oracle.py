"""Random searches among random studies answer what a plain Python loop answers.

In every dialect, in names of many scripts, in any order, page by page while more is
stored. Seeded; more with ``PORTAL_SEARCHES=200`` (seeds) in the environment.
"""

import os
import random

import orjson
import pytest

from core.access import Actor, system
from core.models import Partition
from imaging.query import (
    AZURE_V1,
    AZURE_V2,
    STANDARD,
    Level,
    parse,
    search,
)
from tests.actors import READING, acting
from tests.imaging.query import drawing
from tests.imaging.query.drawing import Asked
from tests.imaging.query.rows import hold_study

pytestmark = pytest.mark.django_db
SEEDS = range(int(os.environ.get("PORTAL_SEARCHES", "4")))
STUDIES = 12
SEARCHES = 200
WALKS = 50
RULES = [STANDARD, STANDARD, STANDARD, AZURE_V1, AZURE_V2]
UID = {Level.STUDY: "0020000D", Level.SERIES: "0020000E", Level.INSTANCE: "00080018"}


@pytest.fixture
def partition() -> Partition:
    return Partition.objects.create(name="oracle")


def found(
    asked: Asked,
    more: str = "",
    *,
    actor: Actor | None = None,
    partition: str | None = "oracle",
) -> tuple[list[str], str | None]:
    """Return the UIDs of a page and the cursor of the next."""
    query = parse(asked.target, f"{asked.text()}&{more}".encode(), asked.rules)
    answer = search(
        actor=actor or system("test"), partition=partition, query=query, base_url=""
    )
    tag = UID[asked.target.level]
    uids = [row[tag]["Value"][0] for row in orjson.loads(answer.body)]
    return uids, answer.cursor


@pytest.mark.parametrize("seed", SEEDS)
def test_as_the_oracle(partition: Partition, seed: int) -> None:
    draw = random.Random(seed)
    studies = [drawing.study(draw) for _ in range(STUDIES)]
    for number, study in enumerate(studies, 1):
        hold_study(partition, number, study)
    other = Partition.objects.create(name="other")
    keys = frozenset({partition.pk, other.pk})
    reader = acting(1, "reader", READING, keys)
    hits = 0
    for _ in range(SEARCHES):
        asked = drawing.search(draw, draw.choice(RULES), studies)
        wanted = asked.expected(studies)
        hits += bool(wanted)
        assert found(asked)[0] == wanted, asked
        assert found(asked, partition=None)[0] == wanted, asked
        assert found(asked, partition=None, actor=reader)[0] == wanted, asked
    assert hits > SEARCHES / 3


@pytest.mark.parametrize("seed", SEEDS)
def test_pages_while_more_is_stored(partition: Partition, seed: int) -> None:
    draw = random.Random(-1 - seed)
    held = [drawing.study(draw) for _ in range(STUDIES // 2)]
    for number, study in enumerate(held, 1):
        hold_study(partition, number, study)
    for _ in range(WALKS):
        asked = drawing.search(draw, STANDARD, held)
        before = asked.expected(held)
        limit = draw.randint(1, 4)
        walked, cursor = found(asked, f"limit={limit}")
        while cursor:
            if draw.random() < 0.2:
                held.append(drawing.study(draw))
                hold_study(partition, len(held), held[-1])
            page, cursor = found(asked, f"limit={limit}&cursor={cursor}")
            walked += page
            assert len(walked) == len(set(walked)), asked
        assert [uid for uid in walked if uid in before] == before, asked
        now = asked.expected(held)
        assert walked == [uid for uid in now if uid in walked], asked
