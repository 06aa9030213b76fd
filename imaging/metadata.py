"""The DICOM JSON model of a version as it is kept, and as it is answered."""

import zlib
from typing import Final

import orjson

from imaging.limited_view import limited
from imaging.part10 import JsonModel

_URI: Final = b'"BulkDataURI":"'


def unpack(stored: bytes) -> bytes:
    """Return the DICOM JSON object in ``InstanceVersion.metadata``, as UTF-8."""
    return zlib.decompress(stored)


def model_of(stored: bytes) -> JsonModel:
    """Return the attributes in ``InstanceVersion.metadata``."""
    model: JsonModel = orjson.loads(unpack(stored))
    return model


def limit(stored: bytes) -> bytes:
    """Return ``InstanceVersion.metadata`` without what would tell whose it is."""
    return zlib.compress(limited(unpack(stored)), 1)


def render(
    stored: bytes, *, instance_url: str, tags: frozenset[str] | None = None
) -> bytes:
    """Return the stored model with addresses that resolve (DICOM PS3.18 F.2.2).

    A quote inside of a JSON string is escaped, so what is replaced can only be the
    name of a member.

    Parameters
    ----------
    tags
        The attributes to return; None for all.
    """
    prefix = orjson.dumps(f"{instance_url}/bulkdata/")[1:-1]
    model = unpack(stored)
    if tags is not None:
        attributes = orjson.loads(model)
        model = orjson.dumps(
            {tag: attributes[tag] for tag in attributes if tag in tags}
        )
    return model.replace(_URI, _URI + prefix)
