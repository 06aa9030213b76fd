"""Which destinations there are, and how they are kept with an operation."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from imaging.export.asked import Typed, kind_of
from imaging.export.delivery import Destination
from imaging.export.to_bucket import AzureBlob, NamedBucket
from imaging.export.to_download import Download
from imaging.export.to_folder import Folder
from imaging.export.to_server import DicomwebServer

_KINDS: Final[Mapping[str, Any]] = {
    "folder": Folder,
    "download": Download,
    "dicomweb": DicomwebServer,
    "bucket": NamedBucket,
    "azureBlob": AzureBlob,
}


def destination_of(given: Typed) -> tuple[dict[str, Any], Destination]:
    """Return the destination that a request names, and what the operation keeps of it.

    Raises
    ------
    Invalid
        There is no such kind, or it lacks something, or cannot be used.
    """
    kind = kind_of(given, _KINDS, "destination")
    made = kind.asked(given)
    name = next(name for name, each in _KINDS.items() if each is kind)
    return {"type": name, **asdict(made)}, made


def kept(parameters: Mapping[str, Any]) -> Destination:
    """Return the destination that an operation keeps."""
    values = dict(parameters)
    destination: Destination = _KINDS[values.pop("type")](**values)
    return destination
