"""RFC 9110 13 and 14: entity tags and ranges."""

import pytest

from imaging.dicomweb.conditions import MAXIMUM_RANGES, Span, etag_in, parse_ranges


@pytest.mark.parametrize(
    ("value", "etag", "weakly", "strongly"),
    [
        ('"1"', '"1"', True, True),
        ('"1"', '"2"', False, False),
        ('"0", "1" ,"2"', '"1"', True, True),
        ('W/"1"', '"1"', True, False),
        ('"1"', 'W/"1"', True, False),
        ("*", '"1"', True, True),
        ("1", '"1"', True, True),
        ('"a,b"', '"a,b"', True, True),
        ('"a,b"', '"a"', False, False),
        ('"11"', '"1"', False, False),
        ('"', '"1"', False, False),
        ("", '"1"', False, False),
    ],
)
def test_entity_tags_compare(
    value: str, etag: str, *, weakly: bool, strongly: bool
) -> None:
    assert etag_in(value, etag) is weakly
    assert etag_in(value, etag, strong=True) is strongly


@pytest.mark.parametrize(
    ("value", "spans"),
    [
        ("bytes=0-9", [Span(0, 10)]),
        ("bytes=90-", [Span(90, 10)]),
        ("bytes=90-200", [Span(90, 10)]),
        ("bytes=-10", [Span(90, 10)]),
        ("bytes=-1000", [Span(0, 100)]),
        ("Bytes = 0-0 , 5-6", [Span(0, 1), Span(5, 2)]),
        ("bytes=0-0,100-", [Span(0, 1)]),
        ("bytes=100-", []),
        ("bytes=-0", []),
        ("bytes=0-9,", [Span(0, 10)]),
        ("items=0-9", None),
        ("bytes=9-0", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=٣-", None),
        ("bytes=" + "9" * 40 + "-", None),
        ("bytes=0-60,0-60", None),
        ("bytes=" + ",".join(["0-0"] * (MAXIMUM_RANGES + 1)), None),
    ],
)
def test_ranges_of_a_hundred_bytes(value: str, spans: list[Span] | None) -> None:
    assert parse_ranges(value, 100) == spans
