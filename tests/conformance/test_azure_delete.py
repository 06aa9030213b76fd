"""``DELETE`` as clients of Azure's DICOM service know it; alike in all dialects."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conformance.stow import (
    ALL,
    address,
    opened,
    post,
    stored,
)
from tests.stack import Stack
from tests.synthetic import instance


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    with opened(stack) as connection:
        yield connection


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("level", ["instance", "series", "study"])
def test_a_delete_empties_every_level_once(
    client: httpx.Client, version: str, level: str
) -> None:
    dataset = instance()
    stored(post(client, version, dataset))
    path = address(dataset, version, level)
    answer = client.delete(path, headers={"Accept": "text/plain"})
    assert (answer.status_code, answer.content) == (204, b"")
    for gone in ("instance", "series", "study"):
        above = address(dataset, version, gone)
        assert client.get(f"{above}/metadata").status_code == 404
    assert client.delete(path).status_code == 404
    stored(post(client, version, dataset))


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("bad", ["abc", "1.2.", "1" * 65, "%00"])
def test_a_delete_of_what_is_no_uid_is_a_bad_request(
    client: httpx.Client, version: str, position: int, bad: str
) -> None:
    uids = ["1.2", "1.3", "1.4"]
    uids[position] = bad
    study, series, sop = uids
    paths = [f"/studies/{study}", f"/series/{series}", f"/instances/{sop}"]
    answer = client.delete(version + "".join(paths))
    assert answer.status_code == 400
