"""What values ask for: a table of DICOM PS3.4 C.2.2.2."""

import pytest

from core.errors import Invalid
from imaging.query.attributes import BY_TAG, resolve
from imaging.query.matching import criterion
from imaging.query.terms import (
    ANY,
    ONE,
    Exactly,
    InGroups,
    Like,
    Test,
    Within,
    Words,
)


def asked(keyword: str, value: str, *, fuzzy: bool = False) -> tuple[Test, ...] | None:
    found = criterion(BY_TAG[str(resolve(keyword))], value, fuzzy=fuzzy)
    return found and found.any_of


@pytest.mark.parametrize(
    ("keyword", "value", "expected"),
    [
        ("PatientID", "MRN 1", [Exactly("mrn 1")]),
        ("PatientID", " MRN1 ", [Exactly("mrn1")]),
        ("PatientID", "Mrn*", [Like(f"mrn{ANY}")]),
        ("PatientID", "**a**?", [Like(f"{ANY}a{ANY}{ONE}")]),
        ("PatientID", "100%_\\x*", [Exactly("100%_"), Like(f"x{ANY}")]),
        ("PatientID", "a,b", [Exactly("a,b")]),
        ("PatientID", "＊", [Exactly("*")]),  # noqa: RUF001 full width: no wildcard
        ("StudyDescription", "ÄRGER", [Exactly("ärger")]),
        ("PatientName", "Müll*", [Like(f"mull{ANY}")]),
        ("PatientName", "hall^x^Tá", [Exactly("hall^x^ta")]),
        ("PatientName", "Doe^John^^", [Exactly("doe^john")]),
        ("PatientName", "Doe^*", [Like(f"doe^{ANY}")]),
        ("PatientName", "Doe?", [Like(f"doe{ONE}")]),
        ("PatientName", "Doe, John", [Exactly("doe, john")]),
        ("PatientName", "=山田*", [InGroups((None, Like(f"山田{ANY}")))]),
        ("PatientName", "a==b", [InGroups((Exactly("a"), None, Exactly("b")))]),
        ("ModalitiesInStudy", "ct", [Exactly("CT"), Exactly("ct")]),
        ("ModalitiesInStudy", "CT,MR", [Exactly("CT"), Exactly("MR")]),
        ("Modality", "CT\\MR", [Exactly("CT"), Exactly("MR")]),
        ("StudyInstanceUID", "1.2,1.3\\1.2", [Exactly("1.2"), Exactly("1.3")]),
        ("StudyDate", "20190101", [Exactly("20190101")]),
        ("StudyDate", "20190101-20190131", [Within("20190101", "20190131")]),
        ("StudyDate", "20190101-", [Within("20190101", "~")]),
        ("StudyDate", "-20190131", [Within("0", "20190131")]),
        ("StudyDate", "20190101-20190101", [Exactly("20190101")]),
        ("StudyTime", "1030", [Within("1030", "1030~")]),
        ("StudyTime", "103000-11", [Within("1030", "11~")]),
        ("StudyTime", "100000.500-", [Within("100000.5", "~")]),
        ("StudyTime", "000000-", [Within("0", "~")]),
        ("StudyTime", "-0900", [Within("0", "0900~")]),
        ("SeriesNumber", "+007", [Exactly(7)]),
        ("InstanceNumber", "1,2", [Exactly(1), Exactly(2)]),
        ("RequestAttributesSequence.RequestedProcedureID", "RP*", [Like(f"rp{ANY}")]),
    ],
)
def test_a_value_asks_for(keyword: str, value: str, expected: list[Test]) -> None:
    assert asked(keyword, value) == tuple(expected)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientName", ""),
        ("PatientName", "*"),
        ("PatientName", "***"),
        ("PatientName", "^"),
        ("PatientName", "=="),
        ("PatientID", "  "),
        ("PatientID", "\0"),
        ("PatientID", "a\\*"),
        ("Modality", "*"),
        ("StudyInstanceUID", ",,"),
        ("StudyDate", ""),
    ],
)
def test_universal_matching(keyword: str, value: str) -> None:
    assert asked(keyword, value) is None


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("StudyDate", "-"),
        ("StudyDate", "2019"),
        ("StudyDate", "2019-01-01"),
        ("StudyDate", "20190229"),
        ("StudyDate", "20190102-20190101"),
        ("StudyDate", "٢٠١٩٠١٠١"),
        ("StudyTime", "24"),
        ("StudyTime", "1"),
        ("StudyTime", "11-10"),
        ("StudyInstanceUID", "1.2.*"),
        ("StudyInstanceUID", "1" * 65),
        ("SeriesNumber", "one"),
        ("SeriesNumber", "1-3"),
        ("SeriesNumber", "9" * 30),
        ("PatientName", "a=b=c=d"),
    ],
)
def test_a_value_that_is_none_is_refused_by_name(keyword: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(keyword, value)
    assert refused.value.path == keyword
    assert keyword in refused.value.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Jo Dö", Words(("jo", "do"))),
        ("Jo^Do=x", Words(("jo", "do", "x"))),
        ('O"Neil', Words(('o"neil',))),
        ("*jo*", Like(f"{ANY}jo{ANY}")),
    ],
)
def test_fuzzy_names(value: str, expected: Test) -> None:
    assert asked("PatientName", value, fuzzy=True) == (expected,)


def test_fuzzy_is_for_names() -> None:
    assert asked("PatientID", "a b", fuzzy=True) == (Exactly("a b"),)


def test_a_list_has_an_end() -> None:
    with pytest.raises(Invalid):
        asked("StudyInstanceUID", ",".join(["1"] * 1001))
