"""Entries of the change feed as JSON, in the form of Azure's DICOM service.

Names are in camel case; `action` and `state` are in lower case. Azure's own service
writes both with a capital at times: its clients compare without regard to case.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from core.partitions import DEFAULT_PARTITION
from imaging.dicomweb.streaming import Chunks
from imaging.feed import InstanceEntry
from imaging.metadata import render


def row(found: InstanceEntry, base: str) -> bytes:
    """Return an entry on one line; `base` is what its addresses begin with."""
    entry = found.entry
    study, series, instance = entry.key
    members: dict[str, Any] = {
        "sequence": entry.seq,
        "partitionName": found.partition_name,
        "studyInstanceUid": study,
        "seriesInstanceUid": series,
        "sopInstanceUid": instance,
        "action": entry.op,
        "timestamp": entry.at,
        "state": found.state,
    }
    if found.metadata is not None:
        name = found.partition_name
        root = base if name == DEFAULT_PARTITION else f"{base}/partitions/{name}"
        address = f"{root}/studies/{study}/series/{series}/instances/{instance}"
        metadata = render(found.metadata, instance_url=address)
        members["metadata"] = orjson.Fragment(metadata)
    return orjson.dumps(members)


def array(entries: Sequence[InstanceEntry], base: str) -> Chunks:
    """Yield a JSON array piece by piece: metadata can be large."""
    yield b"["
    for number, entry in enumerate(entries):
        yield (b"," if number else b"") + row(entry, base)
    yield b"]"


def events(entries: Sequence[InstanceEntry], base: str) -> Chunks:
    """Yield server-sent events: resumed by ``id``, told apart by ``event``."""
    for each in entries:
        entry = each.entry
        head = f"id: {entry.seq}\nevent: {entry.op}\ndata: "
        yield head.encode() + row(each, base) + b"\n\n"
