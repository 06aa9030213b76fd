"""JSON Patch on resources: what is not patched stays as it was written (pure).

Operations are done one after the other on a copy, so that what stands in the way can be
told by number. All that an operation puts somewhere is bounded: a patch of some hundred
bytes that copies what it has just copied would else fill the memory.

References
----------
RFC 6902; FHIR R4 3.1.0.8.
"""

from collections.abc import Mapping
from typing import Any, Final

import jsonpatch
import jsonpointer

from core.errors import Conflict, Invalid
from fhirlink.json_text import MAX_DEPTH, Resource, dump, parse, parse_any, walk

MAX_OPERATIONS: Final = 1_000
MAX_COPIED_BYTES: Final = 2 * 1024 * 1024  # by all operations of a patch together
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "from"),
    "copy": ("path", "from"),
    "test": ("path", "value"),
}
_FIXED: Final = ("resourceType", "id")


def parse_patch(body: bytes) -> list[dict[str, Any]]:
    """Return the operations of a patch; decimals keep their digits.

    Raises
    ------
    Invalid
        It is no patch.
    """
    found = parse_any(body)
    if not isinstance(found, list) or not found:
        message = "A JSON Patch is a list of operations."
        raise Invalid(message)
    if len(found) > MAX_OPERATIONS:
        message = f"A patch has {MAX_OPERATIONS} operations at most."
        raise Invalid(message)
    for number, operation in enumerate(found):
        _be_operation(operation, number)
    return found


def patched(resource: Mapping[str, Any], operations: list[dict[str, Any]]) -> Resource:
    """Return a resource with operations done; the given one stays as it is.

    Parameters
    ----------
    operations
        As `parse_patch` gives them.

    Raises
    ------
    Conflict
        A test has failed: the resource is not what the client takes it for.
    Invalid
        An operation leads nowhere, or the patch does more than it may.
    """
    patching = _Patching(parse(dump(resource)))
    for number, operation in enumerate(operations):
        patching.do(operation, number)
    found = patching.document
    if not isinstance(found, dict):
        message = "What comes of the patch is no resource."
        raise Invalid(message)
    for name in _FIXED:
        if found.get(name) != resource.get(name):
            message = f"A patch must not change {name}."
            raise Invalid(message, path=name)
    return parse(dump(found))  # so deep and no deeper


class _Patching:
    """A document between two operations."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self._left = MAX_COPIED_BYTES

    def do(self, operation: Mapping[str, Any], number: int) -> None:
        try:
            self._do(operation, number)
        except jsonpatch.JsonPatchTestFailed as error:
            message = f"The test of operation {number} has failed."
            raise Conflict(message, path=f"[{number}]") from error
        except (
            jsonpatch.JsonPatchException,
            jsonpointer.JsonPointerException,
        ) as error:
            message = (
                f"Operation {number} cannot be done: nothing is where it leads to."
            )
            raise Invalid(message, path=f"[{number}].path") from error

    def _do(self, operation: Mapping[str, Any], number: int) -> None:
        kind, path = operation["op"], operation["path"]
        if kind == "test":
            self._test(operation)
            return
        steps = [dict(operation)]
        if kind in {"move", "copy"}:
            start = operation["from"]
            if kind == "move" and path.startswith(f"{start}/"):
                message = f"Operation {number} moves something into itself."
                raise Invalid(message, path=f"[{number}].path")
            copy = self._copied(start, number)
            steps = [{"op": "add", "path": path, "value": copy}]
            if kind == "move":
                steps.insert(0, {"op": "remove", "path": start})
        self.document = jsonpatch.JsonPatch(steps).apply(self.document, in_place=True)

    def _at(self, pointer: str) -> Any:
        held = jsonpointer.resolve_pointer(self.document, pointer)
        if isinstance(held, jsonpointer.EndOfList):
            message = "nothing is after the end of a list"
            raise jsonpointer.JsonPointerException(message)
        return held

    def _copied(self, pointer: str, number: int) -> Any:
        """Return a copy of what is at a place, no deeper than what is parsed."""
        held = self._at(pointer)
        try:
            text = dump({"copied": held})
        except TypeError as error:
            message = f"Operation {number} copies what is too deep."
            raise Invalid(message, path=f"[{number}].from") from error
        self._left -= len(text)
        if self._left < 0:
            message = f"A patch copies {MAX_COPIED_BYTES} bytes at most."
            raise Invalid(message, path=f"[{number}].from")
        return parse(text)["copied"]

    def _test(self, operation: Mapping[str, Any]) -> None:
        held = self._at(operation["path"])
        wanted = operation["value"]
        # To Python, true is 1.
        if held != wanted or _booleans(held) != _booleans(wanted):
            raise jsonpatch.JsonPatchTestFailed


def _booleans(value: Any) -> set[str]:
    return {at for at, each in walk({"value": value}) if isinstance(each, bool)}


def _be_operation(operation: Any, number: int) -> None:
    place = f"[{number}]"
    kind = operation.get("op") if isinstance(operation, dict) else None
    members = _MEMBERS.get(kind) if isinstance(kind, str) else None
    if members is None:
        message = f"Operation {number} has no op that there is: {', '.join(_MEMBERS)}."
        raise Invalid(message, path=f"{place}.op")
    for name in members:
        if name not in operation:
            message = f"Operation {number} ({kind}) needs a {name}."
            raise Invalid(message, path=f"{place}.{name}")
        if name != "value" and not _is_pointer(operation[name]):
            message = f"Operation {number} needs a JSON Pointer as {name}, as /name/0."
            raise Invalid(message, path=f"{place}.{name}")


def _is_pointer(value: Any) -> bool:
    if not isinstance(value, str) or (value and not value.startswith("/")):
        return False
    plain = value.replace("~0", "").replace("~1", "")
    return "~" not in plain and value.count("/") <= MAX_DEPTH
