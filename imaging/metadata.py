"""The DICOM JSON model of a version as it is kept, and as it is answered."""

import zlib
from typing import Final

import orjson

_URI: Final = b'"BulkDataURI":"'


def unpack(stored: bytes) -> bytes:
    """Return the DICOM JSON object in ``InstanceVersion.metadata``, as UTF-8."""
    return zlib.decompress(stored)


def render(stored: bytes, *, instance_url: str) -> bytes:
    """Return the stored model with addresses that resolve (DICOM PS3.18 F.2.2).

    A quote inside of a JSON string is escaped, so what is replaced can only be the
    name of a member.
    """
    prefix = orjson.dumps(f"{instance_url}/bulkdata/")[1:-1]
    return unpack(stored).replace(_URI, _URI + prefix)
