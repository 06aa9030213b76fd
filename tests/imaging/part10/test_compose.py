"""Files made of DICOM JSON: what a model says is what is read in the file."""

import base64
import copy
import os
import random
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from struct import unpack, unpack_from
from typing import Any, Final

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLSLossless

from imaging.part10 import (
    BulkPart,
    Composition,
    ParsedInstance,
    Part10Error,
    Range,
    Unwritable,
    compose,
    parse,
)
from imaging.part10.writing import IMPLEMENTATION_CLASS_UID
from tests.imaging.part10.samples import sample_files, sample_id

MUTANTS: Final = int(os.environ.get("PORTAL_MUTANTS", "3000"))

Json = dict[str, Any]
NAMED: Final[Json] = {
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.7"]},
    "00080018": {"vr": "UI", "Value": ["1.2.3"]},
}
PIXELS: Final = "7FE00010"
UTF_8: Final = {"vr": "CS", "Value": ["ISO_IR 192"]}


class Bulk:
    """Bulk data in memory."""

    def __init__(self) -> None:
        self.content = b""
        self.parts: dict[str, list[BulkPart]] = {}

    def add(self, uri: str, content: bytes, syntax: str = "", **kind: bool) -> None:
        place = Range(len(self.content), len(content))
        self.parts.setdefault(uri, []).append(BulkPart(place, syntax, **kind))
        self.content += content

    def file(self, model: object) -> bytes:
        made: Composition = compose(model, lambda uri: self.parts.get(uri, ()))
        content = b"".join(
            self.content[piece.offset : piece.offset + piece.length]
            if isinstance(piece, Range)
            else piece
            for piece in made.pieces
        )
        assert len(content) == made.size_bytes
        return content


def written(attribute: Json, tag: str = "00091001") -> Json:
    """Return what is read of an attribute that was written."""
    reservation = {"00090010": {"vr": "LO", "Value": ["OURS"]}}
    parsed = parse(Bulk().file({**NAMED, **reservation, tag: attribute}))
    return dict(parsed.model[tag])


def refusal(model: object, bulk: Bulk | None = None) -> tuple[str, str]:
    with pytest.raises(Unwritable) as caught:
        (bulk or Bulk()).file(model)
    return caught.value.path, caught.value.reason


def attribute_at(model: Json, path: str) -> Json:
    *ancestors, key = path.split("/")
    for sequence, number in zip(ancestors[::2], ancestors[1::2], strict=True):
        model = model[sequence]["Value"][int(number) - 1]
    return dict[str, Any](model[key])


def name_bulk(parsed: ParsedInstance) -> Json:
    """Return the model with the path of each bulk value as its address."""
    for locator in parsed.bulk:
        *ancestors, key = locator.path.split("/")
        model: Json = parsed.model
        for sequence, number in zip(ancestors[::2], ancestors[1::2], strict=True):
            model = model[sequence]["Value"][int(number) - 1]
        model[key]["BulkDataURI"] = locator.path
    return parsed.model


def frames_of(data: bytes, parsed: ParsedInstance) -> list[bytes]:
    """Return the compressed frames, the fragments of each joined."""
    assert parsed.pixels is not None
    numbers = unpack(f"<{len(parsed.pixels.frames) // 8}Q", parsed.pixels.frames)
    frames = []
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        at, frame = start, b""
        while at < start + length:
            (size,) = unpack_from("<I", data, at + 4)
            frame += data[at + 8 : at + 8 + size]
            at += 8 + size
        frames.append(frame)
    return frames


def bulk_of(data: bytes, parsed: ParsedInstance) -> Bulk:
    bulk = Bulk()
    for locator in parsed.bulk:
        if locator.path == PIXELS and parsed.pixels and parsed.pixels.encapsulated:
            for frame in frames_of(data, parsed):
                bulk.add(PIXELS, frame, parsed.transfer_syntax_uid)
        else:
            stop = locator.offset + locator.length
            bulk.add(locator.path, data[locator.offset : stop])
    return bulk


def without_charset(model: Json) -> Json:
    """Return a model without what says in which bytes its text was."""
    return {
        key: {
            **attribute,
            "Value": [
                without_charset(item) if attribute["vr"] == "SQ" else item
                for item in attribute["Value"]
            ],
        }
        if "Value" in attribute
        else attribute
        for key, attribute in model.items()
        if key != "00080005"
    }


@pytest.mark.parametrize("path", sample_files(), ids=sample_id)
def test_the_model_of_a_sample_becomes_a_file_of_the_same_model(path: Path) -> None:
    data = path.read_bytes()
    try:
        parsed = parse(data)
    except Part10Error:
        pytest.skip("cannot be read")
    if parsed.encoding.deflated or not parsed.encoding.little_endian:
        pytest.skip("its bulk data are not there as little endian")
    is_compressed = parsed.pixels is not None and parsed.pixels.encapsulated
    if is_compressed and parsed.pixels and not parsed.pixels.frames_known:
        pytest.skip("its frames cannot be told apart")
    bulk = bulk_of(data, parsed)
    model = name_bulk(parsed)

    made = bulk.file(model)

    again = parse(made)
    syntax = parsed.transfer_syntax_uid if is_compressed else ExplicitVRLittleEndian
    assert again.transfer_syntax_uid == syntax
    if is_compressed:
        model[PIXELS]["vr"] = "OB"  # of all compressed pixels (PS3.5 A.4)
        # Some samples lack the byte that makes a fragment's length even.
        both = zip(frames_of(made, again), frames_of(data, parsed), strict=True)
        assert all(new in {old, old + b"\0"} for new, old in both)
    assert without_charset(name_bulk(again)) == without_charset(model)
    for locator in again.bulk:
        if locator.path != PIXELS or not is_compressed:
            (part,) = bulk.parts[locator.path]
            sent = bulk.content[part.range.offset :][: part.range.length]
            stop = locator.offset + locator.length
            assert made[locator.offset : stop] == sent + bytes(len(sent) % 2)


@pytest.mark.parametrize(
    ("vr", "values"),
    [
        ("AE", ["ONE", "TWO"]),
        ("AT", ["00080018", "7FE00010"]),
        ("CS", ["A", None, "B"]),
        ("DS", [0.1, -3, 1e300, 123456789012345]),
        ("FD", [0.1, "NaN", "-inf"]),
        ("FL", [0.5, "inf"]),
        ("IS", [1, -(2**31)]),
        ("LT", ["a\\b\r\nc"]),
        ("PN", [{"Alphabetic": "A^B", "Phonetic": "C"}, None, {"Ideographic": "D"}]),
        ("SL", [-(2**31), 2**31 - 1]),
        ("SS", [-32768, 32767]),
        ("SV", [-(2**63), 2**63 - 1]),
        ("UC", ["x" * 70_000]),
        ("UI", ["1.2.3", "1.2"]),
        ("UL", [0, 2**32 - 1]),
        ("UR", ["http://a/b?c"]),
        ("US", [0, 65535]),
        ("UT", ["Grüße, 山田"]),
        ("UV", [0, 2**64 - 1]),
    ],
)
def test_values_of_each_kind_are_read_as_they_were_sent(
    vr: str, values: list[Any]
) -> None:
    assert written({"vr": vr, "Value": values}) == {"vr": vr, "Value": values}


@pytest.mark.parametrize(
    ("vr", "sent", "read"),
    [
        ("DS", ["1.50"], [1.5]),
        ("DS", [0.3333333333333333], [0.33333333333333]),
        ("IS", ["12"], [12]),
        ("IS", [3.0], [3]),
        ("UV", ["18446744073709551615"], [2**64 - 1]),
        ("SV", ["-9"], [-9]),
        ("FD", ["Infinity"], ["inf"]),
        ("PN", [{"Alphabetic": "A", "Phonetic": None}], [{"Alphabetic": "A"}]),
    ],
)
def test_numbers_may_come_as_texts_and_decimals_have_sixteen_characters(
    vr: str, sent: list[Any], read: list[Any]
) -> None:
    assert written({"vr": vr, "Value": sent}) == {"vr": vr, "Value": read}


def test_a_value_that_is_too_long_for_its_header_is_written_as_un() -> None:
    values = ["x" * 60] * 1200
    model = {**NAMED, "00081030": {"vr": "LO", "Value": values}}
    content = Bulk().file(model)
    assert "\\".join(values).encode() in content
    assert parse(content).model["00081030"]["vr"] == "UN"


def test_text_of_other_letters_is_utf_8_in_all_items() -> None:
    item = {
        "00080005": {"vr": "CS", "Value": ["ISO_IR 144"]},
        "00080104": {"vr": "LO", "Value": ["Грудь"]},
    }
    model = {
        **NAMED,
        "00080005": {"vr": "CS", "Value": ["ISO_IR 100"]},
        "00082218": {"vr": "SQ", "Value": [item]},
    }
    parsed = parse(Bulk().file(model))
    assert parsed.model["00080005"] == UTF_8
    assert parsed.model["00082218"]["Value"] == [{"00080104": item["00080104"]}]


def test_text_of_ascii_keeps_its_character_set() -> None:
    latin = {"vr": "CS", "Value": ["ISO_IR 100"]}
    assert parse(Bulk().file({**NAMED, "00080005": latin})).model["00080005"] == latin
    assert "00080005" not in parse(Bulk().file(NAMED)).model


def test_group_2_is_made_anew_and_names_who_wrote_the_file() -> None:
    model = {**NAMED, "00020010": {"vr": "UI", "Value": ["1.2.840.10008.1.2.2"]}}
    meta = dcmread(BytesIO(Bulk().file(model))).file_meta
    assert meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert meta.MediaStorageSOPInstanceUID == "1.2.3"
    assert meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert 1 <= len(str(meta.ImplementationVersionName)) <= 16


def pixels(**more: Any) -> Json:
    named = {PIXELS: {"vr": "OW", "BulkDataURI": "pixels"}}
    frames = {"00280008": {"vr": "IS", "Value": [2]}}
    return {**NAMED, **frames, **named, **more}


def test_compressed_frames_become_fragments_of_even_length() -> None:
    bulk = Bulk()
    bulk.add("pixels", b"\xff\xd8first\xff\xd9", JPEGBaseline8Bit)
    bulk.add("pixels", b"\xff\xd8second\xff\xd9", JPEGBaseline8Bit)
    content = bulk.file(pixels())
    parsed = parse(content)
    assert parsed.transfer_syntax_uid == JPEGBaseline8Bit
    assert frames_of(content, parsed) == [
        b"\xff\xd8first\xff\xd9\0",
        b"\xff\xd8second\xff\xd9",
    ]


def test_native_frames_in_several_parts_follow_each_other() -> None:
    bulk = Bulk()
    bulk.add("pixels", b"abcd")
    bulk.add("pixels", b"efgh")
    assert bytes(dcmread(BytesIO(bulk.file(pixels()))).PixelData) == b"abcdefgh"


@pytest.mark.parametrize("kind", [int, float, str])
def test_single_bit_frames_of_whole_bytes_may_come_in_several_parts(kind: Any) -> None:
    bulk = Bulk()
    bulk.add("pixels", b"\x01\x02")
    bulk.add("pixels", b"\x03\x04")
    sizes = {"00280010": 2, "00280011": 8, "00280100": 1}
    bits = {tag: {"vr": "US", "Value": [kind(n)]} for tag, n in sizes.items()}
    read = dcmread(BytesIO(bulk.file(pixels(**bits))))
    assert bytes(read.PixelData) == b"\x01\x02\x03\x04"
    uneven = {**bits, "00280011": {"vr": "US", "Value": [kind(7)]}}
    assert "single-bit" in refusal(pixels(**uneven), bulk)[1]


def test_what_does_not_go_together_with_bulk_data_is_refused() -> None:
    one, two, mixed, document = Bulk(), Bulk(), Bulk(), Bulk()
    one.add("pixels", b"ab", JPEGBaseline8Bit)
    two.add("pixels", b"ab")
    two.add("pixels", b"cd")
    mixed.add("pixels", b"ab", JPEGBaseline8Bit)
    mixed.add("pixels", b"ab", JPEGLSLossless)
    document.add("pixels", b"%PDF", is_document=True)
    three = {"00280008": {"vr": "IS", "Value": [3]}}
    single_bit = {"00280100": {"vr": "US", "Value": [1]}}
    overlay = {**NAMED, "60003000": {"vr": "OW", "BulkDataURI": "pixels"}}
    icon = {"00880200": {"vr": "SQ", "Value": [overlay]}}
    native = {PIXELS: {"vr": "OW", "InlineBinary": "AAAA"}}
    small = {"00880200": {"vr": "SQ", "Value": [pixels()]}}
    cases: list[tuple[Json, Bulk, str, str]] = [
        (pixels(**three), two, PIXELS, "as many parts"),
        (pixels(**single_bit), two, PIXELS, "single-bit"),
        (pixels(), mixed, PIXELS, "several transfer syntaxes"),
        (pixels(), document, PIXELS, "only documents"),
        (overlay, one, "60003000", "only pixel data"),
        (overlay, two, "60003000", "several parts"),
        (icon, two, "00880200/1/60003000", "several parts"),
        ({**NAMED, **small, **native}, one, PIXELS, "not compressed"),
    ]
    for model, bulk, path, words in cases:
        where, reason = refusal(model, bulk)
        assert where == path
        assert words in reason


def test_an_encapsulated_document_may_be_of_its_own_type() -> None:
    bulk = Bulk()
    bulk.add("doc", b"%PDF-1.7", is_document=True)
    model = {**NAMED, "00420011": {"vr": "OB", "BulkDataURI": "doc"}}
    read = dcmread(BytesIO(bulk.file(model)))
    assert read.EncapsulatedDocument == b"%PDF-1.7"


@pytest.mark.parametrize(
    "attribute",
    [
        None,
        [],
        "text",
        {},
        {"vr": None},
        {"vr": []},
        {"vr": "XX"},
        {"vr": "OB or OW", "InlineBinary": ""},
        {"vr": "LO", "Value": "text"},
        {"vr": "LO", "Value": [1]},
        {"vr": "LO", "Value": ["a\\b"]},
        {"vr": "LO", "Value": ["a"], "BulkDataURI": "b"},
        {"vr": "LO", "InlineBinary": "AAAA"},
        {"vr": "LT", "Value": ["a", "b"]},
        {"vr": "PN", "Value": ["A^B"]},
        {"vr": "PN", "Value": [{"Alphabetic": "A=B"}]},
        {"vr": "PN", "Value": [{"Alphabetic": 0}]},
        {"vr": "PN", "Value": [{"Roman": "A"}]},
        {"vr": "DS", "Value": [True]},
        {"vr": "DS", "Value": [{}]},
        {"vr": "IS", "Value": [1.5]},
        {"vr": "IS", "Value": [1e300]},
        {"vr": "US", "Value": [65536]},
        {"vr": "US", "Value": [-1]},
        {"vr": "US", "Value": [None]},
        {"vr": "US", "Value": ["1_0"]},
        {"vr": "UV", "Value": [1e30]},
        {"vr": "FL", "Value": [1e300]},
        {"vr": "FD", "Value": ["nought"]},
        {"vr": "AT", "Value": ["0008001"]},
        {"vr": "AT", "Value": [524312]},
        {"vr": "OB", "Value": [1]},
        {"vr": "OB", "InlineBinary": "AA=A"},
        {"vr": "OB", "InlineBinary": "ÄÄÄÄ"},
        {"vr": "OB", "InlineBinary": ["AAAA"]},
        {"vr": "OB", "BulkDataURI": None},
        {"vr": "OB", "BulkDataURI": "file:///etc/passwd"},
        {"vr": "SQ", "BulkDataURI": "b"},
        {"vr": "SQ", "Value": {}},
        {"vr": "SQ", "Value": [None]},
        {"vr": "SQ", "Value": ["item"]},
    ],
    ids=repr,
)
def test_an_attribute_that_annex_f_does_not_know_is_refused(attribute: Any) -> None:
    path, reason = refusal({**NAMED, "00091001": attribute})
    assert path == "00091001"
    assert reason


@pytest.mark.parametrize(
    "model",
    [
        None,
        [],
        "text",
        {"PatientName": {"vr": "PN"}},
        {"0010001": {"vr": "PN"}},
        {"00000010": {"vr": "LO"}},
        {"FFFEE000": {"vr": "LO"}},
        {"FFFFFFFF": {"vr": "LO"}},
        {"0009100a": {"vr": "LO"}, "0009100A": {"vr": "LO"}},
    ],
    ids=repr,
)
def test_a_data_set_that_is_none_is_refused(model: Any) -> None:
    assert refusal(model)[0] == ""


@pytest.mark.parametrize("depth", [65, 300, 900])
def test_sequences_are_not_nested_without_end(depth: int) -> None:
    item: Json = {}
    for _ in range(depth):
        item = {"00081140": {"vr": "SQ", "Value": [item]}}
    assert "deep" in refusal({**NAMED, **item})[1]


@pytest.mark.parametrize(
    "attribute",
    [
        {"vr": "SQ", "Value": [{}]},
        {"vr": "US", "Value": [5]},
        {"vr": "LO", "Value": ["1" * 100_000]},
        {"vr": "OB", "InlineBinary": base64.b64encode(b"1.2").decode()},
        {"vr": "UI"},
    ],
)
def test_group_2_is_sound_whatever_poses_as_the_uid(attribute: Json) -> None:
    content = Bulk().file({**NAMED, "00080018": attribute})
    assert "Value" not in parse(content).file_meta["00020003"]


ODD: Final[list[Any]] = [
    None, True, 0, -1, 1.5, 2**63, -(2**63), 1e308, "", "\\", "=", "\0", "ä" * 70,
    "9" * 5000, [], [[]], {}, {"vr": "SQ"}, {"vr": "UN", "InlineBinary": "AAAA"},
    {"vr": "SQ", "Value": [{}, {"00080005": {"vr": "CS", "Value": ["GBK"]}}]},
    {"vr": "OB", "BulkDataURI": "pixels"}, "pixels", "BulkDataURI", "UI", "SQ",
]  # fmt: skip
"""What a mutant has in the place of something else."""


def mutated(model: Json, rng: random.Random) -> Json:
    """Return a model of which some places have become something else."""
    mutant = copy.deepcopy(model)
    for _ in range(rng.randint(1, 3)):
        place: Any = mutant
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = rng.choice(keys)
            inner = place[key]
            if not inner or not isinstance(inner, dict | list) or rng.random() < 0.3:
                break
            place = inner
        if isinstance(place, dict) and rng.random() < 0.3:
            place[rng.choice(["vr", "Value", "00081140", "7FE00010", "x"])] = inner
        else:
            place[key] = copy.deepcopy(rng.choice(ODD))
        if not mutant:
            break
    return mutant


def test_mutated_models_are_refused_or_become_files_that_can_be_judged() -> None:
    """Set PORTAL_MUTANTS to try more of them."""
    seeds = [path for path in sample_files() if path.stat().st_size < 100_000]
    models = []
    for path in seeds:
        with suppress(Part10Error):
            models.append(name_bulk(parse(path.read_bytes())))
    bulk, refused = Bulk(), 0
    bulk.add("pixels", b"\xff\xd8frame\xff\xd9", JPEGBaseline8Bit)
    bulk.add("7FE00010", bytes(100))
    for number in range(MUTANTS):
        rng = random.Random(number)
        mutant = mutated(rng.choice(models), rng)
        try:
            content = bulk.file(mutant)
        except Unwritable:
            refused += 1
            continue
        with suppress(Part10Error):  # refused as an uploaded file would be
            parse(content)
    assert 0 < refused < MUTANTS
