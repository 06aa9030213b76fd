"""What a folder of blobs tells of itself."""

from pathlib import Path

from imaging.blobs.folder import FolderStore, StorageCondition


def test_a_folder_that_can_be_written_is_ready_and_keeps_nothing(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "not" / "there yet"
    assert FolderStore(folder).condition() is StorageCondition.READY
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = FolderStore(tmp_path / "file")
    assert store.condition() is StorageCondition.UNWRITABLE
