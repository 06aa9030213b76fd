import subprocess
import sys
from io import BytesIO

import pydicom
import pytest
from pydicom import config

from bench.client import Address, WrongAnswer
from bench.growing import watched, web_workers
from bench.large import LARGEST_BYTES, LargeObject, frame, large_study
from bench.servers import HOST
from bench.streaming import retrieve, retrieve_frames, store
from tests.stack import Stack

MEGABYTE = 1_000_000


@pytest.fixture
def address(stack: Stack) -> Address:
    return Address(HOST, stack.port, "/dicomweb", stack.token)


def whole(large: LargeObject) -> bytes:
    return b"".join(large.content())


@pytest.mark.parametrize("number_of_frames", [1, 12, 200, 1001])
def test_a_large_object_is_valid(
    number_of_frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.RAISE)
    size = len(frame(1)) * number_of_frames
    (large,) = large_study("valid", objects=1, size_bytes=size)
    content = whole(large)
    dataset = pydicom.dcmread(BytesIO(content))

    assert len(content) == large.size_bytes
    assert len(list(dataset.iterall())) > 134
    assert dataset.NumberOfFrames == number_of_frames
    assert dataset.SOPInstanceUID == large.sop_instance_uid
    assert dataset.PixelData[-len(frame(1)) :] == frame(number_of_frames)


def test_objects_of_a_study_are_equally_long_and_differ() -> None:
    study = large_study("study", objects=3, size_bytes=MEGABYTE)

    assert len({large.size_bytes for large in study}) == 1
    assert len({large.study_instance_uid for large in study}) == 1
    assert len({large.head for large in study}) == 3
    assert study == large_study("study", objects=3, size_bytes=MEGABYTE)


def test_no_object_is_longer_than_pixel_data_can_be() -> None:
    assert large_study("longest", objects=1, size_bytes=LARGEST_BYTES - MEGABYTE)
    with pytest.raises(ValueError, match="no pixel data has"):
        large_study("too long", objects=1, size_bytes=LARGEST_BYTES + MEGABYTE)


def test_a_large_object_comes_back_as_it_was_sent(address: Address) -> None:
    study = large_study("round trip", objects=2, size_bytes=5 * MEGABYTE)
    first, second = study
    store(address, first)
    store(address, second)

    retrieve(address, first.path, [first])
    retrieve(address, f"/studies/{first.study_instance_uid}", study)
    retrieve_frames(address, second, [1, 7, second.number_of_frames])


def test_what_is_not_as_it_was_sent_is_noticed(address: Address) -> None:
    study = large_study("noticed", objects=2, size_bytes=MEGABYTE)
    first, second = study
    store(address, first)

    with pytest.raises(WrongAnswer, match="HTTP 404"):
        retrieve(address, second.path, [second])
    with pytest.raises(WrongAnswer, match="a file that was stored"):
        retrieve(address, first.path, [second])
    with pytest.raises(WrongAnswer, match="the end of the part"):
        retrieve(address, f"/studies/{first.study_instance_uid}", study)
    with pytest.raises(WrongAnswer, match="HTTP 409"):
        store(address, first)


def test_the_workers_of_a_portal_are_watched(stack: Stack, address: Address) -> None:
    (large,) = large_study("watched", objects=1, size_bytes=MEGABYTE)
    workers = web_workers(stack.data)
    with watched(workers) as growths:
        store(address, large)

    assert len(growths) == len(workers) == 2
    assert all(growth.rss_peak > 20 * MEGABYTE for growth in growths)


def test_a_peak_counts_that_has_passed() -> None:
    program = "input(); bytearray(50_000_000); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with watched([process.pid]) as growths:
            process.stdin.write(b"\n")
            process.stdin.flush()
            process.stdout.readline()
        process.communicate(b"\n")

    (growth,) = growths
    assert 45 * MEGABYTE < growth.rss < 60 * MEGABYTE
    assert growth.pss < growth.rss
