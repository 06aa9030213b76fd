"""Lakes in folders of their own, and what is in them, read by DuckDB."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable
from django.conf import settings

from core import followers
from core.partitions import get_or_create_partition
from imaging.delete import delete_instances
from imaging.lake import LakeFollower
from imaging.models import Instance, Series, Study
from imaging.move import move_study
from tests.imaging.stores import ADMIN, received, store

TABLES = ("studies", "series", "instances", "changes")


@pytest.fixture
def lake(tmp_path: Path, settings: Any) -> Path:
    """Return a folder that the settings name as the lake."""
    folder = tmp_path / "lake"
    settings.LAKE = str(folder)
    return folder


def catch_up(limit: int | None = None) -> None:
    """Have the follower take all entries, some at a time."""
    follower = LakeFollower()
    while followers.advance(follower, limit=limit):
        pass


def rows(table: str, columns: str = "*", rest: str = "") -> list[tuple[Any, ...]]:
    """Return rows of a table, read by DuckDB from the files that Delta names."""
    files = DeltaTable(f"{settings.LAKE}/{table}").file_uris()
    if not files:
        return []
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {columns} FROM read_parquet({files!r}, hive_partitioning=true,"
            f" union_by_name=true) {rest}"
        )
        return sorted(found.fetchall(), key=repr)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    return {table: rows(table) for table in TABLES}


def counts() -> tuple[int, int, int]:
    """Return how many studies, series and instances the lake has."""
    studies, series, instances = (
        rows(table, "count(*)")[0][0] if rows(table) else 0 for table in TABLES[:3]
    )
    return studies, series, instances


def held() -> tuple[int, int, int]:
    """Return how many studies, series and instances the portal has."""
    return Study.objects.count(), Series.objects.count(), Instance.objects.count()


def put(study: str, series: str, sop: str, partition: str = "default") -> None:
    store(received(study, series, sop), replace=True, partition=partition)


def delete(partition: str, study: str, series: str | None = None) -> None:
    delete_instances(
        actor=ADMIN,
        partition=partition,
        study_instance_uid=study,
        series_instance_uid=series,
    )


def move(study: str, partition: str, to: str) -> None:
    get_or_create_partition(actor=ADMIN, name=to)
    move_study(
        actor=ADMIN,
        partition=partition,
        study_instance_uid=study,
        to=to,
        reason="test",
    )
