"""Values by representation: what JSON gets, and what is an issue (PS3.5 6.2)."""

from struct import pack
from typing import Any

import orjson
import pytest

from imaging.part10 import parse
from tests.imaging.part10.build import element, part10

TAGS = {
    "AE": 0x00080055, "AS": 0x00101010, "AT": 0x00280009, "CS": 0x00080060,
    "DA": 0x00080020, "DS": 0x00101030, "DT": 0x0008002A, "FD": 0x00189073,
    "FL": 0x00089459, "IS": 0x00200013, "LO": 0x00100020, "LT": 0x00104000,
    "PN": 0x00100010, "SH": 0x00080050, "SS": 0x00189219, "ST": 0x00080081,
    "SV": 0x00720082, "TM": 0x00080030, "UI": 0x0020000D, "UL": 0x00081161,
    "UR": 0x00080120, "US": 0x00280010, "UT": 0x00340002, "UV": 0x00720083,
}  # fmt: skip


def read(vr: str, value: bytes) -> tuple[Any, str]:
    parsed = parse(part10(element(TAGS[vr], vr, value)))
    orjson.dumps(parsed.model)
    (attribute,) = parsed.model.values()
    assert attribute["vr"] == vr
    return attribute.get("Value"), parsed.issues[0].reason if parsed.issues else ""


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("AE", b" STORE ", ["STORE"]),
        ("AT", pack("<HH", 0x0018, 0x1065), ["00181065"]),
        ("CS", b"CT\0", ["CT"]),
        ("CS", b"  ", None),
        ("DA", b"20240229", ["20240229"]),
        ("DA", b"", None),
        ("DS", b" 1.50", [1.5]),
        ("DS", b"1\\\\3 ", [1.0, None, 3.0]),
        ("DT", b"20240229101112.123456+0100", ["20240229101112.123456+0100"]),
        ("FD", pack("<2d", float("nan"), 1.5), ["NaN", 1.5]),
        ("FL", pack("<2f", float("inf"), float("-inf")), ["inf", "-inf"]),
        ("IS", b"+12 ", [12]),
        ("LO", b" a \\b ", [" a", "b"]),
        ("LT", b"a\\b\r\n", ["a\\b\r\n"]),
        ("PN", b"A^B=C", [{"Alphabetic": "A^B", "Ideographic": "C"}]),
        ("PN", b"==C", [{"Phonetic": "C"}]),
        ("PN", b"A\\\\B", [{"Alphabetic": "A"}, None, {"Alphabetic": "B"}]),
        ("SS", pack("<h", -5), [-5]),
        ("SV", pack("<q", -(2**63)), [-(2**63)]),
        ("TM", b"10", ["10"]),
        ("TM", b"235960.5", ["235960.5"]),
        ("UI", b"1.02.3\0", ["1.02.3"]),
        ("UR", b"http://a/b?c ", ["http://a/b?c"]),
        ("UV", pack("<Q", 2**64 - 1), [2**64 - 1]),
    ],
)
def test_valid_values(vr: str, value: bytes, expected: list[Any] | None) -> None:
    assert read(vr, value) == (expected, "")


@pytest.mark.parametrize(
    ("vr", "value", "expected", "reason"),
    [
        ("AE", b"A" * 17, ["A" * 17], "longer than 16 characters"),
        ("AS", b"12Y", ["12Y"], "is not nnnD, nnnW, nnnM or nnnY"),
        ("AT", b"\1\0\2\0\3\0", ["00010002"], "length is not a multiple of 4"),
        ("CS", b"ct", ["ct"],
         "holds other than upper case letters, digits, space and underscore"),
        ("DA", b"20230229", ["20230229"], "is not a date YYYYMMDD"),
        ("DA", b"2023.2.9", ["2023.2.9"], "is not a date YYYYMMDD"),
        ("DS", b"abc", ["abc"], "is not a decimal number"),
        ("DS", b"1e999", ["1e999"], "is not a decimal number"),
        ("DS", b"nan", ["nan"], "is not a decimal number"),
        ("DS", b"1.00000000000000000", [1.0], "longer than 16 characters"),
        ("DT", b"2024x", ["2024x"],
         "is not a date and time YYYYMMDDHHMMSS.FFFFFF&ZZXX"),
        ("IS", b"1.5", ["1.5"], "is not an integer"),
        ("IS", b"99999999999", [99999999999], "is beyond 32 bits"),
        ("IS", b"9" * 30, ["9" * 30], "is not an integer"),
        ("LO", b"a\0b", ["a\0b"], "holds control characters"),
        ("LO", b"x" * 65, ["x" * 65], "longer than 64 characters"),
        ("LT", b"a\x07", ["a\x07"], "holds control characters"),
        ("PN", b"a=b=c=d", [{"Alphabetic": "a", "Ideographic": "b", "Phonetic": "c"}],
         "has more than 3 component groups"),
        ("PN", b"a^b^c^d^e^f", [{"Alphabetic": "a^b^c^d^e^f"}],
         "has more than 5 components"),
        ("SH", b"x" * 17, ["x" * 17], "longer than 16 characters"),
        ("TM", b"2460", ["2460"], "is not a time HHMMSS.FFFFFF"),
        ("UI", b"1..2", ["1..2"], "is not a UID"),
        ("UI", b"1.a", ["1.a"], "is not a UID"),
        ("UI", b"1." * 32 + b"1", ["1." * 32 + "1"], "longer than 64 characters"),
        ("UL", b"\1\0", None, "length is not a multiple of 4"),
        ("US", b"\1\0\2", [1], "length is not a multiple of 2"),
    ],
)  # fmt: skip
def test_bad_values_stay_in_the_model_with_an_issue(
    vr: str, value: bytes, expected: list[Any] | None, reason: str
) -> None:
    assert read(vr, value) == (expected, reason)


@pytest.mark.parametrize(
    ("terms", "value", "text"),
    [
        (b"", b"caf\xe9", "café"),
        (b"ISO_IR 192", "Ж日".encode(), "Ж日"),
        (b"GB18030", "王".encode("gb18030"), "王"),
        (b"GBK", "表\\".encode("gbk")[:-1], "表"),
        (b"\\ISO 2022 IR 87", b"\x1b$B;3ED\x1b(B^x", "山田^x"),
        (b"\\ISO 2022 IR 149", b"\x1b$)C\xb1\xe8", "김"),
        (b"ISO 2022 IR 100\\ISO 2022 IR 144", b"\xe9 \x1b-L\xb6", "é Ж"),
        (b"ISO IR 192", "Ж".encode(), "Ж"),
        (b"NO_SUCH_SET", b"caf\xe9", "café"),
        (b"latin9", b"\xa4", "€"),
        (b"ISO_IR 192", b"a\xff", "a\ufffd"),
        (b"unicode_escape", b"\\ud800", "?"),
    ],
)
def test_character_sets(terms: bytes, value: bytes, text: str) -> None:
    data = element(0x00080005, "CS", terms) + element(0x00104000, "LT", value)
    parsed = parse(part10(data))
    orjson.dumps(parsed.model)
    assert parsed.model["00104000"]["Value"] == [text]


def test_bytes_outside_the_character_set_are_a_warning() -> None:
    data = element(0x00080005, "CS", b"ISO_IR 192") + element(0x00100020, "LO", b"\xff")
    parsed = parse(part10(data))
    assert parsed.issues == ()
    assert [note.path for note in parsed.warnings] == ["00100020"]


def test_a_palette_descriptor_counts_its_entries_without_sign() -> None:
    value = pack("<3h", -1, -2, 16)
    parsed = parse(part10(element(0x00281101, "SS", value)))
    assert parsed.model["00281101"]["Value"] == [65535, -2, 16]
