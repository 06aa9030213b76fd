"""A lake in a bucket of a real S3 server."""

import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import obstore
import pytest
from django.core.management import call_command

from core import followers
from core.errors import Upstream
from imaging.lake import LakeFollower, compact_lake
from imaging.models import LakeTableState
from tests.imaging.lake.lakes import catch_up, delete, held, put
from tests.object_storage import BUCKET, CREDENTIALS, PATIENCE_S, ObjectStorage

pytestmark = [pytest.mark.django_db, pytest.mark.peer("seaweedfs")]


@pytest.fixture
def server(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ObjectStorage]:
    """Yield a server with a bucket that the settings name as the lake."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    running = ObjectStorage(tmp_path)
    settings.LAKE = f"s3://{BUCKET}/lake"
    settings.LAKE_OPTIONS = {
        "aws_endpoint": running.endpoint,
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }
    try:
        running.start()
        yield running
    finally:
        running.kill()


def ask(question: str) -> list[str]:
    out = StringIO()
    call_command("lake", "sql", question, "--format", "csv", stdout=out)
    return out.getvalue().splitlines()[1:]


def test_a_lake_in_a_bucket_is_written_built_anew_and_asked(
    server: ObjectStorage,
) -> None:
    for number in range(3):
        put("1", "10", f"10.{number}")
        put("2", "20", f"20.{number}", "site-1")
    catch_up(limit=3)
    delete("site-1", "2")
    catch_up()
    question = (
        "SELECT count(DISTINCT s.study_instance_uid), count(*)"
        " FROM studies s JOIN instances i USING (partition_id, study_instance_uid)"
    )
    assert ask(question) == ["1,3"]
    followers.rebuild(LakeFollower())
    assert ask(question) == ["1,3"]
    assert held() == (1, 1, 3)
    paths = [
        each["path"]
        for chunk in obstore.list(server.client(), prefix="lake")
        for each in chunk
    ]
    assert any("/partition_id=" in path for path in paths)
    put("1", "10", "10.4")
    catch_up()
    assert compact_lake(wait=True) >= 2
    assert ask(question) == ["1,4"]
    assert LakeTableState.objects.get(name="instances").number_of_files == 1


def _catch_up_patiently() -> None:
    """Try as the process of followers does: a store answers before it has found all."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return catch_up()
        except Upstream as error:
            if not error.retryable or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def test_a_bucket_that_is_away_holds_the_feed_up_and_is_caught_up_with(
    server: ObjectStorage, settings: Any
) -> None:
    patient = dict(settings.LAKE_OPTIONS)
    settings.LAKE_OPTIONS = {**patient, "max_retries": "0", "timeout": "5s"}
    put("1", "10", "10.1")
    catch_up()
    put("1", "10", "10.2")
    server.kill()
    with pytest.raises(Upstream) as caught:
        catch_up()
    assert caught.value.retryable
    server.start()
    settings.LAKE_OPTIONS = patient
    _catch_up_patiently()
    assert ask("SELECT count(*) FROM instances") == ["2"]
