"""Stores over HTTP in each dialect, and what their answers say; for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
from pydicom.dataset import Dataset

from tests.stack import Stack
from tests.synthetic import encode, multipart

JSON: Final = "application/dicom+json"
ORIGINAL: Final = {"Accept": "application/dicom; transfer-syntax=*"}
REFERENCED, FAILED, FAILED_ATTRIBUTES = "00081199", "00081198", "00741048"
REASON, WARNING, COMMENT, URL = "00081197", "00081196", "00000902", "00081190"
SOP_CLASS, SOP_INSTANCE = "00081150", "00081155"
STANDARD, V1, V2 = "", "/v1", "/v2"
AZURE: Final = [V1, V2]
ALL: Final = [STANDARD, V1, V2]


@contextmanager
def opened(stack: Stack) -> Iterator[httpx.Client]:
    """Yield a client of the service, whose addresses begin with the version."""
    headers = {"Authorization": f"Bearer {stack.token}", "Accept": JSON}
    base = f"{stack.base_url}/dicomweb"
    with httpx.Client(base_url=base, headers=headers, timeout=60) as connection:
        yield connection


def post(
    client: httpx.Client, version: str, *contents: Dataset | bytes, study: str = ""
) -> httpx.Response:
    """Store in one multipart request, below a study if one is given."""
    files = [one if isinstance(one, bytes) else encode(one) for one in contents]
    body, headers = multipart(*files)
    path = f"{version}/studies/{study}".rstrip("/")
    return client.post(path, content=body, headers=headers)


def items(answer: httpx.Response, sequence: str) -> list[dict[str, Any]]:
    return list(answer.json().get(sequence, {}).get("Value", []))


def value(item: dict[str, Any], tag: str) -> Any:
    return item[tag]["Value"][0]


def comments(item: dict[str, Any]) -> list[str]:
    return [value(each, COMMENT) for each in item[FAILED_ATTRIBUTES].get("Value", [])]


def failed(answer: httpx.Response) -> dict[str, Any]:
    """Return the one item of an answer that says that nothing was stored."""
    assert answer.status_code == 409
    assert REFERENCED not in answer.json()
    (item,) = items(answer, FAILED)
    return item


def stored(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """Return the one item of an answer that says that all was stored."""
    assert answer.status_code == status
    assert FAILED not in answer.json()
    (item,) = items(answer, REFERENCED)
    return item


def address(dataset: Dataset, version: str = "", level: str = "instance") -> str:
    path = f"{version}/studies/{dataset.StudyInstanceUID}"
    if level != "study":
        path += f"/series/{dataset.SeriesInstanceUID}"
    if level == "instance":
        path += f"/instances/{dataset.SOPInstanceUID}"
    return path


def metadata(client: httpx.Client, dataset: Dataset, version: str) -> dict[str, Any]:
    (model,) = client.get(f"{address(dataset, version)}/metadata").json()
    return dict(model)


def file_of(client: httpx.Client, dataset: Dataset, version: str) -> bytes:
    answer = client.get(address(dataset, version), headers=ORIGINAL)
    assert answer.status_code == 200
    return answer.content


def found(client: httpx.Client, version: str, **filters: str) -> list[dict[str, Any]]:
    answer = client.get(f"{version}/studies", params=filters)
    assert answer.status_code in {200, 204}
    return list(answer.json()) if answer.content else []
