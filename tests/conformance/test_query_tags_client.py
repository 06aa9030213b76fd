"""Query tags for a user of ``dicomweb-client``, with the workers of a portal."""

import time
from io import BytesIO
from typing import Any

import httpx
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.stack import Stack
from tests.synthetic import encode, instance, new_uid

PATIENCE_S = 60.0


def added(stack: Stack, *tags: dict[str, str]) -> dict[str, Any]:
    """Add tags and wait until what is held is indexed; return the operation."""
    headers = {"Authorization": f"Bearer {stack.token}"}
    with httpx.Client(headers=headers, base_url=f"{stack.base_url}/dicomweb") as web:
        answer = web.post("/v2/extendedquerytags", json=list(tags))
        assert answer.status_code == 202, answer.text
        until = time.monotonic() + PATIENCE_S
        while True:
            told = web.get(answer.headers["location"])
            if told.status_code == 200:
                operation: dict[str, Any] = told.json()
                return operation
            assert told.status_code == 202
            assert time.monotonic() < until, told.text
            time.sleep(0.1)


def as_file(made: Dataset) -> Dataset:
    """Return a data set as it is read from a file."""
    return dcmread(BytesIO(encode(made)))


def test_a_client_searches_by_tags_while_it_stores(stack: Stack) -> None:
    name = f"tags-{new_uid()[-12:]}"
    client = DICOMwebClient(
        f"{stack.base_url}/dicomweb/partitions/{name}",
        headers={"Authorization": f"Bearer {stack.token}"},
    )
    word = new_uid()[-16:]
    old = instance(ProtocolName=word, PixelData=None)
    client.store_instances([as_file(old)])
    tag = {"path": "ProtocolName", "level": "series"}
    assert added(stack, tag)["status"] == "succeeded"
    new = instance(ProtocolName=word, PixelData=None)
    client.store_instances([as_file(new)])
    found = client.search_for_series(search_filters={"ProtocolName": word})
    assert [row["0020000E"]["Value"][0] for row in found] == [
        new.SeriesInstanceUID,
        old.SeriesInstanceUID,
    ]
    assert found[0]["00181030"]["Value"] == [word]
    found = client.search_for_instances(search_filters={"00181030": f"{word[:8]}*"})
    assert len(found) == 2
    client.delete_study(old.StudyInstanceUID)
    found = client.search_for_series(search_filters={"ProtocolName": word})
    assert len(found) == 1
