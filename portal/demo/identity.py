"""Identities that repeat: the same seed and path give the same UID and chance.

A second load of the same demo must store the same objects, so nothing here depends
on the clock, on the process or on the order in which objects are made.

References
----------
DICOM PS3.5 B.2 (UIDs derived from a UUID, root 2.25).
"""

import hashlib
import random
import uuid
from typing import Final

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "demo.imaging-research-portal")


def uid(seed: int, *path: object) -> str:
    """Return the UID of the thing at `path` in the demo of `seed`."""
    name = "/".join(str(step) for step in (seed, *path))
    return f"2.25.{uuid.uuid5(_NAMESPACE, name).int}"


def chance(seed: int, *path: object) -> random.Random:
    """Return a source of chance of its own for the thing at `path`."""
    return random.Random(number(seed, *path))  # noqa: S311 - a demo, not a secret


def number(seed: int, *path: object) -> int:
    """Return a 64-bit number for the thing at `path`, to seed a generator."""
    name = "/".join(str(step) for step in (seed, *path))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
