"""What is shown of an object to who may not see whose it is."""

from typing import Any

import orjson
import pytest

from imaging.limited_view import SHOWN, limited

IDENTIFYING = (
    *("00080020", "00080030", "00080050", "00080080", "00080090", "00081030"),
    *("0008103E", "00081070", "00100010", "00100020", "00100030", "00101010"),
    *("00104000", "00181000", "00181030", "00200010", "00204000", "00321060"),
    *("00400244", "00400275", "00091001", "7FE00010"),
)


def element(vr: str = "LO", **more: Any) -> dict[str, Any]:
    return {"vr": vr, **more}


@pytest.mark.parametrize("tag", IDENTIFYING)
def test_what_tells_of_somebody_is_not_shown_at_any_depth(tag: str) -> None:
    inner = {tag: element(Value=["secret"]), "00280030": element("DS", Value=[1])}
    sequence = element("SQ", Value=[inner])
    given = {tag: element(Value=["secret"]), "00280010": element("US", Value=[9])}
    shown = limited(orjson.dumps({**given, "52009229": sequence}))
    assert b"secret" not in shown
    assert orjson.loads(shown) == {
        "00280010": element("US", Value=[9]),
        "52009229": element("SQ", Value=[{"00280030": element("DS", Value=[1])}]),
    }


def test_bulk_values_are_not_shown() -> None:
    given = {
        "00280030": element("DS", BulkDataURI="x"),
        "00281050": element("DS", InlineBinary="eA=="),
    }
    assert limited(orjson.dumps(given)) == b"{}"


def test_only_standard_attributes_are_shown() -> None:
    assert all(int(tag[3], 16) % 2 == 0 for tag in SHOWN)


def test_a_sequence_without_items_stays() -> None:
    given = orjson.dumps({"52009229": element("SQ")})
    assert limited(given) == given
