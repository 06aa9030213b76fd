"""What documents of the index are like."""

import hashlib
from typing import Final

import orjson
import pytest

from imaging.query import Level
from imaging.query.elastic.documents import _NAMES as NAMES
from imaging.query.elastic.documents import MOST_ITEMS, document
from imaging.query.elastic.fields import FORM, LEVELS, ODD, mappings

# With another one than these, FORM goes up: indices are made anew.
FORMS: Final = {5: "70769e657296803d"}


def test_another_form_has_another_number() -> None:
    every = {level.name: mappings(level) for level in LEVELS}
    digest = hashlib.sha256(orjson.dumps(every, option=orjson.OPT_SORT_KEYS))
    assert FORMS[FORM] == digest.hexdigest()[:16]


@pytest.mark.parametrize(
    ("name", "value", "is_odd"),
    [
        ("study_description_folded", "x" * 32_766, False),
        ("study_description_folded", "x" * 32_767, True),
        ("study_description_folded", "é" * 16_384, True),
        ("study_description_folded", "山" * 10_922, False),
        ("modalities_in_study", ["CT"] * MOST_ITEMS, False),
        ("modalities_in_study", ["CT"] * (MOST_ITEMS + 1), True),
        ("modalities_in_study", ["CT", "x" * 32_767], True),
    ],
)
def test_what_lucene_does_not_take_is_marked(
    name: str, value: str | list[str], is_odd: bool
) -> None:
    given = dict.fromkeys(NAMES[Level.STUDY], "") | {name: value}
    fields = document(Level.STUDY, list(given.values())).fields
    assert fields[ODD] is is_odd
    assert (name in fields) is not is_odd
