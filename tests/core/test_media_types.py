"""DICOM PS3.18 8.7: what the client takes, and what it gets."""

import pytest

from core.errors import NotAcceptable
from core.media_types import (
    ANYTHING,
    DICOM,
    DICOM_JSON,
    JSON,
    MULTIPART,
    OCTET_STREAM,
    MediaRange,
    MediaType,
    choose,
    parse_accept,
    parse_accept_strictly,
    parse_media_type,
    require_utf8,
)

PART_10 = MediaType(DICOM)
PARTS = MediaType(MULTIPART, {"type": DICOM})
FRAMES = MediaType(MULTIPART, {"type": OCTET_STREAM})
JSONS = (MediaType(DICOM_JSON), MediaType(JSON))


@pytest.mark.parametrize("value", [None, "", "  "])
def test_no_accept_takes_anything(value: str | None) -> None:
    assert parse_accept(value) == (ANYTHING,)


@pytest.mark.parametrize(
    "value",
    [
        'multipart/related; type="application/dicom"',
        "multipart/related; type=application/dicom",
        "multipart/related;type=application/dicom",
        "Multipart/Related ; TYPE=application/dicom",
        'multipart/related; type="application/\\dicom"',
        "multipart/related; type=application/dicom;",
    ],
)
def test_parameters_are_read_quoted_and_bare(value: str) -> None:
    assert parse_accept(value) == (MediaRange(MULTIPART, {"type": DICOM}, 1.0),)


def test_ranges_come_best_first_and_equals_in_order() -> None:
    value = "a/a;q=0.5, b/b, c/c;q=0.9, d/d;q=1.0"
    assert [each.type for each in parse_accept(value)] == ["b/b", "d/d", "c/c", "a/a"]


def test_a_comma_in_quotes_does_not_separate() -> None:
    assert parse_accept('a/b; x="1,2", c/d') == (
        MediaRange("a/b", {"x": "1,2"}, 1.0),
        MediaRange("c/d", {}, 1.0),
    )


@pytest.mark.parametrize("bad", ["image", ";;", "/", "a/b x=1", "é/b", ""])
def test_an_unreadable_element_is_passed_over(bad: str) -> None:
    assert parse_accept(f"{bad}, c/d") == (MediaRange("c/d", {}, 1.0),)


def test_an_open_quote_does_no_harm() -> None:
    assert parse_accept('a/b; x="1, c/d')[-1].type == "c/d"


def test_an_unreadable_accept_takes_nothing() -> None:
    with pytest.raises(NotAcceptable):
        choose(parse_accept("nonsense"), JSONS)


def test_a_plus_lost_in_a_query_string_is_found_again() -> None:
    assert choose(parse_accept("application/dicom json"), JSONS) == JSONS[0]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", PART_10),
        ("application/*", PART_10),
        ("application/dicom", PART_10),
        ("multipart/related", PARTS),
        ('multipart/related; type="application/dicom"', PARTS),
        ("multipart/related; type=application/octet-stream", FRAMES),
        ('multipart/related; type="*/*"', PARTS),
        ("multipart/related; type=application/*", PARTS),
        ("application/dicom;q=0.1, multipart/related; type=application/dicom", PARTS),
        ("*/*, application/dicom;q=0", PARTS),
        ("*/*;q=0.1, application/dicom;q=0.05", PARTS),
        ("text/html, application/xhtml+xml, */*;q=0.8", PART_10),
    ],
)
def test_the_best_form_is_chosen(accept: str, form: MediaType) -> None:
    assert choose(parse_accept(accept), (PART_10, PARTS, FRAMES)) == form


@pytest.mark.parametrize(
    ("accept", "syntax"),
    [
        ("application/dicom; transfer-syntax=*", "1.2.840.10008.1.2.4.90"),
        ('application/dicom; transfer-syntax="*"', "1.2.840.10008.1.2.4.90"),
        ("application/dicom", "1.2.840.10008.1.2.4.90"),
        (
            "application/dicom; transfer-syntax=1.2.840.10008.1.2.1",
            "1.2.840.10008.1.2.1",
        ),
    ],
)
def test_a_transfer_syntax_chooses_among_forms(accept: str, syntax: str) -> None:
    forms = [
        MediaType(DICOM, {"transfer-syntax": uid})
        for uid in ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.1")
    ]
    assert choose(parse_accept(accept), forms).params["transfer-syntax"] == syntax


@pytest.mark.parametrize(
    "value",
    [
        'multipart/related; type="application/dicom"',
        "application/dicom; transfer-syntax=*, , a/b;q=0.5;flag",
        'a/b; x="1, \\"2"; , c/d',
    ],
)
def test_what_keeps_to_the_letter_is_read_the_same_way(value: str) -> None:
    assert parse_accept_strictly(value) == parse_accept(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " , ",
        "image, c/d",
        "a/b; type=application/dicom",
        'a/b; x="1, c/d',
        "a/b c/d",
        "a/b; x=, c/d",
        'a/b", c/d',
        "a/b;" + "x=1;" * 5000 + "=",
        "a/b" + " " * 50000 + "c",
    ],
)
def test_anything_else_is_refused_by_the_letter(value: str) -> None:
    with pytest.raises(NotAcceptable):
        parse_accept_strictly(value)


def test_what_ohif_sends_gets_json() -> None:
    accept = "application/dicom+json, multipart/related; type=application/octet-stream"
    assert choose(parse_accept(accept), JSONS) == JSONS[0]


def test_a_refusal_says_what_can_be_made() -> None:
    with pytest.raises(NotAcceptable, match=r"application/dicom\+json, application/js"):
        choose(parse_accept("application/dicom"), JSONS)


@pytest.mark.parametrize("q", ["x", "2", "-1", "nan"])
def test_a_weight_that_is_none_counts_as_one(q: str) -> None:
    assert parse_accept(f"a/b;q={q}")[0].q == 1.0


def test_a_content_type_is_read_the_same_way() -> None:
    value = 'multipart/related; type="application/dicom"; boundary=a=b'
    assert parse_media_type(value) == MediaType(
        MULTIPART, {"type": DICOM, "boundary": "a=b"}
    )
    assert parse_media_type("nonsense") is None


@pytest.mark.parametrize("charset", [None, "", "utf-8", "UTF-8", "latin1, *;q=0.1"])
def test_utf8_is_written(charset: str | None) -> None:
    require_utf8(charset)


def test_another_charset_is_refused() -> None:
    with pytest.raises(NotAcceptable):
        require_utf8("iso-8859-1")
