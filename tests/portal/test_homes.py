"""Data folders in odd places: the whole portal starts there, stores and stops."""

import os
import shutil
from pathlib import Path

import httpx
import pytest

from portal.embedded.places import MAXIMUM_SOCKET_PATH, Places
from tests.stack import Stack
from tests.synthetic import encode, instance


def test_a_folder_below_a_closed_one_with_a_long_and_odd_name(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    odd = closed / 'it\'s 100% #1, "größer"\\?' / ("long" * 25)
    assert len(bytes(odd)) > MAXIMUM_SOCKET_PATH
    stack = Stack(odd, installs_itself=True)
    try:
        stack.start()
        assert stack.readiness()[0] == 200
        dataset = instance()
        stored = httpx.post(
            f"{stack.base_url}/dicomweb/studies",
            content=encode(dataset),
            headers={
                "Authorization": f"Bearer {stack.token}",
                "Content-Type": "application/dicom",
            },
        )
        assert stored.status_code == 200
        status, _ = stack.get(f"/dicomweb/studies/{dataset.StudyInstanceUID}/metadata")
        assert status == 200
        assert stack.stop() == 0
    finally:
        stack.kill()
        shutil.rmtree(stack.places.sockets, ignore_errors=True)  # in /tmp


@pytest.mark.parametrize("name", ["data", "with space", "größer", "v1.2+a=b~c"])
def test_sockets_lie_in_the_folder(name: str) -> None:
    data = Path("/srv") / name
    assert Places(data).sockets == data / "run"


@pytest.mark.parametrize("name", ["a%41", "a#b", "a?b", "it's", "a,b", 'a"b', "a@b"])
def test_sockets_lie_elsewhere_where_the_name_would_be_misread(name: str) -> None:
    here, there = Places(Path("/srv") / name), Places(Path("/home") / name)
    assert here.sockets.parent == there.sockets.parent == Path("/tmp")
    assert here.sockets != there.sockets


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start for others")
def test_root_leaves_the_folder_of_another_user_alone(tmp_path: Path) -> None:
    """What it made there, its owner could not change."""
    (tmp_path / "lock").touch()
    os.chown(tmp_path / "lock", 12345, 12345)
    status, message = Stack(tmp_path).refusal()
    assert status == 2
    assert message.startswith(f"The data folder {tmp_path} belongs to the user 12345:")
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
