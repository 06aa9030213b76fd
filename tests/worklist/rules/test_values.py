"""Values of DICOM JSON by representation, from wherever they come (PS3.18 F.2.3)."""

from typing import Any

import orjson
import pytest

from worklist.rules.values import LONGEST_BINARY, LONGEST_TEXT, read_binary, read_value

KEPT = [
    ("AE", " STORE ", "STORE"),
    ("AS", "030Y", "030Y"),
    ("AT", "0018106a", "0018106A"),
    ("CS", "IN PROGRESS", "IN PROGRESS"),
    ("DA", "20240229", "20240229"),
    ("DS", 1.5, 1.5),
    ("DS", "1.50", "1.50"),
    ("DS", 10**30, 1e30),
    ("DT", "2024", "2024"),
    ("DT", "20240229101112.123456+0100", "20240229101112.123456+0100"),
    ("DT", "20240229101112-0500", "20240229101112-0500"),
    ("FD", "NaN", "NaN"),
    ("FL", 3, 3),
    ("IS", " +12 ", 12),
    ("IS", 7.0, 7),
    ("LO", " a ", " a"),
    ("LT", "a\\b\r\n\tc", "a\\b\r\n\tc"),
    ("PN", {"Alphabetic": "A^B", "Phonetic": ""}, {"Alphabetic": "A^B"}),
    ("PN", "A^B=C", {"Alphabetic": "A^B", "Ideographic": "C"}),
    ("PN", {"Alphabetic": None, "Ideographic": "山田"}, {"Ideographic": "山田"}),
    ("SH", "x" * 16 + " \0", "x" * 16),
    ("SV", "-9223372036854775808", -(2**63)),
    ("TM", "235960", "235960"),
    ("UI", "1.2.3\0", "1.2.3"),
    ("UR", "urn:oid:1.2", "urn:oid:1.2"),
    ("US", 65535, 65535),
    ("UT", "𝄞" * 20, "𝄞" * 20),
    ("UV", 2**64 - 1, 2**64 - 1),
]
EMPTY = [
    ("LO", ""), ("LO", "  "), ("CS", "\0"), ("PN", {}), ("PN", ""), ("IS", " "),
    ("PN", {"Alphabetic": " "}), ("DS", ""), ("DT", None), ("US", None),
]  # fmt: skip
REFUSED = [
    ("AE", "x" * 17), ("AE", "ä"), ("AS", "30Y"), ("AT", "0018106"), ("AT", 12),
    ("AT", "００181065"),  # noqa: RUF001
    ("CS", "high"), ("CS", "x" * 17), ("CS", "A-B"),
    ("DA", "20230229"), ("DA", "2024-01-01"), ("DA", "20240101-"),
    ("DS", "1,5"), ("DS", "nan"), ("DS", "1" * 17), ("DS", float("nan")), ("DS", True),
    ("DS", "1\\2"), ("DS", 10**400), ("DS", "1e999"),
    ("DT", "2024-01-31T10:00:00"), ("DT", "20241301"), ("DT", "20240101+9900"),
    ("DT", "20240101-20240102"), ("DT", "202401011000Z"),
    ("FD", "1.5"), ("FD", float("inf")), ("FL", [1]),
    ("IS", 2**31), ("IS", "1.5"), ("IS", 1.5), ("IS", "1_0"), ("IS", "\u0661"),
    ("IS", "9" * 5000), ("IS", "+"), ("IS", "--1"),
    ("LO", "x" * 65), ("LO", "a\\b"), ("LO", "a\nb"), ("LO", "a\x00b"), ("LO", 7),
    ("LO", "\ud800"), ("LO", "a\udfffb"), ("LO", True), ("LO", ["a"]),
    ("LT", "x" * 10241), ("LT", "a\x00b"), ("LT", "\ud800"),
    ("PN", "A=B=C=D"), ("PN", 5), ("PN", {"Alphabetic": 5}),
    ("PN", {"alphabetic": "A"}),
    ("PN", {"Alphabetic": "A^B^C^D^E^F"}), ("PN", {"Alphabetic": "x" * 65}),
    ("PN", {"Alphabetic": "A\\B"}), ("PN", {"Alphabetic": "A=B"}),
    ("PN", {"Alphabetic": "A\x00B"}), ("PN", {"Ideographic": "\udc00"}),
    ("PN", {"Alphabetic": "A", "x": "y"}),
    ("SH", "x" * 17), ("SS", -32769), ("SL", 2**31), ("SV", 2**63), ("SV", "1e3"),
    ("ST", "x" * 1025), ("TM", "24"), ("TM", "10:00"), ("UI", "1.2.a"),
    ("UI", "1" * 65),
    ("UI", "1..2"), ("UI", "1.2.3\n"), ("UL", -1), ("UL", 1.5), ("UL", "5"),
    ("UR", "http://x y"), ("UR", "a\x00b"), ("US", 65536), ("US", float("inf")),
    ("US", float("nan")), ("US", 10**400), ("UT", "x" * (LONGEST_TEXT + 1)),
    ("UC", "x" * (LONGEST_TEXT + 1)), ("UR", "x" * (LONGEST_TEXT + 1)), ("UV", -1),
    ("UV", "1" * 21), ("US", {}), ("DT", {"a": 1}), ("UI", object()),
]  # fmt: skip


@pytest.mark.parametrize(("vr", "value", "expected"), KEPT)
def test_what_is_kept(vr: str, value: object, expected: object) -> None:
    kept, fault = read_value(vr, value)
    assert (kept, fault) == (expected, "")
    assert type(kept) is type(expected)
    orjson.dumps(kept)
    assert read_value(vr, kept) == (kept, "")


@pytest.mark.parametrize(("vr", "value"), EMPTY)
def test_padding_alone_is_no_value(vr: str, value: object) -> None:
    assert read_value(vr, value) == (None, "")


@pytest.mark.parametrize(("vr", "value"), REFUSED)
def test_what_is_refused(vr: str, value: Any) -> None:
    _, fault = read_value(vr, value)
    assert fault
    assert len(fault) < 100
    if isinstance(value, str) and len(value) > 3:
        assert value not in fault


@pytest.mark.parametrize(
    ("value", "expected"),
    [("AAEC", "AAEC"), ("", None), ("QQ==", "QQ==")],
)
def test_bytes_that_are_kept(value: str, expected: str | None) -> None:
    assert read_binary(value) == (expected, "")


@pytest.mark.parametrize(
    "value",
    [None, 5, "A", "****", "AA==A", "\ud800", "ä", "A" * (LONGEST_BINARY * 4 // 3 + 8)],
)
def test_bytes_that_are_refused(value: object) -> None:
    assert read_binary(value)[1]
