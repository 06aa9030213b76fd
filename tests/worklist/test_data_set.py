"""Data sets of workitems as they are kept."""

import zlib
from base64 import b64decode

import orjson
import pytest

from worklist import data_set

MODEL = {
    "00100020": {"vr": "LO", "Value": ["P1"]},
    "00741000": {"vr": "CS", "Value": ["SCHEDULED"]},
}


def test_what_is_packed_is_read_again_without_the_lock() -> None:
    held = {**MODEL, data_set.TRANSACTION_UID: {"vr": "UI", "Value": ["1.2.3"]}}
    packed = data_set.packed(held)
    assert data_set.unpacked(packed) == MODEL
    assert orjson.loads(data_set.json_of(packed)) == MODEL


def test_what_was_packed_before_is_read_for_ever() -> None:
    """Fails where somebody changes what all data sets have in common."""
    with_dictionary = b64decode("eH3iB+oLAyUfvAVSAKwAJTooagF9qhX9")
    assert data_set.unpacked(with_dictionary) == MODEL
    assert data_set.unpacked(zlib.compress(orjson.dumps(MODEL))) == MODEL


@pytest.mark.parametrize("length", [0, 1, 12, 23])
def test_what_is_cut_off_is_no_data_set(length: int) -> None:
    with pytest.raises(zlib.error):
        data_set.json_of(data_set.packed(MODEL)[:length])
