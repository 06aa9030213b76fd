"""The lake of a whole portal: its worker writes it, other engines read it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import httpx
import numpy as np
import psycopg
import pytest
from deltalake import DeltaTable

from bench.processes import members
from tests.imaging.rendering.oracle import grey
from tests.stack import PATIENCE_S, Stack
from tests.synthetic import encode, instance, multipart, new_uid

PARTITIONS: Final = ("default", "site-1")
_NOW: Final = (
    "UPDATE core_followercursor SET moved_at = now() - interval '1 hour'"
    " WHERE name = 'lake'"
)
# What is stored is linked meanwhile, which is news as well.
_IS_BEHIND: Final = (
    "SELECT EXISTS (SELECT FROM fhirlink_dirtystudy) OR (SELECT count(*) FROM"
    " imaging_study) <> (SELECT count(*) FROM fhirlink_linkedstudy) OR"
    " (SELECT max(seq) FROM core_feedentry) IS DISTINCT FROM"
    " (SELECT seq FROM core_followercursor WHERE name = 'lake')"
)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Yield a portal with a lake."""
    data = tmp_path_factory.mktemp("lake-stack")
    running = Stack(data, settings={"PORTAL_LAKE": str(data / "lake")})
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def lake(portal: Stack) -> Path:
    """Return the lake, once it has what was stored."""
    for partition in PARTITIONS:
        for modality in ("CT", "MR", "CT"):
            store(portal, partition, modality)
    wait_for_follower(portal)
    return portal.data / "lake"


def store(portal: Stack, partition: str, modality: str) -> None:
    """Store a study of two series, one of two images."""
    study, series = new_uid(), new_uid()
    images = [
        grey(
            np.arange(3 * 8 * 10, dtype=np.uint8).reshape(3, 8, 10),
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            Modality=modality,
            InstanceNumber=number,
        )
        for number in range(2)
    ]
    report = instance(StudyInstanceUID=study, PixelData=None, Modality="SR")
    body, headers = multipart(*map(encode, [*images, report]))
    headers["authorization"] = f"Bearer {portal.token}"
    url = f"{portal.base_url}/dicomweb/partitions/{partition}/studies"
    answer = httpx.post(url, content=body, headers=headers, timeout=PATIENCE_S)
    assert answer.status_code == 200


def wait_for_follower(portal: Stack) -> None:
    """Wait until a worker has written all; it does not let it gather."""
    deadline = time.monotonic() + PATIENCE_S
    with psycopg.connect(portal.places.database_url, autocommit=True) as connection:
        while connection.execute(_IS_BEHIND).fetchone() == (True,):
            assert time.monotonic() < deadline
            connection.execute(_NOW)
            time.sleep(0.5)


def files(lake: Path, table: str) -> list[str]:
    return DeltaTable(lake / table).file_uris()


def count(lake: Path, table: str, where: str) -> int:
    """Count rows with DuckDB."""
    rows = duckdb.execute(
        f"SELECT count(*) FROM read_parquet({files(lake, table)!r},"
        f" hive_partitioning = true, union_by_name = true) WHERE {where}"
    ).fetchall()
    return int(rows[0][0])


def found(portal: Stack, partition: str, path: str, **query: str) -> int:
    """Count what QIDO finds."""
    answer = httpx.get(
        f"{portal.base_url}/dicomweb/partitions/{partition}/{path}",
        params={"limit": "200", **query},
        headers={"authorization": f"Bearer {portal.token}"},
        timeout=PATIENCE_S,
    )
    return len(answer.json()) if answer.status_code == 200 else 0


@pytest.mark.parametrize("partition", PARTITIONS)
def test_duckdb_counts_what_qido_finds(
    portal: Stack, lake: Path, partition: str
) -> None:
    here = f"partition = '{partition}'"
    for table, number in (("studies", 3), ("series", 6), ("instances", 9)):
        assert count(lake, table, here) == found(portal, partition, table) == number
    for modality, number in (("CT", 2), ("MR", 1), ("SR", 3), ("US", 0)):
        where = f"{here} AND modality = '{modality}'"
        qido = found(portal, partition, "series", Modality=modality)
        assert count(lake, "series", where) == qido == number
        where = f"{here} AND list_contains(modalities_in_study, '{modality}')"
        qido = found(portal, partition, "studies", ModalitiesInStudy=modality)
        assert count(lake, "studies", where) == qido == number


def test_the_places_of_frames_are_those_of_the_file(portal: Stack, lake: Path) -> None:
    rows = duckdb.execute(
        "SELECT study_instance_uid, series_instance_uid, sop_instance_uid, blob_key,"
        f" frame_offsets, frame_lengths FROM read_parquet({files(lake, 'instances')!r},"
        " hive_partitioning = true) WHERE number_of_frames = 3"
        " AND partition = 'default'"
    ).fetchall()
    assert len(rows) == 6
    study, series, sop, key, offsets, lengths = rows[0]
    if not (portal.places.blobs / key).exists():
        pytest.skip("the blobs of this run lie in a bucket")
    stored = (portal.places.blobs / key).read_bytes()
    url = f"{portal.base_url}/dicomweb/studies/{study}/series/{series}/instances/{sop}"
    for number, (offset, length) in enumerate(zip(offsets, lengths, strict=True), 1):
        answer = httpx.get(
            f"{url}/frames/{number}",
            headers={
                "authorization": f"Bearer {portal.token}",
                "accept": 'multipart/related; type="application/octet-stream"',
            },
        )
        assert stored[offset : offset + length] in answer.content
        assert length == 80


def test_who_operates_it_sees_how_far_the_lake_is(portal: Stack, lake: Path) -> None:
    metrics = httpx.get(f"{portal.base_url}/metrics").text.splitlines()
    assert 'portal_follower_lag_entries{follower="lake"} 0.0' in metrics
    assert 'portal_lake_rows{table="instances"} 18.0' in metrics
    names = {line.partition(" ")[0] for line in metrics}
    assert 'portal_lake_committed_seconds{table="studies"}' in names
    answer = httpx.post(
        f"{portal.base_url}/graphql",
        json={"query": "{ followers { name lag } }"},
        headers={"authorization": f"Bearer {portal.token}"},
    )
    assert {"name": "lake", "lag": 0} in answer.json()["data"]["followers"]


def test_the_command_answers_beside_the_server(portal: Stack, lake: Path) -> None:
    question = "SELECT partition, count(*) AS n FROM studies GROUP BY ALL ORDER BY ALL"
    out = portal.manage("lake", "sql", question, "--format", "json")
    assert [json.loads(line) for line in out.splitlines()] == [
        {"partition": "default", "n": 3},
        {"partition": "site-1", "n": 3},
    ]


def test_the_web_server_loads_neither_delta_nor_duckdb(
    portal: Stack, lake: Path
) -> None:
    httpx.get(f"{portal.base_url}/metrics")
    first = portal.part("web").pid
    assert first is not None
    processes = members(first, "")
    maps = [Path(f"/proc/{each}/maps").read_text() for each in processes]
    assert any("granian" in each for each in maps)
    assert not [each for each in maps if "deltalake" in each or "duckdb" in each]
