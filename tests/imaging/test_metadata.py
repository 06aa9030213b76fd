"""Stored metadata becomes answers with addresses that resolve."""

import zlib

import orjson

from imaging.metadata import render, unpack

URL = "https://host/dicomweb/studies/1/series/2/instances/3"


def packed(model: object) -> bytes:
    return zlib.compress(orjson.dumps(model))


def test_bulk_data_is_addressed_in_nested_items_too() -> None:
    model = {
        "00880200": {
            "vr": "SQ",
            "Value": [{"7FE00010": {"vr": "OW", "BulkDataURI": "00880200/1/7FE00010"}}],
        },
        "7FE00010": {"vr": "OW", "BulkDataURI": "7FE00010"},
    }
    answered = orjson.loads(render(packed(model), instance_url=URL))
    inner = answered["00880200"]["Value"][0]["7FE00010"]
    assert inner["BulkDataURI"] == f"{URL}/bulkdata/00880200/1/7FE00010"
    assert answered["7FE00010"]["BulkDataURI"] == f"{URL}/bulkdata/7FE00010"


def test_text_that_looks_like_a_member_is_left_alone() -> None:
    model = {"00081030": {"vr": "LO", "Value": ['"BulkDataURI":"x']}}
    assert orjson.loads(render(packed(model), instance_url=URL)) == model
    assert orjson.loads(unpack(packed(model))) == model


def test_an_address_cannot_break_the_json() -> None:
    model = {"7FE00010": {"vr": "OW", "BulkDataURI": "7FE00010"}}
    answered = orjson.loads(render(packed(model), instance_url='http://a"b'))
    assert answered["7FE00010"]["BulkDataURI"] == 'http://a"b/bulkdata/7FE00010'
