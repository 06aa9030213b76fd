"""How blobs are named: alike in a folder and in a bucket, so that they can be moved.

By the minute in which they came, so that the files of a request share a folder, and by
a random number: no key is ever used twice, whoever writes.
"""

import re
import secrets
from typing import Final

from django.utils import timezone

KEY: Final = re.compile(r"\d{4}/\d\d/\d\d/\d{4}/[0-9a-f]{24}\.dcm", re.ASCII)
RESULTS: Final = "results"  # in a bucket, what operations make
RESULT_KEY: Final = re.compile(rf"{RESULTS}/[0-9a-f-]{{36}}/[0-9a-f]{{16}}")


def this_minute() -> str:
    """Return the folder of the keys that are given now."""
    return f"{timezone.now():%Y/%m/%d/%H%M}"


def new_key(minute: str) -> str:
    """Return a key that nobody has had."""
    return f"{minute}/{secrets.token_hex(12)}.dcm"
