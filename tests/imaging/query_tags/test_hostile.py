"""Whatever a file holds and whatever is asked: answered, listed or refused."""

import random
from contextlib import suppress
from typing import Any, Final

import pytest

from core.errors import Invalid
from imaging.levels import Level
from imaging.models import QueryTag
from imaging.query import AZURE_V2, Target, parse, search
from imaging.query_tags.definition import define
from imaging.query_tags.known import known_tags
from imaging.query_tags.tag import LEVELS, Tag
from imaging.query_tags.values import MAXIMUM_VALUES, values_of
from tests.imaging.query_tags.tagging import held, ready, rebuilt, whole
from tests.imaging.stores import ADMIN, received_model, store

PATHS: Final = {
    "00101010": "AS",
    "001021B0": "LT",
    "00101030": "DS",
    "00101001": "PN",
    "00080016": "UI",
    "0008002A": "DT",
    "00321050": "DA",
    "00181014": "TM",
    "00280010": "US",
    "00189346.0040A170.00080104": "LO",
}
TIMES: Final = 400
VALUES: Final[tuple[Any, ...]] = (
    None, "", " ", "\0", "a\0b", "\ud800", "x" * 20_000, "漢" * 5000, "\ufdd2",
    "\ufdd0", 0, -1, 1.5, 2**63, -(2**63), 2**70, 1e308, -1e-308, True, "NaN", "inf",
    "1e99999",
    "1" * 100, "1_0", "-0", "9" * 60, [], {}, [1], {"Alphabetic": 1},
    {"Alphabetic": "A^B", "Ideographic": "\0"}, {"Alphabetic": "=" * 10}, "20209999",
    "20200101120000.000000+9999", "2020-9999", "99991231235959-1200", "00010101+1400",
    "240000", "10:30", "\\", "*", "%", "_", "'", '"; --',
)  # fmt: skip


def tag(path: str, vr: str, creator: str = "") -> Tag:
    return Tag(1, tuple(path.split(".")), vr, creator, Level.STUDY)


def nested(path: str, vr: str, value: Any) -> dict[str, Any]:
    *sequences, leaf = path.split(".")
    model: dict[str, Any] = {leaf: {"vr": vr, "Value": [value]}}
    for sequence in reversed(sequences):
        model = {sequence: {"vr": "SQ", "Value": [model, None, 1, {}]}}
    return model


def test_any_value_gives_entries_or_a_fault_without_it() -> None:
    for path, vr in PATHS.items():
        for value in VALUES:
            found = values_of(tag(path, vr), nested(path, vr, value))
            assert not (found.entries and found.fault)
            for entry in found.entries:
                assert "\0" not in entry.text + entry.long
                assert len(entry.text.encode()) < 2000
                assert len(entry.long) <= 10_240
            assert len(found.fault) < 100


@pytest.mark.parametrize(
    "attribute",
    [
        {},
        {"vr": "LT"},
        {"vr": "LT", "Value": None},
        {"vr": "LT", "Value": "x"},
        {"vr": "UN", "InlineBinary": "AAAA"},
    ],
)
def test_what_has_no_values_has_none(attribute: dict[str, Any]) -> None:
    assert values_of(tag("001021B0", "LT"), {"001021B0": attribute}) == ([], "")


def test_masses_of_values_and_what_the_model_lacks_are_faults() -> None:
    many = {"00080008": {"vr": "CS", "Value": [f"V{n}" for n in range(5000)]}}
    found = values_of(tag("00080008", "CS"), many)
    assert found == ([], f"has more than {MAXIMUM_VALUES} values")
    same = {"00080008": {"vr": "CS", "Value": ["V"] * 5000}}
    assert len(values_of(tag("00080008", "CS"), same).entries) == 1
    bulk = {"00080008": {"vr": "UT", "BulkDataURI": "00080008"}}
    assert values_of(tag("00080008", "UT"), bulk).fault == "is longer than 1 MiB"


@pytest.mark.django_db(transaction=True)
def test_odd_values_are_stored_and_odd_questions_answered() -> None:
    draw = random.Random(0)
    ready(*(path for path in PATHS if path != "00080016"))
    for number in range(1, 40):
        model = whole(f"{number}", f"{number}.1", f"{number}.1.1")
        for path, vr in PATHS.items():
            value = draw.choice(VALUES)
            if path != "00080016" and value != "\ud800":  # no JSON that is stored
                model.update(nested(path, vr, value))
        with suppress(TypeError):  # nor numbers beyond 64 bits
            store(received_model(model))
    assert held() == rebuilt()
    QueryTag.objects.update(is_enabled=True)  # all have errors
    tags = known_tags()
    asked = 0
    for _ in range(TIMES):
        path = draw.choice([each for each in PATHS if each != "00080016"])
        value = draw.choice(
            ["*", "?", "-", "--", "*-*", "1-", "*-1", "-1--2", "%00", "%F0%9F%92%A9",
             "%EF%B7%92", "a=b=c=d", "x" * 3000, "*" * 50, "9" * 400, "1e9999", "2020-",
             "2020-1400", "-2020-1400", "2020+0000-2021", "0000", "%5C" * 30, "[^", "("]
        )  # fmt: skip
        more = draw.choice(["", "&fuzzymatching=true", "&emptyvaluematching=true"])
        level = draw.choice(list(Level))
        rules = {"rules": AZURE_V2} if draw.random() < 0.2 else {}
        with suppress(Invalid):
            query = parse(
                Target(level), f"{path}={value}{more}".encode(), tags=tags, **rules
            )
            search(actor=ADMIN, partition="default", query=query, base_url="x")
            asked += 1
    assert asked > TIMES / 4


def test_any_path_is_a_definition_or_refused() -> None:
    draw = random.Random(1)
    for _ in range(3000):
        path = ".".join(
            draw.choice(
                ["PatientAge", "00400275", "00080005", "12051001", "FFFEE00D", "\0",
                 "00090010", "0020000D", "", "x" * 40, "RequestAttributesSequence"]
            )
            for _ in range(draw.randint(1, 10))
        )  # fmt: skip
        with suppress(Invalid):
            made = define(
                path,
                level=draw.choice([*LEVELS, "", "x"]),
                vr=draw.choice(["", "LO", "SQ", "\0"]),
                private_creator=draw.choice(["", "A", "A\0", "\\", "x" * 99]),
            )
            assert len(made.path) < 80
            assert "\0" not in made.identity
