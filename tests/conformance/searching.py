"""A partition of a running portal to search in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import httpx
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.stack import Stack
from tests.synthetic import encode, new_uid

JSON: Final = "application/dicom+json"


@dataclass
class Service:
    """One partition of the portal, seen by two clients."""

    http: httpx.Client
    dicomweb: DICOMwebClient
    name: str

    def store(self, *datasets: Dataset) -> None:
        """Store all in one request."""
        files = [dcmread(BytesIO(encode(dataset))) for dataset in datasets]
        self.dicomweb.store_instances(files)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path of the partition, or for an absolute address."""
        return self.http.get(path, headers={"Accept": JSON} | headers)

    def rows(self, path: str) -> list[dict[str, Any]]:
        """Return what is found; nothing is answered with 204."""
        answer = self.get(path)
        if answer.status_code == 204:
            assert answer.content == b""
            return []
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == JSON
        found: list[dict[str, Any]] = answer.json()
        return found

    def refused(self, path: str) -> httpx.Response:
        """Return the answer to what breaks a rule."""
        answer = self.get(path)
        assert answer.status_code == 400, (path, answer.text)
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["x-content-type-options"] == "nosniff"
        return answer


@contextmanager
def searching(stack: Stack, version: str = "") -> Iterator[Service]:
    """Yield a partition of its own; it is searched in the dialect of `version`."""
    name = f"qido-{new_uid()[-20:]}"
    path = f"partitions/{name}"
    authorization = {"Authorization": f"Bearer {stack.token}"}
    service = f"{stack.base_url}/dicomweb"
    client = DICOMwebClient(f"{service}/{path}", headers=authorization)
    url = f"{service}/{version}/{path}" if version else f"{service}/{path}"
    with httpx.Client(base_url=url, headers=authorization) as http:
        yield Service(http, client, name)


def uids(rows: list[dict[str, Any]], tag: str = "0020000D") -> list[str]:
    """Return the UIDs of what was found."""
    return [row[tag]["Value"][0] for row in rows]
