"""Random searches among random studies answer what a plain Python loop answers."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from urllib.parse import urlencode

import orjson
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import system
from core.models import Partition
from imaging.query import Level, Target, parse, search
from tests.imaging.query.rows import hold, model

pytestmark = pytest.mark.django_db

FAMILIES = ["Müller", "MULLER", "Doe", "O'Neil", "Nguyễn", "Παππάς", "Иванов", "Do%"]
GIVEN = ["", "Ágnes", "John", "Jo_n", "X*", "Ёлка"]
IDEOGRAPHIC = ["", "", "山田^太郎", "洪^吉洞", "王"]
PHONETIC = ["", "", "やまだ^たろう", "홍^길동", "が"]
PIECES = ["m", "Mü", "ll", "do", "^", "jo", "山", "が", "か", "Ив", "π", "%", "_", "й"]
IDS = ["A1", "a1", "a10", "B_1", "B%1", "Ä1"]
TIMES = ["", "10", "1030", "103000", "103059.5", "000000", "235959"]
MODALITIES = ["CT", "MR", "US"]


@dataclass(frozen=True)
class Row:
    """What a study is made of."""

    name: str
    patient_id: str
    study_date: str
    study_time: str
    modality: str


def dates() -> st.SearchStrategy[str]:
    first = date(2019, 12, 28)
    return st.integers(0, 8).map(lambda n: f"{first + timedelta(n):%Y%m%d}")


def names() -> st.SearchStrategy[str]:
    alphabetic = st.builds(
        "{}^{}".format, st.sampled_from(FAMILIES), st.sampled_from(GIVEN)
    )
    groups = (alphabetic, st.sampled_from(IDEOGRAPHIC), st.sampled_from(PHONETIC))
    return st.tuples(*groups).map("=".join)


ROWS = st.lists(
    st.builds(
        Row,
        names(),
        st.sampled_from(["", *IDS]),
        st.one_of(st.just(""), dates()),
        st.sampled_from(TIMES),
        st.sampled_from(MODALITIES),
    ),
    min_size=1,
    max_size=8,
)
PATTERNS = st.lists(st.sampled_from([*PIECES, "*", "?"]), min_size=1, max_size=4)
RANGES = st.one_of(
    dates(),
    dates().map("{}-".format),
    dates().map("-{}".format),
    st.tuples(dates(), dates()).map(lambda pair: "-".join(sorted(pair))),
)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "PatientName": st.one_of(
            names(), st.sampled_from(FAMILIES), PATTERNS.map("".join)
        ),
        "PatientID": st.one_of(
            st.sampled_from([*IDS, "a*", "?1", "B_*", "A1\\B%1", "*1?", "ä1"])
        ),
        "StudyDate": RANGES,
        "StudyTime": st.sampled_from(
            [
                "10",
                "1030",
                "103000",
                "-1030",
                "1030-",
                "103001-",
                "09-10",
                "00",
                "0000-",
            ]
        ),
        "ModalitiesInStudy": st.sampled_from(["CT", "us", "CT,MR", "C*", "*", "XA"]),
    },
)


def plain(text: str) -> str:
    """Return text without case and, but for kana, without accents."""
    decomposed = unicodedata.normalize("NFD", text.strip().casefold())
    kept = (c for c in decomposed if unicodedata.combining(c) in {0, 8})
    return unicodedata.normalize("NFC", "".join(kept))


def like(pattern: str, value: str) -> bool:
    """Return whether `value` fits `pattern`, both folded."""
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def name_matches(asked: str, held: str) -> bool:
    groups = [plain(group).rstrip("^ ") for group in held.split("=")]
    wanted = [plain(group).rstrip("^ ") for group in asked.split("=")]
    if len(wanted) == 1:
        return not wanted[0].strip("*") or any(
            group and like(wanted[0], group) for group in groups
        )
    pairs = zip(wanted, groups, strict=True)
    return all(not w.strip("*") or like(w, g) for w, g in pairs)


def id_matches(asked: str, held: str) -> bool:
    return any(like(each.lower(), held.lower()) for each in asked.split("\\"))


def date_matches(asked: str, held: str) -> bool:
    lower, dash, upper = asked.partition("-")
    upper = upper if dash else lower
    return bool(held) and (lower or "0") <= held <= (upper or "9")


def seconds(time: str, *, missing: str) -> float:
    """Return the seconds of a day; what is not given is read from `missing`."""
    full = time + missing[len(time) :] if "." not in time else time
    return int(full[:2]) * 3600 + int(full[2:4]) * 60 + float(full[4:])


def time_matches(asked: str, held: str) -> bool:
    lower, dash, upper = asked.partition("-")
    upper = upper if dash else lower
    first = seconds(lower, missing="000000")
    last = seconds(upper, missing="235959.999999")
    return bool(held) and first <= seconds(held, missing="000000") <= last


def modality_matches(asked: str, held: str) -> bool:
    return any(fnmatchcase(held, each.upper()) for each in asked.split(","))


ORACLE = {
    "PatientName": lambda asked, row: name_matches(asked, row.name),
    "PatientID": lambda asked, row: id_matches(asked, row.patient_id),
    "StudyDate": lambda asked, row: date_matches(asked, row.study_date),
    "StudyTime": lambda asked, row: time_matches(asked, row.study_time),
    "ModalitiesInStudy": lambda asked, row: modality_matches(asked, row.modality),
}


def held(partition: Partition, rows: list[Row]) -> None:
    for number, row in enumerate(rows, 1):
        data_set = model(
            SOPClassUID="1.2",
            SOPInstanceUID=f"{number}.1.1",
            StudyInstanceUID=str(number),
            SeriesInstanceUID=f"{number}.1",
            PatientName=row.name,
            PatientID=row.patient_id,
            StudyDate=row.study_date,
            StudyTime=row.study_time,
            Modality=row.modality,
        )
        hold(partition, data_set)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS, queries=st.lists(QUERIES, min_size=5, max_size=10))
def test_as_the_oracle(
    db: None, rows: list[Row], queries: list[dict[str, str]]
) -> None:
    with transaction.atomic():
        held(Partition.objects.create(name="oracle"), rows)
        for asked in queries:
            assert found(asked) == expected(asked, rows), asked
        transaction.set_rollback(True)


def found(asked: dict[str, str]) -> list[str]:
    query = parse(Target(Level.STUDY), urlencode(asked).encode())
    answer = search(actor=system("test"), partition="oracle", query=query, base_url="")
    return [row["0020000D"]["Value"][0] for row in orjson.loads(answer.body)]


def expected(asked: dict[str, str], rows: list[Row]) -> list[str]:
    matching = [
        str(number)
        for number, row in enumerate(rows, 1)
        if all(ORACLE[keyword](value, row) for keyword, value in asked.items())
    ]
    return matching[::-1]
