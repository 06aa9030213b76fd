"""Moments in universal time."""

import pytest

from imaging.moments import minutes_of, moment_utc


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [
        ("+0000", 0),
        ("-0330", -210),
        ("+1400", 840),
        ("-1200", -720),
        ("+1401", None),
        ("-1201", None),
        ("+0160", None),
        ("0100", None),
        ("+1", None),
        ("+\u0660100", None),
        ("", None),
    ],
)
def test_offsets(offset: str, minutes: int | None) -> None:
    assert minutes_of(offset) == minutes


@pytest.mark.parametrize(
    ("date", "time", "offset", "moment"),
    [
        ("20200101", "003000.5", "+0100", "20191231233000.5"),
        ("20200101", "23", "-0330", "202001020230"),
        ("20200101", "1030", "+0000", "202001011030"),
        ("20200101", "235960", "+0000", "20200101235960"),
        ("08000101", "10", "+0000", "080001011000"),
        ("00010101", "00", "+0100", ""),
        ("99991231", "23", "-0100", ""),
        ("20200132", "10", "+0000", ""),
        ("2020.01.01", "10", "+0000", ""),
        ("20200101", "25", "+0000", ""),
        ("20200101", "", "+0000", ""),
        ("", "10", "+0000", ""),
        ("20200101", "10", "", ""),
        ("20200101", "10", "Z", ""),
    ],
)
def test_moments(date: str, time: str, offset: str, moment: str) -> None:
    assert moment_utc(date, time, offset) == moment
