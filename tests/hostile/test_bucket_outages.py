"""A bucket that is gone or hangs, before a store and in the middle of one."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx
import pytest
from pydicom.dataset import Dataset

from tests.hostile.watch import Log, wait_for, web_workers
from tests.object_storage import ObjectStorage
from tests.stack import Stack
from tests.synthetic import add_pixels, encode, instance, multipart, new_uid

PATIENCE_S = 4
BOUND_S = 40.0  # far above what is tried for, far below for ever

pytestmark = [pytest.mark.peer("seaweedfs"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, object_storage: ObjectStorage
) -> Iterator[Stack]:
    """Yield a portal that keeps its blobs in the bucket."""
    settings = object_storage.settings("portal", patience_s=PATIENCE_S)
    running = Stack(tmp_path_factory.mktemp("bucket-outages"), settings=settings)
    try:
        running.start()
        yield running
        assert running.stop(signal.SIGTERM) == 0
    finally:
        running.kill()


@contextmanager
def gone(server: ObjectStorage) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def hangs(server: ObjectStorage) -> Iterator[None]:
    """Hold the server still: the kernel takes connections, nobody answers."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


Away = Callable[[ObjectStorage], Iterator[None]]


def address(dataset: Dataset) -> str:
    return (
        f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )


def post(client: httpx.Client, *datasets: Dataset) -> httpx.Response:
    body, headers = multipart(*map(encode, datasets))
    return client.post("/studies", content=body, headers=headers)


def as_stored(client: httpx.Client, dataset: Dataset) -> bool:
    accept = {"Accept": "application/dicom; transfer-syntax=*"}
    answer = client.get(address(dataset), headers=accept)
    return answer.status_code == 200 and answer.content == encode(dataset)


def await_as_stored(client: httpx.Client, *datasets: Dataset) -> None:
    """Read as a client does that tries again: each process finds out by itself."""
    for dataset in datasets:
        wait_for(lambda dataset=dataset: as_stored(client, dataset), "the bytes")  # type: ignore[misc]


def post_patiently(client: httpx.Client, *datasets: Dataset) -> None:
    wait_for(lambda: post(client, *datasets).status_code == 200, "a store")


def of_one_study(number: int) -> list[Dataset]:
    study, series = new_uid(), new_uid()
    made = []
    for _ in range(number):
        dataset = instance(StudyInstanceUID=study)
        dataset.SeriesInstanceUID = series
        add_pixels(dataset, rows=256, columns=256)
        made.append(dataset)
    return made


def number_held(client: httpx.Client, study: str) -> int:
    answer = client.get(f"/studies/{study}/instances")
    return len(answer.json()) if answer.status_code == 200 else 0


def wait_until_well(stack: Stack) -> None:
    wait_for(lambda: stack.readiness()[0] == 200, "readiness")


@pytest.mark.parametrize("away", [gone, hangs])
def test_without_its_bucket_every_request_for_bytes_is_busy_in_time(
    stack: Stack, client: httpx.Client, object_storage: ObjectStorage, away: Away
) -> None:
    held, new = of_one_study(1)[0], instance()
    post_patiently(client, held)
    log, workers = Log(stack), web_workers(stack)
    place = address(held)
    wanted = [
        (place, 503),
        (f"{place}/frames/1", 503),
        (f"{place}/bulkdata/7FE00010", 503),
        (f"{place}/rendered", 503),
        (f"/studies/{held.StudyInstanceUID}", 503),
        (f"{place}/metadata", 200),
        ("/studies", 200),
        ("/changefeed", 200),
    ]
    headers = {"Authorization": f"Bearer {stack.token}"}

    def ask(number: int) -> None:
        began = time.monotonic()
        base = f"{stack.base_url}/dicomweb"
        with httpx.Client(base_url=base, headers=headers, timeout=60) as web:
            if number % 9 == 8:
                answer, status, retry = post(web, new), 503, "30"
            else:
                path, status = wanted[number % 9]
                answer, retry = web.get(path), "10"
        assert answer.status_code == status, answer.text
        if status == 503:
            assert answer.headers["retry-after"] == retry
            assert "storage" in answer.text
            assert "127.0.0.1" not in answer.text
        assert time.monotonic() - began < BOUND_S

    with away(object_storage):  # type: ignore[attr-defined] # a context manager
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(ask, range(36)))
        wait_for(lambda: stack.readiness()[1]["storage"] == "unreachable", "readiness")
        during = web_workers(stack)
    assert during.keys() == workers.keys()

    wait_until_well(stack)
    await_as_stored(client, held)
    assert client.get(address(new)).status_code == 404
    post_patiently(client, new)
    await_as_stored(client, new)
    assert log.faults() == []


def test_a_bucket_that_goes_in_the_middle_of_a_store_leaves_all_or_nothing(
    stack: Stack, client: httpx.Client, object_storage: ObjectStorage
) -> None:
    acknowledged, broken = of_one_study(20), of_one_study(40)
    post_patiently(client, *acknowledged)
    body, headers = multipart(*map(encode, broken))

    def sending() -> Iterator[bytes]:
        yield body[: len(body) // 2]  # twenty are uploaded, or about to be
        object_storage.kill()
        yield body[len(body) // 2 :]

    answer = client.post("/studies", content=sending(), headers=headers)
    object_storage.start()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    wait_until_well(stack)
    assert number_held(client, broken[0].StudyInstanceUID) == 0
    await_as_stored(client, *acknowledged)
    post_patiently(client, *broken)
    await_as_stored(client, *broken)


def test_what_was_refused_is_stored_once_the_bucket_is_back_and_only_once(
    stack: Stack, client: httpx.Client, object_storage: ObjectStorage
) -> None:
    datasets = of_one_study(3)
    with gone(object_storage):
        assert post(client, *datasets).status_code == 503
    wait_until_well(stack)
    post_patiently(client, *datasets)
    again = post(client, *datasets)
    assert again.status_code == 409
    assert len(again.json()["00081198"]["Value"]) == len(datasets)
    assert b"identical" in again.content
    await_as_stored(client, *datasets)


def test_a_web_server_that_is_killed_has_lost_nothing_that_it_acknowledged(
    stack: Stack, client: httpx.Client
) -> None:
    acknowledged: list[Dataset] = []

    def store_some() -> None:
        for dataset in of_one_study(15):
            with suppress(httpx.TransportError):
                if post(client, dataset).status_code == 200:
                    acknowledged.append(dataset)

    with ThreadPoolExecutor(3) as pool:
        storing = [pool.submit(store_some) for _ in range(3)]
        wait_for(lambda: len(acknowledged) > 5, "stores")
        stack.kill_part("web")
        for each in storing:
            each.result()
    stack.wait_until_ready()
    await_as_stored(client, *acknowledged)
