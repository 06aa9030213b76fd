"""The Native DICOM Model (DICOM PS3.19 A.1): written, judged by others, read again."""

from collections import ChainMap
from typing import Any, Final

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.native_xml import NAMESPACE, NotNative, read, write
from imaging.part10 import Part10Error, parse
from tests.imaging.native_xml_reading import (
    Rows,
    as_numbers,
    rows_of,
    valid,
    written_by_dcmtk,
)
from tests.imaging.part10.samples import sample_files, sample_id
from tests.peers import require_peer

FILES: Final = sample_files()
HEAD: Final = f'<NativeDicomModel xmlns="{NAMESPACE}">'
# Where DCMTK 3.6.7 says other things of a file than we do, and why.
NOT_COMPARED: Final = {
    "UN_sequence.dcm": "private attributes without creator: it leaves out their block",
    "waveform_ecg.dcm": "private attributes without creator: it leaves out their block",
    "rtdose_rle.dcm": "implicit VR where explicit is declared",
    "rtdose_rle_1frame.dcm": "implicit VR where explicit is declared",
    "chrX1.dcm": "repeats a component group where an empty one follows",
    "chrX2.dcm": "repeats a component group where an empty one follows",
}


def model_of(content: bytes) -> Any:
    """Return the JSON of a file as it is kept, or None where there is none."""
    try:
        return orjson.loads(orjson.dumps(parse(content).model))
    except Part10Error:
        return None


def document(inside: str) -> bytes:
    return f"{HEAD}{inside}</NativeDicomModel>".encode()


@pytest.mark.parametrize("path", FILES, ids=sample_id)
def test_a_sample_is_valid_and_comes_back(path: Any) -> None:
    model = model_of(path.read_bytes())
    if model is None:
        return
    made = write(model)
    valid(made)
    assert as_numbers(read(made)) == as_numbers(model)


@pytest.mark.peer("dcmtk")
def test_dcmtk_says_the_same_of_the_samples() -> None:
    program = require_peer("dcmtk")["dcm2xml"]
    compared = 0
    for path in FILES:
        model = model_of(path.read_bytes())
        theirs = written_by_dcmtk(program, path)
        if model is None or theirs is None or path.name in NOT_COMPARED:
            continue
        compared += 1
        differing = different(rows_of(valid(write(model))), rows_of(theirs))
        assert differing == {}, path
    assert compared > 100


def different(ours: Rows, theirs: Rows) -> dict[Any, Any]:
    """Return what differs, but for what the two mean to do otherwise.

    DCMTK turned the text into UTF-8 and says so; what is UN to either has no values to
    compare; compressed pixel data in OW are OB to DCMTK; a name without any component
    is none to it.
    """
    left, right = _by_tag(ours), _by_tag(theirs)
    return {
        key: (left.get(key), right.get(key))
        for key in left.keys() | right.keys()
        if left.get(key) != right.get(key)
        and "UN" not in {left.get(key, ("",))[0], right.get(key, ("",))[0]}
        and not (left.get(key, ("SQ",))[0] == "SQ" and _items_agree(left, right, key))
    }


def _by_tag(rows: Rows) -> dict[Any, Any]:
    return {
        (tag, creator): ("bytes",)
        if values == ["bytes"] and vr != "UN"
        else (vr, [] if values == [{}] else values)
        for tag, vr, creator, values in rows
        if tag != "00080005"
    }


def _items_agree(left: dict[Any, Any], right: dict[Any, Any], key: Any) -> bool:
    ours, theirs = left.get(key), right.get(key)
    return (
        ours is not None
        and theirs is not None
        and len(ours[1]) == len(theirs[1])
        and not any(map(different, ours[1], theirs[1]))
    )


TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
XML_TEXT: Final = st.text(
    st.one_of(
        st.sampled_from("&<>\"'\t\n\r]]> ^=\\\u0085\u2028\ufffd"),
        st.characters(
            exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
        ),
    ),
    min_size=1,
    max_size=8,
)
GROUP: Final = XML_TEXT.filter(lambda text: "=" not in text)
NAMES: Final = st.dictionaries(
    st.sampled_from(["Alphabetic", "Ideographic", "Phonetic"]), GROUP, min_size=1
)
NUMBERS: Final = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)


def several(values: Any) -> Any:
    return st.lists(st.one_of(st.none(), values), min_size=1, max_size=3)


def attributes(items: Any) -> Any:
    """Return attributes of a VR with each kind of content, `items` in sequences."""
    return st.one_of(
        st.builds(lambda v: {"vr": "UC", "Value": v}, several(XML_TEXT)),
        st.builds(lambda v: {"vr": "PN", "Value": v}, several(NAMES)),
        st.builds(lambda v: {"vr": "DS", "Value": v}, several(NUMBERS)),
        st.builds(
            lambda v: {"vr": "FD", "Value": v}, several(st.floats(allow_nan=False))
        ),
        st.builds(lambda v: {"vr": "SQ", "Value": v}, st.lists(items, min_size=1)),
        st.builds(lambda v: {"vr": "OB", "BulkDataURI": v}, XML_TEXT),
        st.just({"vr": "OB", "InlineBinary": "AAE="}),
        st.builds(lambda vr: {"vr": vr}, st.sampled_from(["LO", "PN", "SQ", "OB"])),
    )


def data_sets(items: Any) -> Any:
    """Return data sets with standard and private attributes, some with a creator."""
    public = st.dictionaries(
        st.sampled_from(["00080050", "00100010", "7FE00010", "60020010"]),
        attributes(items),
    )
    private = st.dictionaries(
        st.sampled_from(["00111001", "00111010", "001111FF", "00131001"]),
        attributes(items),
    )
    reserved = st.fixed_dictionaries(
        {},
        optional={
            "00110010": st.builds(lambda v: {"vr": "LO", "Value": [f"A{v}"]}, XML_TEXT),
            "00110011": st.builds(lambda v: {"vr": "LO", "Value": [f"B{v}"]}, XML_TEXT),
        },
    )
    return st.builds(lambda *parts: dict(ChainMap(*parts)), public, reserved, private)


@given(st.recursive(st.just({}), data_sets, max_leaves=8))
def test_any_data_set_comes_back(model: dict[str, Any]) -> None:
    made = write(model)
    assert as_numbers(read(made)) == as_numbers(model)


@given(TEXT)
def test_no_text_breaks_a_document(text: str) -> None:
    model: Any = {
        "00110010": {"vr": "LO", "Value": [text]},
        "00111001": {"vr": "UT", "Value": [text]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": text}]},
        "7FE00010": {"vr": "OW", "BulkDataURI": text},
    }
    root = valid_but_for_addresses(write(model))
    (value,) = root.iterfind(f"{{{NAMESPACE}}}DicomAttribute[@vr='UT']/*")
    kept = [
        character if character >= " " or character in "\t\n\r" else "\ufffd"
        for character in text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    ]
    assert value.text == "".join(kept)


def valid_but_for_addresses(made: bytes) -> Any:
    """Return the root; what stands in for an address here need not be one."""
    start, end = made.index(b"<BulkData"), made.index(b"/>")
    return valid(made[:start] + b'<BulkData uri="x"' + made[end:])


def test_values_are_numbered_and_empty_ones_are_there() -> None:
    model: Any = {
        "00080008": {"vr": "CS", "Value": ["MPG", None, "XR3"]},
        "00080050": {"vr": "SH"},
        "00081140": {"vr": "SQ", "Value": [{}, {"00080050": {"vr": "SH"}}]},
        "00100010": {"vr": "PN", "Value": [None, {"Alphabetic": "^Jane^^Dr"}]},
    }
    assert write(model).decode().partition("?>\n")[2] == (
        f'<NativeDicomModel xmlns="{NAMESPACE}" xml:space="preserve">'
        '<DicomAttribute tag="00080008" keyword="ImageType" vr="CS">'
        '<Value number="1">MPG</Value><Value number="2"></Value>'
        '<Value number="3">XR3</Value></DicomAttribute>'
        '<DicomAttribute tag="00080050" keyword="AccessionNumber" vr="SH">'
        "</DicomAttribute>"
        '<DicomAttribute tag="00081140" keyword="ReferencedImageSequence" vr="SQ">'
        '<Item number="1"></Item><Item number="2">'
        '<DicomAttribute tag="00080050" keyword="AccessionNumber" vr="SH">'
        "</DicomAttribute></Item></DicomAttribute>"
        '<DicomAttribute tag="00100010" keyword="PatientName" vr="PN">'
        '<PersonName number="1"></PersonName><PersonName number="2"><Alphabetic>'
        "<GivenName>Jane</GivenName><NamePrefix>Dr</NamePrefix>"
        "</Alphabetic></PersonName></DicomAttribute>"
        "</NativeDicomModel>"
    )


def test_private_attributes_have_their_creator_in_place_of_a_block() -> None:
    model: Any = {
        "00110010": {"vr": "LO", "Value": ["ACME & Co"]},
        "00111001": {"vr": "LO", "Value": ["x"]},
        "00111101": {"vr": "LO", "Value": ["whose"]},
    }
    made = write(model)
    assert b'<DicomAttribute tag="00110001" privateCreator="ACME &amp; Co"' in made
    assert b'<DicomAttribute tag="00111101" vr="LO">' in made
    assert read(made) == model


def test_a_creator_that_is_not_there_gets_a_free_block() -> None:
    private = '<DicomAttribute tag="0011{}" privateCreator="{}" vr="SH"/>'
    made = read(
        document(
            '<DicomAttribute tag="00111099" vr="SH"/>'
            + private.format("0001", "A")
            + private.format("0001", "B")
            + private.format("1001", "A")  # again: the creator has another block
            + private.format("0002", "A")
        )
    )
    assert made == {
        "00111099": {"vr": "SH"},
        "00110011": {"vr": "LO", "Value": ["A"]},
        "00111101": {"vr": "SH"},
        "00110012": {"vr": "LO", "Value": ["B"]},
        "00111201": {"vr": "SH"},
        "00110013": {"vr": "LO", "Value": ["A"]},
        "00111301": {"vr": "SH"},
        "00111102": {"vr": "SH"},
    }


def test_a_decimal_stays_the_number_that_it_is() -> None:
    numbers = [1234567890.1234567, -1.23456789e15, 0.5]  # the first in no 16 characters
    made = write({"00280030": {"vr": "DS", "Value": numbers}})
    texts = [value.text for value in valid(made).iter(f"{{{NAMESPACE}}}Value")]
    assert list(map(float, texts)) == numbers
    assert [len(text) for text in texts] == [18, 16, 3]


ATTRIBUTE: Final = '<DicomAttribute tag="00100010" vr="{}">{}</DicomAttribute>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<a/>",
        b"<NativeDicomModel>",
        b"\xff" + document(""),
        b'<?xml version="1.0" encoding="cp037"?>'
        + document("").decode().encode("cp037"),
        b"<!DOCTYPE x>" + document(""),
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + document("&a;"),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + document(""),
        document("&nbsp;"),
        document("\x0c"),
        document("text"),
        document(
            f"<DicomAttribute{''.join(map(' a{}=``'.format, range(40_000)))}/>"
        ).replace(b"`", b"'"),
        document(f"<!--{' ' * 200_000}-->"),
        document("<Value/>"),
        document("<Item/>"),
        document('<DicomAttribute vr="LO"/>'),
        document('<DicomAttribute tag="0010001" vr="LO"/>'),
        document('<DicomAttribute tag="001000+1" vr="LO"/>'),
        document(ATTRIBUTE.format("LO", "") * 2),
        document(ATTRIBUTE.format("LO", "text")),
        document(ATTRIBUTE.format("LO", "<Value>1</Value>")),
        document(ATTRIBUTE.format("LO", '<Value number="2">1</Value>')),
        document(ATTRIBUTE.format("LO", '<Value number="1"><Value/></Value>')),
        document(ATTRIBUTE.format("OB", '<BulkData uri="a"/><BulkData uri="a"/>')),
        document(ATTRIBUTE.format("PN", "<Alphabetic/>")),
        document(
            ATTRIBUTE.format(
                "PN",
                '<PersonName number="1"><Alphabetic><GivenName/><FamilyName/>'
                "</Alphabetic></PersonName>",
            )
        ),
        document(
            "".join(
                f'<DicomAttribute tag="00110001" privateCreator="{number}" vr="SH"/>'
                for number in range(241)
            )
        ),
        document(
            '<DicomAttribute tag="00081140" vr="SQ"><Item number="1">' * 66
            + "</Item></DicomAttribute>" * 66
        ),
    ],
)
def test_what_is_no_data_set_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(NotNative) as refused:
        read(content)
    assert 10 < len(refused.value.reason) < 120


def test_utf_16_is_read_as_xml_has_it() -> None:
    value = '<Value number="1">\u00e5\u5c71</Value>'
    text = document(ATTRIBUTE.format("LO", value)).decode()
    made = read(text.encode("utf-16"))
    assert made == {"00100010": {"vr": "LO", "Value": ["\u00e5\u5c71"]}}


def test_long_values_are_taken_in_pieces() -> None:
    text = "\u5c71&amp;\n" * 200_000
    binary = "AAAA" * 200_000
    made = read(
        document(
            ATTRIBUTE.format("UT", f'<Value number="1">{text}</Value>')
            + '<DicomAttribute tag="7FE00010" vr="OB">'
            f"<InlineBinary>{binary}</InlineBinary></DicomAttribute>"
        )
    )
    assert made["00100010"]["Value"] == [text.replace("&amp;", "&")]
    assert made["7FE00010"]["InlineBinary"] == binary


def test_layout_between_elements_means_nothing() -> None:
    text = (
        '\n <DicomAttribute tag="00080008" vr="CS">\n  <Value number="1"> A </Value>\n'
        ' </DicomAttribute>\n <DicomAttribute tag="00111001" vr="OB">\n'
        "  <InlineBinary>\nAA\nE=\n</InlineBinary></DicomAttribute>\n"
    )
    assert read(document(text)) == {
        "00080008": {"vr": "CS", "Value": [" A "]},
        "00111001": {"vr": "OB", "InlineBinary": "AAE="},
    }
