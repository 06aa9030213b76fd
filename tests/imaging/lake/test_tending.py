"""Merging and removing files of the lake."""

from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from core.models import FollowerCursor
from imaging import tasks
from imaging.lake import compact_lake, vacuum_lake
from imaging.models import LakeTableState
from tests.imaging.lake.lakes import catch_up, counts, everything, held, put

pytestmark = pytest.mark.django_db


def files(lake: Path) -> int:
    return len(list((lake / "instances").rglob("part-*.parquet")))


def test_small_files_of_a_partition_and_month_become_one(lake: Path) -> None:
    for number in range(6):
        put("1", "10", f"10.{number}")
        put("2", "20", f"20.{number}", "site-1")
    catch_up(limit=2)
    before = everything()
    assert LakeTableState.objects.get(name="instances").number_of_files > 6
    assert compact_lake(wait=True) > 6
    assert everything() == before
    assert LakeTableState.objects.get(name="instances").number_of_files == 2
    assert compact_lake(wait=True) == 0
    put("1", "10", "10.7")
    catch_up()
    assert counts() == held() == (2, 2, 13)


def test_files_stay_for_their_retention_time_and_then_go(
    lake: Path, settings: Any
) -> None:
    for _ in range(4):
        put("1", "10", "10.1")
        catch_up()
    number = files(lake)
    assert number >= 4
    version = DeltaTable(lake / "instances").version()
    assert vacuum_lake(wait=True) == 0
    DeltaTable(lake / "instances", version=version - 1).file_uris()
    (lake / "instances" / "partition_id=1").mkdir(exist_ok=True)
    stray = lake / "instances" / "partition_id=1" / "never-committed.parquet"
    stray.write_bytes(b"x")
    settings.LAKE_RETENTION_HOURS = 0
    assert vacuum_lake(wait=True) >= 4
    assert files(lake) == 1
    assert not stray.exists()
    assert counts() == held()


def test_nothing_is_tended_where_there_is_no_lake(settings: Any) -> None:
    settings.LAKE = ""
    tasks.compact_lake()
    tasks.vacuum_lake()
    assert not FollowerCursor.objects.filter(name="lake").exists()
