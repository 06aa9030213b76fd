"""JSON Patch changes what it says and nothing else, and never more than it may."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, Invalid
from fhirlink.json_text import dump, parse
from fhirlink.patch import MAX_OPERATIONS, parse_patch, patched

BODY = (
    b'{"resourceType":"Observation","id":"o","status":"final","valueQuantity":'
    b'{"value":6.30,"unit":"g"},"note":[{"text":"a"},{"text":"b"}],'
    b'"component":[{"valueQuantity":{"value":1.0}}]}'
)
RESOURCE = parse(BODY)


def do(*operations: dict[str, Any]) -> bytes:
    return dump(patched(RESOURCE, parse_patch(json.dumps(operations).encode())))


def test_what_is_not_patched_stays_as_it_was_written() -> None:
    found = do({"op": "replace", "path": "/status", "value": "amended"})
    assert found == BODY.replace(b'"final"', b'"amended"')
    assert dump(RESOURCE) == BODY


def test_decimals_of_a_patch_keep_their_digits() -> None:
    patch = b'[{"op":"replace","path":"/valueQuantity/value","value":7.00}]'
    found = patched(RESOURCE, parse_patch(patch))
    assert b'"value":7.00' in dump(found)


@pytest.mark.parametrize(
    ("operation", "old", "new"),
    [
        ({"op": "add", "path": "/note/0", "value": 1}, b'[{"te', b'[1,{"te'),
        ({"op": "add", "path": "/note/-", "value": 1}, b'"b"}]', b'"b"},1]'),
        ({"op": "remove", "path": "/note/0"}, b'{"text":"a"},', b""),
        (
            {"op": "move", "from": "/valueQuantity/value", "path": "/component/0/x"},
            b'"value":6.30,',
            b"",
        ),
        (
            {"op": "copy", "from": "/valueQuantity/value", "path": "/note/1/text"},
            b'"text":"b"',
            b'"text":6.30',
        ),
    ],
    ids=lambda each: each["op"] if isinstance(each, dict) else "",
)  # fmt: skip
def test_each_operation_does_what_rfc_6902_says(
    operation: dict[str, Any], old: bytes, new: bytes
) -> None:
    found = do(operation)
    expected = BODY.replace(old, new, 1)
    if operation["op"] == "move":
        expected = expected.replace(b'{"value":1.0}', b'{"value":1.0},"x":6.30')
    assert found == expected


def test_a_copy_is_apart_from_what_it_was_copied_from() -> None:
    found = do(
        {"op": "copy", "from": "/note/0", "path": "/note/-"},
        {"op": "replace", "path": "/note/2/text", "value": "c"},
    )
    assert json.loads(found)["note"] == [{"text": "a"}, {"text": "b"}, {"text": "c"}]


def test_a_test_that_holds_lets_the_patch_go_on() -> None:
    test = {"op": "test", "path": "/valueQuantity/value", "value": 6.3}
    assert b"note" not in do(test, {"op": "remove", "path": "/note"})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/status", "amended"),
        ("/valueQuantity/value", "6.30"),
        ("/component/0/valueQuantity/value", True),
    ],
)
def test_a_test_that_fails_is_a_conflict_that_names_the_operation(
    path: str, value: object
) -> None:
    with pytest.raises(Conflict, match="operation 1") as caught:
        do(
            {"op": "remove", "path": "/note"},
            {"op": "test", "path": path, "value": value},
        )
    assert caught.value.path == "[1]"


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ({"op": "remove", "path": "/nothing"}, "[0].path"),
        ({"op": "replace", "path": "/note/7", "value": 1}, "[0].path"),
        ({"op": "add", "path": "/note/9", "value": 1}, "[0].path"),
        ({"op": "add", "path": "/note/x", "value": 1}, "[0].path"),
        ({"op": "add", "path": "/status/x", "value": 1}, "[0].path"),
        ({"op": "test", "path": "/note/-", "value": 1}, "[0].path"),
        ({"op": "remove", "path": "/note/-"}, "[0].path"),
        ({"op": "copy", "path": "/x", "from": "/nothing"}, "[0].path"),
        ({"op": "move", "path": "/note/0/x", "from": "/note"}, "[0].path"),
        ({"op": "add", "path": "note", "value": 1}, "[0].path"),
        ({"op": "add", "path": "/a~2", "value": 1}, "[0].path"),
        ({"op": "add", "path": "/a" * 200, "value": 1}, "[0].path"),
        ({"op": "add", "path": 5, "value": 1}, "[0].path"),
        ({"op": "add", "path": "/x"}, "[0].value"),
        ({"op": "move", "path": "/x"}, "[0].from"),
        ({"op": "merge", "path": "/x"}, "[0].op"),
        ({"op": ["add"], "path": "/x"}, "[0].op"),
        ({"op": "replace", "path": "/id", "value": "other"}, "id"),
        ({"op": "remove", "path": "/id"}, "id"),
        ({"op": "replace", "path": "/resourceType", "value": "List"}, "resourceType"),
        ({"op": "replace", "path": "", "value": {"id": "o"}}, "resourceType"),
        ({"op": "replace", "path": "", "value": 5}, None),
        ({"op": "remove", "path": ""}, "[0].path"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_with_its_place(
    operation: dict[str, Any], path: str | None
) -> None:
    with pytest.raises(Invalid) as caught:
        do(operation)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"[1]", b"null", b'"x"', b"[", b'[{"op":"add","op":"test"}]']
)
def test_what_is_no_patch_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        parse_patch(body)


def test_a_patch_of_too_many_operations_is_refused() -> None:
    operation = {"op": "test", "path": "/status", "value": "final"}
    do(*[operation] * MAX_OPERATIONS)
    with pytest.raises(Invalid, match="at most"):
        do(*[operation] * (MAX_OPERATIONS + 1))


@pytest.mark.parametrize("op", ["copy", "move"])
def test_copies_of_copies_do_not_fill_the_memory(op: str) -> None:
    doubling = [{"op": "copy", "from": "/note", "path": "/note/-"} for _ in range(900)]
    moving = [{"op": op, "from": "/note", "path": f"/x{n}"} for n in range(9)]
    with pytest.raises(Invalid):
        do(*doubling, *moving)


def test_nothing_gets_too_deep_bit_by_bit() -> None:
    steps: list[dict[str, Any]] = [{"op": "add", "path": "/a0", "value": {"v": 1}}]
    for n in range(300):
        steps.append({"op": "add", "path": f"/a{n + 1}", "value": {}})
        steps.append({"op": "move", "from": f"/a{n}", "path": f"/a{n + 1}/in"})
    with pytest.raises(Invalid, match="deep"):
        do(*steps)


PLACES = st.sampled_from(
    ["", "/", "/note", "/note/0", "/note/-", "/note/0/text", "/status", "/x", "/id"]
)
VALUES = st.sampled_from([None, 1, True, "final", [], {}, {"text": "a"}, [[1]]])
OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": PLACES,
        "from": PLACES,
        "value": VALUES,
    }
)


@given(operations=st.lists(OPERATIONS, min_size=1, max_size=8))
def test_any_patch_is_done_or_refused(operations: list[dict[str, Any]]) -> None:
    with suppress(Invalid, Conflict):
        found = json.loads(do(*operations))
        assert (found["resourceType"], found["id"]) == ("Observation", "o")
    assert dump(RESOURCE) == BODY
