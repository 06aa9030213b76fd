"""What the walker makes of single constructs (DICOM PS3.5 Section 7)."""

from struct import pack

import pytest

from imaging.part10 import Malformed, TooLarge, Truncated, parse, prune
from imaging.part10 import walker as walker_module
from tests.imaging.part10.build import (
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    element,
    implicit,
    item,
    part10,
)

IMPLICIT = "1.2.840.10008.1.2"


def test_offsets_and_paths_of_nested_bulk_values() -> None:
    inner = element(0x54001010, "OW", b"wave")
    data = part10(
        element(0x54000100, "SQ", item(element(0x00080018, "UI", b"1\0")) + item(inner))
    )
    (spot,) = parse(data).bulk
    assert (spot.path, spot.vr) == ("54000100/2/54001010", "OW")
    assert data[spot.offset : spot.offset + spot.length] == b"wave"


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_any_buffer_is_read(wrap: type) -> None:
    data = part10(element(0x00100020, "LO", b"1234"))
    assert parse(wrap(data)).model == {"00100020": {"vr": "LO", "Value": ["1234"]}}


def test_size_limits_what_is_read() -> None:
    data = part10(element(0x00100020, "LO", b"1234"))
    assert "00100020" in parse(data + b"garbage", size=len(data)).model


def test_group_lengths_are_left_out() -> None:
    data = part10(element(0x00080000, "UL", b"\0\0\0\0") + element(0x00080060, "CS"))
    assert list(parse(data).model) == ["00080060"]


def test_sequences_and_items_of_undefined_length() -> None:
    content = item(element(0x00080050, "SH", b"A1") + ITEM_END, UNDEFINED)
    data = part10(element(0x00081140, "SQ", content + SEQUENCE_END, UNDEFINED))
    assert parse(data).model == {
        "00081140": {
            "vr": "SQ",
            "Value": [{"00080050": {"vr": "SH", "Value": ["A1"]}}],
        }
    }


def test_un_of_undefined_length_is_a_sequence_in_implicit_vr() -> None:
    content = item(implicit(0x00080050, b"A1") + ITEM_END, UNDEFINED) + SEQUENCE_END
    data = part10(element(0x00091001, "UN", content, UNDEFINED))
    (attribute,) = parse(data).model.values()
    assert attribute["Value"] == [{"00080050": {"vr": "SH", "Value": ["A1"]}}]


def test_private_attributes_in_implicit_vr_follow_their_creator() -> None:
    data = part10(
        implicit(0x00090010, b"GEMS_IDEN_01")
        + implicit(0x00091001, b"GE_GENESIS_FF ")
        + implicit(0x000910FF, b"????"),
        IMPLICIT,
    )
    model = parse(data).model
    assert model["00090010"] == {"vr": "LO", "Value": ["GEMS_IDEN_01"]}
    assert model["00091001"] == {"vr": "LO", "Value": ["GE_GENESIS_FF"]}
    assert model["000910FF"]["vr"] == "UN"


@pytest.mark.parametrize(
    ("representation", "vr", "value"), [(0, "US", 65535), (1, "SS", -1)]
)
def test_pixel_representation_farther_out_decides_between_us_and_ss(
    representation: int, vr: str, value: int
) -> None:
    nested = implicit(0x00409096, item(implicit(0x00409211, b"\xff\xff")))
    early = implicit(0x00221450, item(implicit(0x00221452, b"\xff\xff")))
    pixel = implicit(0x00280103, pack("<H", representation))
    model = parse(part10(early + pixel + nested, IMPLICIT)).model
    for sequence, tag in (("00221450", "00221452"), ("00409096", "00409211")):
        assert model[sequence]["Value"][0][tag] == {"vr": vr, "Value": [value]}


def test_items_inherit_the_character_set_and_may_change_it() -> None:
    name = element(0x00100010, "PN", "Ж".encode("iso8859-5"))
    utf = element(0x00080005, "CS", b"ISO_IR 192")
    utf += element(0x00100010, "PN", "é".encode())
    data = part10(
        element(0x00080005, "CS", b"ISO_IR 144")
        + element(
            0x00081110,
            "SQ",
            item(name) + item(utf + element(0x00100010, "PN", "é".encode())),
        )
        + name
    )
    model = parse(data).model
    items = model["00081110"]["Value"]
    assert items[0]["00100010"]["Value"] == [{"Alphabetic": "Ж"}]
    assert items[1]["00100010"]["Value"] == [{"Alphabetic": "é"}]
    assert model["00100010"]["Value"] == [{"Alphabetic": "Ж"}]


def test_the_last_of_repeated_elements_wins_and_keys_ascend() -> None:
    late = element(0x00080018, "UI", b"1.2\0")
    data = part10(
        element(0x00280010, "US", b"\1\0")
        + element(0x00420011, "OB", b"old.")
        + late
        + element(0x00420011, "OB", b"new.")
    )
    parsed = parse(data)
    assert list(parsed.model) == ["00080018", "00280010", "00420011"]
    assert [data[s.offset : s.offset + s.length] for s in parsed.bulk] == [b"new."]
    assert [note.reason for note in parsed.warnings] == ["is there twice"]


def test_a_late_character_set_still_decodes_what_came_before() -> None:
    data = part10(
        element(0x00100020, "LO", "é".encode())
        + element(0x00420011, "OB", b"bulk")
        + element(0x00080005, "CS", b"ISO_IR 192")
    )
    parsed = parse(data)
    assert parsed.model["00100020"]["Value"] == ["é"]
    (spot,) = parsed.bulk
    assert data[spot.offset : spot.offset + 4] == b"bulk"


def test_several_values_where_one_is_expected_are_a_warning() -> None:
    parsed = parse(part10(element(0x0020000D, "UI", b"1.2\\1.3\0")))
    assert parsed.model["0020000D"]["Value"] == ["1.2", "1.3"]
    assert parsed.issues == ()
    (note,) = parsed.warnings
    assert note.reason == "has 2 values where one is expected"


def test_a_bad_nested_attribute_is_pruned_in_its_item_only() -> None:
    good, bad = element(0x00080050, "SH", b"A1"), element(0x00080050, "SH", b"A" * 18)
    data = part10(good + element(0x00081140, "SQ", item(good) + item(bad)))
    parsed = parse(data)
    assert [issue.path for issue in parsed.issues] == ["00081140/2/00080050"]
    assert parsed.issues[0].keyword == "AccessionNumber"
    prune(parsed.model, parsed.issues)
    value = {"00080050": {"vr": "SH", "Value": ["A1"]}}
    assert parsed.model == {**value, "00081140": {"vr": "SQ", "Value": [value, {}]}}


def test_text_beyond_a_mebibyte_is_bulk_data() -> None:
    parsed = parse(part10(element(0x00340002, "UT", b"x" * (1 << 20) + b"yz")))
    assert parsed.model["00340002"] == {"vr": "UT", "BulkDataURI": "00340002"}


def test_zero_padding_behind_the_data_set_is_a_warning() -> None:
    parsed = parse(part10(element(0x00080060, "CS", b"CT") + bytes(1021)))
    assert list(parsed.model) == ["00080060"]
    assert parsed.warnings[0].reason == "zero padding after the data set"


@pytest.mark.parametrize(
    ("data_set", "refusal"),
    [
        (element(0x7FE00010, "OW", b"12", 100), Truncated),
        (element(0x7FE00010, "OB", item(b"") + item(b"12"), UNDEFINED), Truncated),
        (element(0x7FE00010, "OB", b"12345678", UNDEFINED), Malformed),
        (element(0x00081140, "SQ", item(b"", UNDEFINED), UNDEFINED), Truncated),
        (
            element(0x00081140, "SQ", item(element(0x00080060, "CS", b"CT", 20))),
            Truncated,
        ),
        (
            element(0x00081140, "SQ", item(element(0x00080060, "CS", b"CT", 4)))
            + element(0x00100020, "LO", b"12"),
            Malformed,
        ),
        (element(0x00081140, "SQ", b"12345678"), Malformed),
        (element(0x00080060, "CS", b"CT") + ITEM_END, Malformed),
        (element(0x00080060, "CS", b"CT") + b"\x10\0\x20", Truncated),
    ],
)
def test_broken_structure_is_refused(data_set: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        parse(part10(data_set))


def test_the_message_of_a_cut_off_file_names_the_tag() -> None:
    with pytest.raises(Truncated) as caught:
        parse(part10(element(0x7FE00010, "OW", b"12", 100)))
    assert caught.value.reason == "(7FE0,0010) PixelData ends 98 bytes beyond the data"


def test_nesting_has_a_limit() -> None:
    data = b""
    for _ in range(10_000):
        data = element(0x00081140, "SQ", b"", UNDEFINED) + item(data, UNDEFINED)
        if len(data) > 100_000:
            break
    with pytest.raises(Malformed):
        parse(part10(data))


def test_the_number_of_elements_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walker_module, "MAX_ELEMENTS", 5)
    with pytest.raises(TooLarge):
        parse(part10(element(0x00081140, "SQ", item(b"") * 7)))


@pytest.mark.parametrize(
    "last",
    [
        element(0x00204000, "LT", b"text", 5),
        element(0x7FE00010, "OW", bytes(8), 10),
        element(0x00081140, "SQ", item(element(0x00100020, "LO", b"12", 4)), 20),
    ],
)
def test_a_value_that_is_cut_off_is_refused_also_where_pydicom_reads(
    last: bytes,
) -> None:
    name = element(0x00100010, "PN", b"A^B ")
    out_of_order = element(0x00080005, "CS", b"ISO_IR 192")
    assert parse(part10(name + out_of_order)).model["00100010"]["vr"] == "PN"
    with pytest.raises(Truncated):
        parse(part10(name + out_of_order + last))
