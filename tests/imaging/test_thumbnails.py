"""The follower that chooses what stands for a series, and what is drawn of it."""

import random
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from core import followers
from core.partitions import get_or_create_partition
from imaging import pictures, tasks, thumbnails
from imaging.delete import delete_instances
from imaging.models import Instance, InstanceVersion, Thumbnail
from imaging.move import move_study
from imaging.thumbnails import ThumbnailFollower, make_thumbnails
from tests.core import house
from tests.imaging.dicomweb.service import Service
from tests.imaging.rendering.oracle import grey
from tests.imaging.stores import ADMIN, received, store
from tests.synthetic import instance, new_uid

SERIES = [("1", "10"), ("1", "11"), ("2", "20")]


def chosen() -> list[tuple[Any, ...]]:
    """Return what stands for each series."""
    columns = (
        "partition__name", "study_instance_uid", "series_instance_uid", "version_key"
    )  # fmt: skip
    rows = Thumbnail.objects.values_list(*columns)
    return sorted(rows)


def middles() -> list[tuple[Any, ...]]:
    """Return what should stand for each series, from the tables themselves."""
    held: dict[tuple[str, ...], list[tuple[int, int, int]]] = {}
    for one in Instance.objects.select_related("study__partition", "series"):
        key = (
            one.study.partition.name,
            one.study.study_instance_uid,
            one.series.series_instance_uid,
        )
        number = 2**63 if one.instance_number is None else one.instance_number
        held.setdefault(key, []).append((number, one.pk, one.version_id))
    return sorted((*key, sorted(rows)[len(rows) // 2][2]) for key, rows in held.items())


def put(study: str, series: str, sop: str, partition: str = "default") -> None:
    store(received(study, series, sop), replace=True, partition=partition)


def delete(partition: str, study: str, series: str, sop: str | None) -> None:
    delete_instances(
        actor=ADMIN,
        partition=partition,
        study_instance_uid=study,
        series_instance_uid=series,
        sop_instance_uid=sop,
    )


def move(partition: str, to: str) -> None:
    get_or_create_partition(actor=ADMIN, name=to)
    move_study(
        actor=ADMIN, partition=partition, study_instance_uid="1", to=to, reason="x"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_what_is_chosen_bit_by_bit_equals_a_rebuild(seed: int) -> None:
    chance = random.Random(seed)
    held: set[tuple[str, str, str, str]] = set()
    writes: list[Callable[[], object]] = []
    for _ in range(60):
        if held and chance.random() < 0.3:
            partition, study, series, sop = chance.choice(sorted(held))
            held.remove((partition, study, series, sop))
            writes.append(partial(delete, partition, study, series, sop))
            continue
        study, series = chance.choice(SERIES)
        partition = chance.choice(["default", "site-1"])
        sop = f"{series}.{chance.randint(1, 6)}"
        held.add((partition, study, series, sop))
        writes.append(partial(put, study, series, sop, partition))
    house.check(ThumbnailFollower(), writes=writes, snapshot=chosen, seed=seed)
    assert chosen() == middles() != []


@pytest.mark.django_db
def test_a_moved_study_is_chosen_for_where_it_is() -> None:
    writes = [
        partial(put, "1", "10", "10.1"),
        partial(put, "1", "11", "11.1"),
        partial(move, "default", "site-2"),
        partial(put, "1", "10", "10.2", "site-2"),
    ]
    house.check(ThumbnailFollower(), writes=writes, snapshot=chosen)
    assert chosen() == middles()
    assert {row[0] for row in chosen()} == {"site-2"}


@pytest.mark.django_db
def test_a_series_that_is_gone_leaves_nothing() -> None:
    put("1", "10", "10.1")
    followers.run_until_caught_up(ThumbnailFollower())
    assert len(chosen()) == 1
    delete("default", "1", "10", None)
    followers.run_until_caught_up(ThumbnailFollower())
    assert chosen() == []


@pytest.mark.django_db
def test_what_was_drawn_is_void_when_another_instance_is_in_the_middle() -> None:
    put("1", "10", "10.1")
    followers.run_until_caught_up(ThumbnailFollower())
    Thumbnail.objects.update(picture=b"drawn")
    put("2", "20", "20.1")
    followers.run_until_caught_up(ThumbnailFollower())
    kept = Thumbnail.objects.get(series_instance_uid="10").picture
    assert kept is not None
    assert bytes(kept) == b"drawn"
    put("1", "10", "10.2")
    followers.run_until_caught_up(ThumbnailFollower())
    assert Thumbnail.objects.get(series_instance_uid="10").picture is None


def series_of(*greys: int, **attributes: Any) -> list[Dataset]:
    """Return a series whose instances are as bright as told."""
    study, series = new_uid(), new_uid()
    return [
        grey(
            np.full((32, 64), level, np.uint8),
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            InstanceNumber=number,
            **attributes,
        )
        for number, level in enumerate(greys)
    ]


def drawn(dataset: Dataset) -> bytes | None:
    """Return the thumbnail that is kept of a data set's series."""
    row = Thumbnail.objects.get(series_instance_uid=dataset.SeriesInstanceUID)
    return None if row.picture is None else bytes(row.picture)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let series rest for no time."""
    monkeypatch.setattr(thumbnails, "SETTLED_S", 0.0)


@pytest.mark.usefixtures("committing", "settled")
def test_the_middle_of_each_series_is_drawn_once_it_has_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service()
    scan = series_of(10, 60, 110, 160)
    frames = np.stack([np.full((8, 8), 50 * n, np.uint8) for n in range(5)])
    loop, report = grey(frames), instance(PixelData=None)
    service.store(*scan, loop, report)
    followers.run_until_caught_up(ThumbnailFollower())
    assert drawn(scan[0]) is None
    monkeypatch.setattr(thumbnails, "BATCH", 2)
    monkeypatch.setattr(thumbnails, "SETTLED_S", 3600.0)
    tasks.make_thumbnails()
    assert drawn(scan[0]) is None
    monkeypatch.setattr(thumbnails, "SETTLED_S", 0.0)
    assert make_thumbnails(time_limit_s=60) == 3
    pictures = [Image.open(BytesIO(drawn(each) or b"")) for each in (scan[0], loop)]
    assert [each.size for each in pictures] == [(256, 128), (256, 256)]
    levels = [int(np.median(np.asarray(each))) for each in pictures]
    assert levels == [110, 100]
    assert drawn(report) == b""
    assert make_thumbnails(time_limit_s=60) == 0


@pytest.mark.usefixtures("committing", "settled")
def test_what_cannot_be_drawn_stands_before_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service()
    lost, odd, good = series_of(1), series_of(2), series_of(3)
    odd[0].Rows = 999
    service.store(*lost, *odd, *good)
    followers.run_until_caught_up(ThumbnailFollower())
    InstanceVersion.objects.filter(study_instance_uid=lost[0].StudyInstanceUID).update(
        blob_key="2026/01/01/0000/missing.dcm"
    )
    monkeypatch.setattr(thumbnails, "BATCH", 1)
    assert make_thumbnails(time_limit_s=60) == 3
    assert (drawn(lost[0]), drawn(odd[0])) == (b"", b"")
    assert drawn(good[0])


@pytest.mark.usefixtures("committing", "settled")
def test_what_changes_while_it_is_drawn_is_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service()
    scan = series_of(10, 60, 110)
    service.store(scan[0])
    followers.run_until_caught_up(ThumbnailFollower())
    make = pictures.make_picture

    def slowly(*args: Any) -> bytes:
        picture = make(*args)
        service.store(*scan[1:])
        followers.run_until_caught_up(ThumbnailFollower())
        return picture

    monkeypatch.setattr(thumbnails, "make_picture", slowly)
    make_thumbnails(time_limit_s=0.001)
    assert drawn(scan[0]) is None
    monkeypatch.undo()
    monkeypatch.setattr(thumbnails, "SETTLED_S", 0.0)
    make_thumbnails(time_limit_s=60)
    picture = np.asarray(Image.open(BytesIO(drawn(scan[0]) or b"")))
    assert int(np.median(picture)) == 60


@pytest.mark.usefixtures("committing", "settled")
def test_a_rebuild_draws_the_same() -> None:
    service = Service()
    scans = [series_of(*levels) for levels in ((9,), (40, 90), (10, 20, 30))]
    for scan in scans:
        service.store(*scan)
        followers.run_until_caught_up(ThumbnailFollower())
        make_thumbnails(time_limit_s=60)
    before = {one.version_key: bytes(one.picture or b"") for one in rows()}
    followers.rebuild(ThumbnailFollower())
    make_thumbnails(time_limit_s=60)
    after = {one.version_key: bytes(one.picture or b"") for one in rows()}
    assert before == after
    assert len(before) == 3
    assert all(before.values())


def rows() -> list[Thumbnail]:
    return list(Thumbnail.objects.all())
