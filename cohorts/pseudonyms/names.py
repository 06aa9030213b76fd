"""Pseudonyms by HMAC-SHA-256 of what they stand for, under a project's key: pure.

What is made for one use tells nothing of what is made for another: each has a label.

References
----------
RFC 2104; NIST FIPS 198-1. DICOM PS3.5 B.2 (UUID derived UID); PS3.15 E.1.1 and E.3.6
(consistent replacement, modified dates).
"""

import hmac
from base64 import b32encode
from datetime import date, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from fhirlink.events.days import ALWAYS

MOST_DAYS: Final = 365
"""How far back dates are shifted at most; at least by one day."""

_NAME_BYTES: Final = 10  # 16 letters; two of 10**9 are the same once in 2 million times


class Names:
    """What a project calls patients, studies and resources."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def patient(self, name: str) -> str:
        """Return the pseudonym of a patient."""
        return _letters(self._made("patient", name))

    def study(self, study_instance_uid: str) -> str:
        """Return the UID that stands for a StudyInstanceUID."""
        made = self._made("study", study_instance_uid)
        return f"2.25.{UUID(bytes=made[:16], version=4).int}"

    def resource(self, address: str) -> str:
        """Return what stands for a resource: its type, and a pseudonym of its id."""
        type_ = address.partition("/")[0]
        return f"{type_}/{_letters(self._made('resource', address))}"

    def days_back(self, name: str) -> int:
        """Return by how many days all dates of a patient are shifted back."""
        made = int.from_bytes(self._made("days", name))
        return 1 + made % MOST_DAYS

    def _made(self, use: str, of: str) -> bytes:
        message = f"{use}\0{of}".encode(errors="surrogatepass")
        return hmac.new(self._key, message, sha256).digest()


def shifted(day: date | None, back: int) -> date | None:
    """Return a day so many days earlier; what still runs does so.

    A day at the beginning of time stays there.
    """
    if day is None or day == ALWAYS:
        return day
    try:
        return day - timedelta(days=back)
    except OverflowError:
        return date.min


def _letters(made: bytes) -> str:
    return b32encode(made[:_NAME_BYTES]).decode().lower()
