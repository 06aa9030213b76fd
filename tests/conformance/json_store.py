"""Stores of data sets in DICOM JSON with their bulk data; for tests."""

import json
from typing import Any, Final, NamedTuple

import httpx
from pydicom.dataset import Dataset

JSON: Final = "application/dicom+json"
OCTETS: Final = "application/octet-stream"
BOUNDARY: Final = "boundary-of-the-tests"


class Part(NamedTuple):
    """A part of a request."""

    content: bytes
    location: str | None = None
    type: str | None = OCTETS


def data_sets(*models: Any) -> Part:
    return Part(json.dumps(models).encode(), None, JSON)


def model_of(dataset: Dataset, threshold: int = 10**9) -> tuple[Any, list[Part]]:
    """Return what pydicom makes of a data set, long values as parts."""
    bulk: list[Part] = []

    def name(element: Any) -> str:
        bulk.append(Part(element.value, f"bulk/{len(bulk)}"))
        return str(bulk[-1].location)

    return dataset.to_json_dict(threshold, name), bulk


def body(*parts: Part) -> bytes:
    content = b""
    for part in parts:
        content += f"--{BOUNDARY}\r\n".encode()
        if part.type is not None:
            content += f"Content-Type: {part.type}\r\n".encode()
        if part.location is not None:
            content += f"Content-Location: {part.location}\r\n".encode()
        content += b"\r\n" + part.content + b"\r\n"
    return content + f"--{BOUNDARY}--\r\n".encode()


def send(
    client: httpx.Client, *parts: Part, version: str = "", study: str = ""
) -> httpx.Response:
    """Store in one request, below a study if one is given."""
    content_type = f'multipart/related; type="{JSON}"; boundary={BOUNDARY}'
    path = f"{version}/studies/{study}".rstrip("/")
    headers = {"Content-Type": content_type}
    return client.post(path, content=body(*parts), headers=headers)
