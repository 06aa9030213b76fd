"""By what a rule knows that it has made a workitem already: pure.

The key is the rule, what it was made of and, where the rule has a key path, what stands
there. The workitem's UID is made of it: so that even without any memory the same
subject never has two (DICOM PS3.5 B.2).
"""

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID


def key_of(rule: UUID, subject: str, values: Sequence[Any] = ()) -> UUID:
    """Return the key of a rule and a subject, and of values that tell them apart."""
    parts = [str(rule), subject, *(json.dumps(each, sort_keys=True) for each in values)]
    digest = blake2b(digest_size=16)
    for part in parts:
        text = part.encode(errors="surrogatepass")
        digest.update(len(text).to_bytes(8, "big") + text)  # no two are written alike
    return UUID(bytes=digest.digest())


def lock_of(rule: UUID, key: UUID) -> str:
    """Return the Transaction UID by which a Task has the workitem of a key."""
    return uid_of(key_of(rule, f"lock of {key}"))


def uid_of(key: UUID) -> str:
    """Return the UID of a key."""
    return f"2.25.{key.int}"
