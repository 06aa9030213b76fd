"""Whatever is asked is answered, or refused by the name of a parameter."""

import random
from contextlib import suppress

import pytest

from core.access import system
from core.errors import Invalid
from core.models import Partition
from imaging.query import (
    AZURE_V1,
    AZURE_V2,
    STANDARD,
    Level,
    Rules,
    Target,
    parse,
    search,
)
from imaging.query.attributes import ATTRIBUTES
from tests.actors import READING, acting
from tests.imaging.query.rows import hold, model

pytestmark = pytest.mark.django_db

TIMES = 800
NAMES = [
    *(attribute.keyword for attribute in ATTRIBUTES),
    *(attribute.tag for attribute in ATTRIBUTES),
    *("sort", "orderby", "cursor", "total", "limit", "offset", "includefield"),
    *("fuzzymatching", "emptyvaluematching", "multiplevaluematching"),
    *("TimezoneOffsetFromUTC", "00080201", "12051001", "a.b", ".", "..", ""),
    "RequestAttributesSequence",
    "RequestAttributesSequence.RequestAttributesSequence.StudyDate",
]
VALUES = [
    *("", "*", "?", "-", "--", "\\", "\\\\\\", ",", "%00", "%00%00", '""', '"" '),
    *("true", "false", "1", "0", "-1", "9" * 18, "9" * 40, "1e9", "all", "All,all"),
    *("20200101", "20200101-", "-20200101", "00000000", "99991231-", "00010101"),
    *("10", "2359", "235960", "-10", "24", "1030-09", "+1400", "-1200", "+0060"),
    *(
        "山田",
        "%F0%9F%92%A9",
        "%EF%BF%BE",
        "%EF%B7%90",
        "%EF%B7%91",
        "ß=ß=ß",
        "a=b=c=d",
    ),
    *(
        "(",
        "[",
        "[^",
        "a{9999999}",
        "\\d",
        "^",
        "^^",
        "=",
        "==",
        "%_",
        "a%25_",
        "'",
        ";--",
    ),
    *("AAAA", "AAAAAAAAAAE=", "A" * 27 + "=", "_" * 28, "f" * 3000, "-StudyDate"),
    *("StudyDate,-PatientName", "StudyDate,StudyDate", "-", "+", "ModalitiesInStudy"),
    *("InstanceNumber,-SeriesNumber", "%CC%81", "\u094d", "क्ष", "i%CC%87", "-9" * 9),
]


@pytest.mark.parametrize("rules", [STANDARD, AZURE_V1, AZURE_V2])
def test_nothing_but_refusals(rules: Rules) -> None:
    partitions = [Partition.objects.create(name=name) for name in ("a", "b")]
    values = {"PatientName": "Doe^Jane=山田^太郎", "StudyDate": "20200101"}
    uids = {"StudyInstanceUID": "1", "SeriesInstanceUID": "1.1"}
    hold(
        partitions[0],
        model(SOPClassUID="1.2", SOPInstanceUID="1.1.1", **uids, **values),
    )
    keys = frozenset(partition.pk for partition in partitions)
    reader = acting(1, "reader", READING, keys)
    draw = random.Random(4)
    answered = 0
    for _ in range(TIMES):
        level = draw.choice(list(Level))
        path = ["1", "1.1"][: draw.randint(0, level)]
        text = "&".join(
            f"{draw.choice(NAMES)}={draw.choice(VALUES)}"
            for _ in range(draw.randint(1, 3))
        )
        with suppress(Invalid):
            search(
                actor=draw.choice([system("test"), reader]),
                partition=draw.choice(["a", None]),
                query=parse(Target(level, *path), text.encode(), rules),
                base_url="",
            )
            answered += 1
    assert answered > TIMES / 20
