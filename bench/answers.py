"""What a right answer is. A row whose answers are wrong has no figure.

Every answer is checked. JSON is parsed once for each request and then compared byte by
byte with the answer found right, parsed again only where it differs; DICOM files and
frames are compared byte by byte always.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Final

from pydicom import dcmread

from bench.client import Response, WrongAnswer
from bench.corpus import Instance

Check = Callable[[Response], None]
UID_BYTES: Final = 44
STUDY_UID: Final = "0020000D"
SERIES_UID: Final = "0020000E"
INSTANCE_UID: Final = "00080018"
_FAILED_SOP_SEQUENCE: Final = "00081198"
_REFERENCED_SOP_SEQUENCE: Final = "00081199"
_REFERENCED_SOP_INSTANCE_UID: Final = "00081155"


def lists(
    tag: str, uids: Iterable[str], *, number: int | None = None, attributes: int = 1
) -> Check:
    """Return a check that a DICOM JSON array lists exactly the objects `uids`.

    With `number`, that many different ones out of `uids`. Each has to have at least
    `attributes` attributes, so that a thin answer does not pass for a full one.
    """
    expected = frozenset(uids)
    wanted = len(expected) if number is None else number
    known = b""

    def check(response: Response) -> None:
        nonlocal known
        _expect_status(response, 204 if wanted == 0 else 200)
        if wanted == 0 or response.body == known:
            return
        items = json.loads(response.body)
        found = {item[tag]["Value"][0] for item in items}
        _expect(len(items), wanted, "results")
        _expect(len(found & expected), wanted, "right results")
        fewest = min(len(item) for item in items)
        what = f"at least {attributes} attributes each, not {fewest}"
        _require(what, holds=fewest >= attributes)
        known = bytes(response.body)

    return check


def files(instances: Sequence[Instance]) -> Check:
    """Return a check for a multipart answer of these DICOM files, in any order."""
    by_uid = {instance.sop_instance_uid.encode(): instance for instance in instances}
    size = instances[0].size_bytes
    at_uid = instances[0].head.find(instances[0].sop_instance_uid.encode())

    def check(response: Response) -> None:
        starts = _parts(response, size)
        body = response.body
        left = dict(by_uid)
        for start in starts:
            uid = bytes(body[start + at_uid : start + at_uid + UID_BYTES])
            instance = left.pop(uid, None)
            right = instance is not None and (
                body.startswith(instance.head, start)
                and body.startswith(instance.tail, start + len(instance.head))
            )
            _require(f"file {uid!r} as it was stored", holds=right)
        _expect(len(starts), len(by_uid), "files")

    return check


def frames(expected: Sequence[bytes]) -> Check:
    """Return a check for a multipart answer of these frames, in this order."""

    def check(response: Response) -> None:
        starts = _parts(response, len(expected[0]))
        _expect(len(starts), len(expected), "frames")
        for number, (start, frame) in enumerate(zip(starts, expected, strict=True), 1):
            right = response.body.startswith(frame, start)
            _require(f"frame {number} of the answer as it was stored", holds=right)

    return check


def transcoded(frame: bytes, transfer_syntax_uid: str) -> Check:
    """Return a check for one file in another transfer syntax, with the same pixels.

    They are decoded once; the answers that follow have to be equal to that one but for
    the boundary.
    """
    known = b""

    def check(response: Response) -> None:
        nonlocal known
        _expect_status(response, 200)
        boundary = b"--" + _boundary(response.content_type)
        start = response.body.find(b"\r\n\r\n") + 4
        file = bytes(
            response.body[start : response.body.find(b"\r\n" + boundary, start)]
        )
        if file == known:
            return
        held = dcmread(BytesIO(file))
        _expect(
            held.file_meta.TransferSyntaxUID, transfer_syntax_uid, "transfer syntax"
        )
        _require(
            "the pixels that were stored", holds=held.pixel_array.tobytes() == frame
        )
        known = file

    return check


def jpeg(response: Response) -> None:
    """Check that the answer is a whole JPEG file."""
    _expect_status(response, 200)
    whole = response.body.startswith(b"\xff\xd8") and response.body.endswith(
        b"\xff\xd9"
    )
    _require("a JPEG file", holds=whole)


def stored(uids: Iterable[str]) -> Check:
    """Return a check that a store took all of `uids` (DICOM PS3.18 10.5.3)."""
    expected = frozenset(uids)

    def check(response: Response) -> None:
        _expect_status(response, 200)
        answer = json.loads(response.body)
        failed = answer.get(_FAILED_SOP_SEQUENCE, {}).get("Value", [])
        _expect(failed, [], "failed objects")
        items = answer.get(_REFERENCED_SOP_SEQUENCE, {}).get("Value", [])
        taken = {item[_REFERENCED_SOP_INSTANCE_UID]["Value"][0] for item in items}
        _expect(taken, expected, "stored objects")

    return check


def _parts(response: Response, size: int) -> list[int]:
    """Return where the parts of a multipart body start, each `size` bytes long."""
    _expect_status(response, 200)
    body = response.body
    boundary = b"--" + _boundary(response.content_type)
    at = body.find(boundary)
    starts: list[int] = []
    while at >= 0 and not body.startswith(boundary + b"--", at):
        start = body.find(b"\r\n\r\n", at) + 4
        at = start + size + 2
        whole = body.startswith(boundary, at)
        _require(f"part {len(starts) + 1} of {size} bytes", holds=whole)
        starts.append(start)
    return starts


def _boundary(content_type: str) -> bytes:
    _, found, rest = content_type.partition("boundary=")
    _require(f"multipart, not {content_type!r}", holds=found != "")
    return rest.partition(";")[0].strip().strip('"').encode()


def _expect_status(response: Response, status: int) -> None:
    if response.status != status:
        message = f"HTTP {response.status}: {bytes(response.body[:200])!r}"
        raise WrongAnswer(message)


def _expect(value: object, wanted: object, what: str) -> None:
    if value != wanted:
        message = f"{what}: {wanted!r} expected, {value!r} found"
        raise WrongAnswer(message)


def _require(what: str, *, holds: bool) -> None:
    if not holds:
        message = f"{what} expected"
        raise WrongAnswer(message)
