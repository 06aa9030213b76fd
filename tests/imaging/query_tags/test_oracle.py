"""Random searches by random tags answer what a plain Python loop answers.

Each backend is asked for itself. Seeded; more with ``PORTAL_SEARCHES=200`` (seeds) in
the environment.
"""

import os
import random
from collections import Counter
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import pytest

from core.errors import Invalid
from imaging.query import Level, tag_pages
from tests.imaging.query.rows import model
from tests.imaging.query_tags.drawing import TAGS, Tag, bare
from tests.imaging.query_tags.tagging import Asking, instance, ready, whole
from tests.imaging.stores import received_model, store

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = range(int(os.environ.get("PORTAL_SEARCHES", "2")))
STUDIES: Final = 14
SEARCHES: Final = 120
SEQUENCE: Final = "ReferencedRequestSequence"
INSIDE: Final = ("AccessionNumber", "RequestedProcedureID", "RequestingPhysician")
PRIVATE: Final = "00191010"
SUFFIX: Final = {Level.STUDY: "", Level.SERIES: ".1", Level.INSTANCE: ".1.1"}
PARTITIONS: Final = ("default", "other")
Values = dict[str, list[Any]]
Item = tuple[str, str, str]


class Held(NamedTuple):
    """One instance, alone in its study and series."""

    uid: str
    partition: str
    values: Values
    items: list[Item]
    sex: str


@pytest.fixture(
    params=[
        "postgresql",
        pytest.param("elasticsearch", marks=pytest.mark.peer("elasticsearch")),
    ]
)
def asking(request: pytest.FixtureRequest) -> Asking:
    if request.param == "postgresql":
        return Asking(None)
    return Asking(request.getfixturevalue("search_index"))


def stored(draw: random.Random) -> list[Held]:
    held = []
    for number in range(1, STUDIES + 1):
        uid, values = f"{number}", {tag.path: tag.draw(draw) for tag in TAGS}
        items = [
            (draw.choice("ab"), draw.choice("xy"), draw.choice(["Roe^R", "Å^B=山田"]))
            for _ in range(draw.randint(0, 2))
        ]
        one = Held(uid, draw.choice(PARTITIONS), values, items, draw.choice("FM"))
        given: Values = {key: each for key, each in values.items() if each}
        given["PatientSex"] = [one.sex]
        if items:
            given[SEQUENCE] = [
                model(**dict(zip(INSIDE, each, strict=True))) for each in items
            ]
        store(instance(uid, f"{uid}.1", f"{uid}.1.1", **given), partition=one.partition)
        held.append(one)
    return held


def archive(draw: random.Random, asking: Asking) -> list[Held]:
    """Return what is held and can be searched by all tags, old and new ones."""
    early = set(draw.sample(TAGS, 4))
    for tag in early:
        ready(tag.path, level=tag.level.name.lower())
    held = stored(draw)
    for tag in set(TAGS) - early:
        ready(tag.path, level=tag.level.name.lower())
    ready(*(f"{SEQUENCE}.{each}" for each in INSIDE))
    asking.settle()
    return held


def within(held: list[Held], partition: str | None) -> list[Held]:
    """Return what lies in a partition, the newest first."""
    return [one for one in reversed(held) if partition in {None, one.partition}]


def matching(one: Held, asked: list[tuple[Tag, Any]]) -> bool:
    return all(
        any(matches(value) for value in one.values[tag.path] if value != "")
        for tag, matches in asked
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_searches_find_what_a_plain_loop_finds(
    asking: Asking, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    held = archive(draw, asking)
    hits = 0
    for _ in range(SEARCHES):
        tags = draw.sample(TAGS, draw.choice([1, 1, 2]))
        level = Level(draw.randint(max(tag.level for tag in tags), Level.INSTANCE))
        given = [(tag, *tag.ask(draw)) for tag in tags]
        text = "&".join(
            f"{tag.path}={quote(asked, safe='')}" for tag, asked, _ in given
        )
        tests = [(tag, matches) for tag, _, matches in given]
        sex = draw.choice(["", "", "F", "M"])
        text += f"&PatientSex={sex}" if sex else ""
        monkeypatch.setattr(tag_pages, "FEW", draw.choice([2, 20_000]))
        partition = draw.choice([*PARTITIONS, None])
        expected = [
            one.uid + SUFFIX[level]
            for one in within(held, partition)
            if matching(one, tests) and sex in {"", one.sex}
        ]
        hits += bool(expected)
        assert asking.find(text, level, partition) == expected, text
        if draw.random() < 0.15:
            limit, offset = draw.randint(1, 3), draw.randint(0, 4)
            assert asking.walk(text, limit, level, partition) == expected, text
            later = f"{text}&offset={offset}"
            assert asking.walk(later, limit, level, partition) == expected[offset:]
    assert hits > SEARCHES / 8
    asked_of_items(draw, held, asking)
    counted(held, asking)


def asked_of_items(draw: random.Random, held: list[Held], asking: Asking) -> None:
    """Hold that several keys of a sequence are asked of one item."""
    patterns = ["a", "b", "?", "*"], ["x", "Y", "*y"], ["roe*", "*山*", "å^b", "a*=*田"]
    for _ in range(SEARCHES // 4):
        asked = [draw.choice(each) for each in patterns]
        asked[draw.randrange(3)] = "*"
        text = "&".join(
            f"{SEQUENCE}.{key}={quote(value)}"
            for key, value in zip(INSIDE, asked, strict=True)
        )
        expected = [
            one.uid
            for one in within(held, None)
            if any(item_matches(item, asked) for item in one.items)
            or asked == ["*"] * 3
        ]
        assert asking.find(text, partition=None) == expected, text


def counted(held: list[Held], asking: Asking) -> None:
    """Hold that studies are counted by all values of all tags."""
    for tag in TAGS:
        for partition in (*PARTITIONS, None):
            expected = Counter(
                value
                for one in within(held, partition)
                for value in {tag.told(each) for each in one.values[tag.path]} - {""}
            )
            counts = asking.facets(tag.path, "", partition)
            assert dict(counts) == expected, tag.path
            numbers = [count.number for count in counts]
            assert numbers == sorted(numbers, reverse=True)


def item_matches(item: Item, asked: list[str]) -> bool:
    *codes, name = zip(item, asked, strict=True)
    if not all(fnmatchcase(held, each.lower()) for held, each in codes):
        return False
    groups, wanted = name[0].split("="), bare(name[1]).split("=")
    if len(wanted) == 1:
        return any(fnmatchcase(bare(group), wanted[0]) for group in groups)
    return len(groups) == len(wanted) and all(
        fnmatchcase(bare(group), each)
        for group, each in zip(groups, wanted, strict=True)
    )


def test_no_value_and_every_value_can_be_asked_for(asking: Asking) -> None:
    ready("OtherPatientIDs")
    for number, ids in enumerate((["A"], ["A", "B"], [], ["B"]), 1):
        values = {"OtherPatientIDs": ids} if ids else {}
        store(instance(f"{number}", f"{number}.1", f"{number}.1.1", **values))
    asking.settle()
    assert asking.find("OtherPatientIDs=A%5CB") == ["4", "2", "1"]
    every = "OtherPatientIDs=A%5CB&multiplevaluematching=true"
    assert asking.find(every) == ["2"]
    assert asking.find("OtherPatientIDs=%22%22&emptyvaluematching=true") == ["3"]
    both = "OtherPatientIDs=%22%22%5CB&emptyvaluematching=true"
    assert asking.find(both) == ["4", "3", "2"]
    assert asking.find("OtherPatientIDs=") == ["4", "3", "2", "1"]


def test_one_value_of_an_item_may_fit_several_patterns(asking: Asking) -> None:
    path = f"{SEQUENCE}.{INSIDE[0]}"
    ready(path)
    for number, values in enumerate((["ab"], ["ax", "yb"], ["b", "ab"]), 1):
        items = [model(AccessionNumber=value) for value in values]
        one = instance(f"{number}", f"{number}.1", f"{number}.1.1", **{SEQUENCE: items})
        store(one)
    asking.settle()
    every = f"{path}=a*%5C*b&multiplevaluematching=true"
    assert asking.find(every) == ["3", "1"]


def test_names_match_by_groups_and_beginnings_of_words(asking: Asking) -> None:
    ready("OtherPatientNames")
    for number, names in enumerate(
        (["Doe^John=山田"], ["Doe^John", "Roe^Jane=山田"], ["Doe^Jack"]), 1
    ):
        uid = f"{number}"
        store(instance(uid, f"{uid}.1", f"{uid}.1.1", OtherPatientNames=names))
    asking.settle()
    assert asking.find("OtherPatientNames=doe^john=山田") == ["1"]
    assert asking.find("OtherPatientNames==山田") == ["2", "1"]
    assert asking.find("OtherPatientNames=jo&fuzzymatching=true") == ["2", "1"]
    assert asking.find("OtherPatientNames=do ja&fuzzymatching=true") == ["3"]


def test_private_tags_are_found_in_whatever_block(asking: Asking) -> None:
    ready(PRIVATE, level="series", vr="LO", private_creator="MAKER")
    for number, block in enumerate(("10", "42", "11"), 1):
        creator = "OTHER" if block == "11" else "MAKER"
        private = {
            f"001900{block}": {"vr": "LO", "Value": [creator]},
            f"0019{block}10": {"vr": "LO", "Value": ["Deep", "Fast"]},
        }
        uid = f"{number}"
        store(received_model(whole(uid, f"{uid}.1", f"{uid}.1.1") | private))
    asking.settle()
    assert asking.find(f"{PRIVATE}=fast", Level.SERIES) == ["2.1", "1.1"]
    assert asking.find(f"{PRIVATE}=d*", Level.INSTANCE) == ["2.1.1", "1.1.1"]


def test_results_are_not_sorted_by_tags(asking: Asking) -> None:
    ready("PatientAge")
    with pytest.raises(Invalid) as caught:
        asking.find("PatientAge=*&sort=PatientAge")
    assert caught.value.path in {"sort", "PatientAge"}
