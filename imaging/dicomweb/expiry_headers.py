"""The headers by which a store says how long its study is kept.

Those of Azure's DICOM service, in all dialects: the standard has none.
"""

import re
from datetime import timedelta
from typing import Final

from starlette.requests import Request

from core.errors import Invalid
from imaging.dicomweb.request import header

_PREFIX: Final = b"msdicom-expiry-"
_TIME: Final = "msdicom-expiry-time-milliseconds"
_ONLY: Final = {
    "msdicom-expiry-option": "RelativeToNow",
    "msdicom-expiry-level": "Study",
}
_LONGEST_MS: Final = 100 * 366 * 24 * 3600 * 1000
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


def expires_after(request: Request) -> timedelta | None:
    """Return how long after the store its studies expire; None where never.

    Without the time the other headers mean nothing.

    Raises
    ------
    Invalid
        A header has a value that it may not have.
    """
    given = {
        name.decode("latin-1")
        for name, _ in request.scope["headers"]
        if name.startswith(_PREFIX)
    }
    for name in sorted(given & _ONLY.keys()):
        if header(request, name.encode()).strip().lower() != _ONLY[name].lower():
            message = f"{name} must be {_ONLY[name]}."
            raise Invalid(message, path=name)
    if _TIME not in given:
        return None
    text = header(request, _TIME.encode()).strip()
    if not _NUMBER.fullmatch(text) or not 0 < int(text) <= _LONGEST_MS:
        message = f"{_TIME} must be a whole number above 0, of 100 years at most."
        raise Invalid(message, path=_TIME)
    return timedelta(milliseconds=int(text))
