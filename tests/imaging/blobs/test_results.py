"""What operations make lies alike in a folder and in a bucket."""

import os
import secrets
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from core import result_files, result_places
from core.errors import Busy, NotFound
from core.models import Operation, OperationState, ResultFile
from core.result_files import Part
from core.result_places import ResultFolder, ResultPlace
from imaging.blobs.bucket import BucketStore
from imaging.blobs.keys import RESULT_KEY
from tests.object_storage import ObjectStorage
from tests.stack import free_port

MEGABYTE = 1024 * 1024


@pytest.fixture(params=["folder", "bucket"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ResultPlace:
    """Have results lie in a folder, or in a bucket."""
    made: ResultPlace = ResultFolder(tmp_path / "results")
    if request.param == "bucket":
        server: ObjectStorage = request.getfixturevalue("object_storage")
        made = BucketStore(server.place(secrets.token_hex(8)), tmp_path).results
    monkeypatch.setattr(result_places, "_configured", [lambda: made])
    return made


def kept(place: ResultPlace, operation: UUID, content: bytes) -> str:
    with closing(place.create(operation)) as piece:
        piece.file.write(content)
        piece.keep()
        return piece.name


def read(place: ResultPlace, operation: UUID, name: str, size: int) -> bytes:
    with closing(place.open(operation, name, size)) as reader:
        return reader.read(0, size)


@pytest.mark.parametrize("size", [1, 100_000, 8 * MEGABYTE + 1])
def test_a_piece_is_read_as_it_was_written(place: ResultPlace, size: int) -> None:
    operation, content = uuid4(), os.urandom(size)
    name = kept(place, operation, content)
    assert read(place, operation, name, size) == content
    with closing(place.open(operation, name, size)) as reader:
        assert reader.read(size - 1, 1) == content[-1:]
    assert RESULT_KEY.fullmatch(f"results/{operation}/{name}")


def test_a_piece_may_be_written_anywhere_before_it_is_kept(place: ResultPlace) -> None:
    operation = uuid4()
    with closing(place.create(operation)) as piece:
        piece.file.write(b"....behind, and too much")
        piece.file.truncate(10)
        piece.file.seek(0)
        piece.file.write(b"head")
        piece.keep()
    assert read(place, operation, piece.name, 10) == b"headbehind"


def test_a_piece_that_is_not_kept_is_not_there(place: ResultPlace) -> None:
    operation = uuid4()
    with closing(place.create(operation)) as piece:
        piece.file.write(b"half of it")
    with pytest.raises(NotFound):
        read(place, operation, piece.name, 4)


def test_pieces_are_deleted_and_those_that_are_gone_are_no_error(
    place: ResultPlace,
) -> None:
    operation = uuid4()
    one, other = (kept(place, operation, b"x") for _ in range(2))
    place.delete(operation, [one, "0123456789abcdef"])
    place.delete(operation, [one])
    place.delete(operation, [])
    with pytest.raises(NotFound):
        read(place, operation, one, 1)
    assert read(place, operation, other, 1) == b"x"


def test_all_of_an_operation_is_found_and_cleared(place: ResultPlace) -> None:
    assert set(place.operations()) == set()
    one, other = uuid4(), uuid4()
    *gone, stays = (kept(place, each, b"x") for each in (one, one, other))
    assert set(place.operations()) == {one, other}
    place.clear(one)
    place.clear(uuid4())
    for name in gone:
        with pytest.raises(NotFound):
            read(place, one, name, 1)
    assert read(place, other, stays, 1) == b"x"


def operation_with(*contents: bytes) -> tuple[Operation, Sequence[Part]]:
    made = Operation.objects.create(
        kind="export", actor="x", state=OperationState.SUCCEEDED
    )
    parts = []
    for content in contents:
        with result_files.new_piece(made.pk) as piece:
            piece.file.write(content)
            piece.keep()
        parts.append(Part(piece.name, 0, len(content)))
    return made, parts


@pytest.mark.django_db
def test_a_file_is_what_its_parts_are_one_after_the_other(
    place: ResultPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_files, "_PIECES_A_PAGE", 2)
    made, (one, two) = operation_with(b"0123456789", b"abcdefghij")
    parts = [
        one._replace(length=3),
        two._replace(start=4, length=2),
        two._replace(length=0),
        one._replace(start=9, length=1),
        two,
    ]
    file = result_files.register(made.pk, "file", "text/plain", parts)
    whole = b"012ef9abcdefghij"
    assert file.size_bytes == len(whole)
    for start in range(len(whole) + 1):
        for length in (0, 1, 4, 100):
            found = b"".join(result_files.read(file, start, length, lambda: 3))
            assert found == whole[start : start + length], (start, length)
    again = result_files.register(made.pk, "file", "text/plain", [one])
    assert again.pk == file.pk
    assert b"".join(result_files.read(again, 0, 99)) == b"0123456789"


@pytest.mark.django_db
def test_a_file_of_nothing_is_empty(place: ResultPlace) -> None:
    made, _ = operation_with()
    file = result_files.write(made.pk, "errors.log", "text/plain", [])
    assert (file.size_bytes, list(result_files.read(file, 0, 9))) == (0, [])


@pytest.mark.django_db
def test_files_go_with_their_time_and_what_was_left_behind_later(
    place: ResultPlace, settings: Any
) -> None:
    made, (one, left) = operation_with(b"one", b"left behind")
    file = result_files.register(made.pk, "file", "text/plain", [one])
    ResultFile.objects.update(expires_at=timezone.now())
    assert result_files.remove_expired() == 1
    with pytest.raises(NotFound):
        read(place, made.pk, one.name, 1)
    assert list(result_files.read(file, 0, 1)) == []
    assert read(place, made.pk, left.name, 4) == b"left"
    kept_for = timedelta(days=settings.RESULT_DAYS) + result_files.LEFT_FOR
    later = timezone.now() - kept_for
    Operation.objects.update(updated_at=later, state=OperationState.RUNNING)
    result_files.remove_expired()
    assert read(place, made.pk, left.name, 4) == b"left"
    Operation.objects.update(state=OperationState.FAILED)
    result_files.remove_expired()
    with pytest.raises(NotFound):
        read(place, made.pk, left.name, 4)


@pytest.mark.django_db
def test_a_piece_that_is_gone_is_not_found(place: ResultPlace) -> None:
    made, (one,) = operation_with(b"one")
    file = result_files.register(made.pk, "file", "text/plain", [one])
    place.clear(made.pk)
    with pytest.raises(NotFound):
        list(result_files.read(file, 0, 3))


@pytest.mark.django_db
def test_a_bucket_that_is_away_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = ObjectStorage(tmp_path, port=free_port()).place(patience_s=1)
    made = BucketStore(away, tmp_path).results
    monkeypatch.setattr(result_places, "_configured", [lambda: made])
    with pytest.raises(Busy):
        result_files.write(uuid4(), "file", "text/plain", [b"x"])


@pytest.mark.django_db
def test_what_was_in_the_folder_before_the_bucket_goes_as_well(
    object_storage: ObjectStorage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    settings.RESULT_FOLDER = tmp_path / "results"
    kept(ResultFolder(settings.RESULT_FOLDER), uuid4(), b"of patients")
    made = BucketStore(object_storage.place(secrets.token_hex(8)), tmp_path).results
    monkeypatch.setattr(result_places, "_configured", [lambda: made])
    result_files.remove_expired()
    assert list(settings.RESULT_FOLDER.iterdir()) == []
