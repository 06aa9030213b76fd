"""JSON of resources keeps what it says, and what is no such JSON is refused."""

import contextlib
import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from fhirlink.json_text import MAX_DEPTH, MAX_DIGITS, Number, dump, parse, walk

NUMBERS = ["1.50", "1.0", "0.000", "-0", "1e3", "1.20E-7", "9" * 30, "-0.10", "12"]


def test_decimals_keep_their_digits_and_members_their_order() -> None:
    body = b'{"z":1.50,"a":[0.0,1e3,{"y":-0.10,"b":100}],"n":12345678901234567890.10}'
    assert dump(parse(body)) == body


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_comes_out_as_it_was_written(text: str) -> None:
    body = f'{{"value":{text}}}'.encode()
    resource = parse(body)
    assert dump(resource) == body
    assert resource["value"] == float(text)
    assert not isinstance(resource["value"], str)


def test_plain_integers_are_integers() -> None:
    assert type(parse(b'{"value":-12}')["value"]) is int


def test_a_number_is_the_same_after_it_was_copied() -> None:
    number = Number("1.500")
    for each in (
        copy.copy(number),
        copy.deepcopy([number])[0],
        pickle.loads(pickle.dumps(number)),
    ):
        assert each.text == "1.500"
        assert dump({"value": each}) == b'{"value":1.500}'


def test_numbers_are_compared_by_value() -> None:
    assert Number("1.50") == Number("1.5") == 1.5


BAD = {
    "nothing": b"",
    "not UTF-8": b'{"a":"\xff"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "NaN": b'{"a":NaN}',
    "infinite": b'{"a":-Infinity}',
    "too large to be finite": b'{"a":1e999}',
    "too many digits": b'{"a":0.' + b"1" * MAX_DIGITS + b"}",
    "digits for hours": b'{"a":' + b"0.1" + b"1" * 1_000_000 + b"}",
    "NUL by escape": b'{"a":"x\\u0000"}',
    "NUL in a name": b'{"x\\u0000":1}',
    "raw NUL": b'{"a":"\x00"}',
    "high surrogate alone": b'{"a":"\\ud83d"}',
    "low surrogate alone": b'{"a":"\\ude00"}',
    "raw surrogate": b'{"a":"\xed\xa0\x80"}',
    "line break in a string": b'{"a":"\n"}',
    "comma at the end": b'{"a":1,}',
    "two values": b"{}{}",
    "a list": b"[]",
    "a text": b'"Patient"',
    "a million brackets": b"[" * 1_000_000,
    "a million objects": b'{"a":' * 200_000,
    "too deep by one": b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
    "deep and wide": b'{"a":' + b"[[],[" * 500 + b"]]" * 500 + b"}",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_kept_as_it_is_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        parse(body)
    assert len(caught.value.message) < 200


def test_the_deepest_that_is_taken_comes_out_again() -> None:
    deep = b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1)
    wide = b",".join([b'"]}"'] * 3 + [b"{}"] * 500)
    body = b'{"a":' + deep + b',"b":[' + wide + b"]}"
    assert dump(parse(body)) == body


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"id":"a","id":"b"}', "id"),
        (b'{"a":[1,{"b":{"c":1.0,"d":2,"c":3}}]}', "a[1].b.c"),
        (b'{"a":{"x":1},"a":{"x":1}}', "a"),
        (b'{"a":{"x\\u0041":1,"xA":2}}', "a.xA"),
    ],
)
def test_what_is_said_twice_is_refused_with_its_place(body: bytes, path: str) -> None:
    with pytest.raises(Invalid, match="more than once") as caught:
        parse(body)
    assert caught.value.path == path


def test_the_place_of_a_nul_is_told_as_fhirpath() -> None:
    body = b'{"resourceType":"Patient","name":[{"given":["\\\\u0000","\\u0000"]}]}'
    with pytest.raises(Invalid) as caught:
        parse(body)
    assert caught.value.path == "Patient.name[0].given[1]"


def test_a_backslash_before_what_looks_like_nul_is_text() -> None:
    body = rb'{"a":"\\u0000"}'
    assert parse(body) == {"a": r"\u0000"}


def test_values_are_walked_in_the_order_of_the_text() -> None:
    resource = parse(b'{"resourceType":"A","b":[{"c":1},2],"d":3}')
    assert [path for path, _ in walk(resource)] == [
        *("A", "A.resourceType", "A.b", "A.b[0]", "A.b[0].c", "A.b[1]", "A.d")
    ]


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(value=JSONS)
def test_any_json_is_kept_or_refused(value: object) -> None:
    body = json.dumps({"value": value}, ensure_ascii=False, separators=(",", ":"))
    try:
        found = parse(body.encode(errors="surrogatepass"))
    except Invalid:
        return
    assert json.loads(dump(found)) == {"value": value}


@given(body=st.binary(max_size=40) | st.text('[]{}",:\\u0dD1e.-').map(str.encode))
def test_any_bytes_are_parsed_or_refused(body: bytes) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(parse(body), dict)
