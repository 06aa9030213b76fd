"""What a folder of blobs tells of itself."""

from pathlib import Path

import pytest

from imaging.blobs import folder, spool
from imaging.blobs.condition import StorageCondition
from imaging.blobs.folder import FolderStore


def test_a_folder_that_can_be_written_is_ready_and_keeps_nothing(
    tmp_path: Path,
) -> None:
    place = tmp_path / "not" / "there yet"
    assert FolderStore(place).condition() is StorageCondition.READY
    assert list(place.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = FolderStore(tmp_path / "file")
    assert store.condition() is StorageCondition.UNWRITABLE


def test_names_are_made_durable_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(folder, "_sync_folder", synced.append)
    names = folder.Names(tmp_path)
    first, second = names.created(), names.created()
    names.make_durable(second)
    names.make_durable(first)
    assert synced == [tmp_path]
    names.make_durable(names.created())
    assert synced == [tmp_path, tmp_path]


def test_a_folder_that_could_not_be_written_is_never_believed_again(
    tmp_path: Path,
) -> None:
    gone = folder.Names(tmp_path / "gone")
    number = gone.created()
    with pytest.raises(FileNotFoundError):
        gone.make_durable(number)
    (tmp_path / "gone").mkdir()
    with pytest.raises(OSError, match="Input/output error"):
        gone.make_durable(number)


def test_scratch_has_no_name_and_goes_to_the_folder_when_it_is_long(
    tmp_path: Path,
) -> None:
    place = tmp_path / "not there yet"
    with FolderStore(place).scratch() as file:
        file.write(b"x")
        assert not _files_below(place)
        file.write(bytes(spool.SCRATCH_IN_MEMORY_BYTES))
        file.flush()
        assert len(_files_below(place)) == 1
        assert list(place.iterdir()) == []
        file.seek(0)
        assert file.read(2) == b"x\0"
    assert not _files_below(place)


def _files_below(place: Path) -> list[str]:
    """Return what this process has open in a folder, with a name or without."""
    opened = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            opened.append(str(link.readlink()))
        except FileNotFoundError:  # the descriptor that lists them
            continue
    return [path for path in opened if path.startswith(str(place))]
