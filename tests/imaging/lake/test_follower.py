"""The follower that writes the lake: what it has is what the portal holds."""

import random
from pathlib import Path

import pytest
from deltalake import DeltaTable
from django.utils import timezone

from core import changefeed, followers
from core.errors import Upstream
from core.models import AuditRecord, DeadLetter, FollowerCursor
from core.partitions import change_partition
from imaging.lake import LakeFollower, writing
from imaging.lake.tables import FEED
from imaging.models import (
    Instance,
    InstanceVersion,
    LakeBuild,
    LakeTableState,
    Patient,
)
from tests.core import house
from tests.imaging.lake.lakes import (
    catch_up,
    counts,
    delete,
    everything,
    held,
    move,
    put,
    rows,
)
from tests.imaging.lake.writes import random_writes
from tests.imaging.stores import ADMIN, received, store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_bit_by_bit_equals_a_rebuild(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "NEARLY", 0)
    house.check(
        LakeFollower(),
        writes=random_writes(random.Random(seed), 25),
        snapshot=everything,
        seed=seed,
    )
    assert counts() == held()
    assert len(rows("changes")) == changefeed.head()
    versions = Instance.objects.values_list("study__partition__name", "version_id")
    assert rows("instances", "partition, version_id") == sorted(versions, key=repr)


def test_a_row_says_what_its_file_says() -> None:
    one = received("1.2", "1.2.3", "1.2.3.4", name="Doe^Jane", modality="MR")
    store(one)
    catch_up()
    columns = (
        "partition, study_instance_uid, patient_name, modality, size_bytes, sha256"
    )
    assert rows("instances", columns) == [
        ("default", "1.2", "Doe^Jane", "MR", 1, bytes(32).hex())
    ]
    assert rows("studies", "patient_name, modalities_in_study") == [
        ("Doe^Jane", ["MR"])
    ]
    assert rows("series", "series_instance_uid, number_of_instances") == [("1.2.3", 1)]
    assert rows("changes", "seq, op, key", "WHERE kind = 'instance'") == [
        (changefeed.head(), "create", ["1.2", "1.2.3", "1.2.3.4"])
    ]


def test_a_partition_and_a_month_are_a_folder(lake: Path) -> None:
    put("1", "10", "10.1")
    put("2", "20", "20.1", "site-1")
    catch_up()
    stored = InstanceVersion.objects.values_list("instance__study__partition_id")
    month = f"{timezone.now():%Y-%m}"
    folders = {str(path.parent.relative_to(lake)) for path in lake.rglob("*.parquet")}
    assert folders >= {
        f"instances/partition_id={key}/month={month}" for (key,) in stored
    }
    assert len(stored) == 2


def test_nobody_else_may_open_the_folder(lake: Path) -> None:
    put("1", "10", "10.1")
    catch_up()
    assert lake.stat().st_mode & 0o777 == 0o700


def test_the_log_of_a_table_names_no_patient(lake: Path) -> None:
    store(received("1", "10", "10.1", name="Secret^Name", patient_id="HIDDEN"))
    catch_up()
    logs = [path.read_text() for path in lake.glob("*/_delta_log/*.json")]
    assert len(logs) >= 8
    assert not [text for text in logs if "Secret" in text or "HIDDEN" in text]


def test_a_commit_names_the_entry_that_it_goes_up_to(lake: Path) -> None:
    put("1", "10", "10.1")
    put("1", "10", "10.2")
    catch_up(limit=1)
    table = DeltaTable(lake / "changes")
    assert table.transaction_version(FEED) == changefeed.head()
    (last,) = table.history(1)
    assert last["feedSequence"] == str(changefeed.head())


def test_a_moved_study_is_only_where_it_is() -> None:
    put("1", "10", "10.1")
    put("1", "11", "11.1")
    catch_up()
    move("1", "default", "site-1")
    catch_up(limit=1)
    assert set(rows("instances", "partition")) == {("site-1",)}
    assert counts() == held() == (1, 2, 2)
    move("1", "site-1", "default")
    catch_up()
    assert set(rows("studies", "partition")) == {("default",)}
    assert counts() == (1, 2, 2)


def test_a_deleted_study_leaves_the_tables_and_stays_in_the_feed() -> None:
    put("1", "10", "10.1")
    put("2", "20", "20.1")
    catch_up()
    delete("default", "1")
    catch_up()
    assert rows("instances", "sop_instance_uid") == [("20.1",)]
    assert counts() == (1, 1, 1)
    assert [row[0] for row in rows("changes", "op", "WHERE key[1] = '1'")] == [
        "create", "delete"
    ]  # fmt: skip


def test_a_replaced_instance_has_the_row_of_its_new_version() -> None:
    store(received("1", "10", "10.1", modality="CT"))
    catch_up()
    store(received("1", "10", "10.1", modality="MR"), replace=True)
    catch_up()
    assert rows("instances", "modality") == [("MR",)]
    assert rows("studies", "modalities_in_study") == [(["MR"],)]


def test_a_renamed_partition_is_called_so_in_all_rows() -> None:
    put("1", "10", "10.1", "old-name")
    put("2", "20", "20.1")
    catch_up()
    change_partition(actor=ADMIN, name="old-name", new_name="new-name")
    catch_up()
    for table in ("studies", "series", "instances"):
        names = rows(table, "partition")
        assert names == [("default",), ("new-name",)]
    assert ("old-name",) not in rows("changes", "partition")


def test_a_second_delivery_of_what_is_there_adds_nothing() -> None:
    for number in range(5):
        put("1", "10", f"10.{number}")
    catch_up()
    before = everything()
    FollowerCursor.objects.filter(name="lake").update(seq=0)
    catch_up(limit=2)
    assert everything() == before


def test_what_comes_back_to_its_partition_is_there_once() -> None:
    put("1", "10", "10.1")
    move("1", "default", "site-1")
    move("1", "site-1", "default")
    catch_up(limit=1)
    FollowerCursor.objects.filter(name="lake").update(seq=0)
    catch_up(limit=3)
    assert rows("instances", "partition") == [("default",)]


def test_whose_data_go_into_the_lake_is_recorded() -> None:
    store(received("1", "10", "10.1", patient_id="P1"))
    store(received("2", "20", "20.1", patient_id=""))
    catch_up()
    (record,) = AuditRecord.objects.filter(action="export")
    patient = Patient.objects.get(patient_id="P1")
    assert (record.actor, record.patients, record.studies) == (
        "system:lake", [patient.pk], ["2"]
    )  # fmt: skip


def test_a_rebuild_leaves_the_tables_until_the_new_ones_are_whole(
    monkeypatch: pytest.MonkeyPatch, lake: Path
) -> None:
    monkeypatch.setattr(writing, "NEARLY", 0)
    for number in range(4):
        put("1", "10", f"10.{number}")
    catch_up()
    before = everything()
    version = DeltaTable(lake / "instances").version()
    follower = LakeFollower()
    monkeypatch.setattr(followers, "run_until_caught_up", lambda _: 0)
    followers.rebuild(follower)
    followers.advance(follower, limit=3)
    assert LakeBuild.objects.count() == 1
    assert everything() == before
    assert DeltaTable(lake / "instances").version() == version
    catch_up(limit=2)
    assert LakeBuild.objects.count() == 0
    assert everything() == before
    assert DeltaTable(lake / "instances").version() > version


def test_a_lake_that_lacks_entries_is_not_written_on(lake: Path) -> None:
    put("1", "10", "10.1")
    catch_up()
    lake.rename(lake.with_name("gone"))
    put("1", "10", "10.2")
    with pytest.raises(Upstream, match="lake rebuild"):
        catch_up()
    assert changefeed.head() > FollowerCursor.objects.get(name="lake").seq
    followers.rebuild(LakeFollower())
    assert counts() == held() == (1, 1, 2)


def test_a_lake_that_cannot_be_written_holds_the_feed_up(lake: Path) -> None:
    put("1", "10", "10.1")
    lake.write_text("not a folder")
    with pytest.raises(Upstream) as caught:
        catch_up()
    assert caught.value.retryable
    lake.unlink()
    catch_up()
    assert counts() == (1, 1, 1)


def test_what_tables_have_is_kept_for_metrics() -> None:
    for number in range(3):
        put("1", "10", f"10.{number}")
    catch_up()
    state = LakeTableState.objects.get(name="instances")
    assert (state.number_of_rows, state.position) == (3, changefeed.head())
    assert state.number_of_files == 1
    assert state.size_bytes > 1000


def test_an_entry_whose_row_cannot_be_made_is_parked_and_the_others_go_on() -> None:
    put("1", "10", "10.1")
    put("2", "20", "20.1")
    put("3", "30", "30.1")
    broken = InstanceVersion.objects.get(instance__sop_instance_uid="20.1")
    whole = bytes(broken.metadata)
    InstanceVersion.objects.filter(pk=broken.pk).update(metadata=b"no zlib")
    catch_up()
    assert rows("instances", "sop_instance_uid") == [("10.1",), ("30.1",)]
    assert DeadLetter.objects.count() == 1
    InstanceVersion.objects.filter(pk=broken.pk).update(metadata=whole)
    put("1", "10", "10.2")
    catch_up()
    assert followers.replay(LakeFollower()) == (1, 0)
    assert counts() == held() == (3, 3, 4)
    assert len(rows("changes", "DISTINCT seq")) == changefeed.head()
    assert len(rows("changes", "seq")) == changefeed.head()
