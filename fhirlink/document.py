"""A resource's JSON as the portal keeps it: compressed, without address and version.

What the portal says of a resource itself (its id, ``meta.versionId`` and
``meta.lastUpdated``) is put in when it is read, so that nothing is parsed then. A
dictionary of what resources have in common saves a third of small ones, compressed.
"""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fhirlink.json_text import dump

_OURS: Final = frozenset({"resourceType", "id", "meta"})
_OURS_IN_META: Final = frozenset({"versionId", "lastUpdated"})
_META: Final = b'"meta":{'
_LEVEL: Final = 6
# The first byte of a body says which dictionary it was written with.
_WORDS: Final = {b"\x01": (Path(__file__).parent / "document_words.txt").read_bytes()}
_NEWEST: Final = max(_WORDS)


def packed(resource: Mapping[str, Any]) -> bytes:
    """Return what is kept of a resource; equal where resources are."""
    rest = {name: value for name, value in resource.items() if name not in _OURS}
    meta = {
        name: value
        for name, value in resource.get("meta", {}).items()
        if name not in _OURS_IN_META
    }
    text = dump({"meta": meta, **rest} if meta else rest)
    packing = zlib.compressobj(_LEVEL, wbits=-15, zdict=_WORDS[_NEWEST])
    return _NEWEST + packing.compress(text) + packing.flush()


def unpacked(body: bytes) -> bytes:
    """Return the JSON that is kept: an object without the portal's own members."""
    unpacking = zlib.decompressobj(wbits=-15, zdict=_WORDS[body[:1]])
    return unpacking.decompress(body[1:]) + unpacking.flush()


def whole(type_: str, fhir_id: str, number: int, at: datetime, body: bytes) -> bytes:
    """Return the JSON of a version as clients get it."""
    rest = unpacked(body)[1:]
    more = b"}"
    if rest.startswith(_META):
        rest = rest[len(_META) :]
        more = b","
    elif rest != b"}":
        more = b"},"
    head = (
        f'{{"resourceType":"{type_}","id":"{fhir_id}","meta":'
        f'{{"versionId":"{number}","lastUpdated":"{instant(at)}"'
    )
    return head.encode() + more + rest


def instant(at: datetime) -> str:
    """Return a moment as FHIR writes it, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
