"""Moves: the study is in the other partition as it was, and in this one no more."""

import math
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from core import changefeed
from core.access import Actor, Verb
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant
from core.changefeed import Filter
from core.errors import Conflict, Forbidden, Invalid, NotFound, PortalError
from core.models import Account, AuditRecord, FeedEntry, Partition
from core.partitions import (
    change_partition,
    delete_partition,
    get_or_create_partition,
    names,
)
from core.partitions.names import Named
from core.reach import Reach, ScopeKey
from imaging.conflicts import list_patient_conflicts
from imaging.delete import delete_instances
from imaging.expiry import delete_expired_studies
from imaging.feed import Metadata, State, read_feed
from imaging.models import FreedBlob, Instance, Patient, Series, Study
from imaging.move import list_targets, move_study
from imaging.project_contents import PatientIdentity, add_patients, add_studies
from imaging.projects import create_project, scope
from imaging.query import Level as QueryLevel
from imaging.query import Target, parse, search
from imaging.scopes import scope_of_study
from tests.access.cast import snapshot
from tests.actors import ALL_VERBS, READING, acting
from tests.imaging.dicomweb.service import Service
from tests.imaging.stores import ADMIN, received, state, store
from tests.synthetic import encode, instance

FROM, TO = "site-1", "site-2"


@pytest.fixture
def keys(db: None) -> dict[str, int]:
    """Return the keys of both partitions."""
    return {
        name: get_or_create_partition(actor=ADMIN, name=name) for name in (FROM, TO)
    }


def move(study: str = "1", **more: Any) -> int:
    usual = {"actor": ADMIN, "partition": FROM, "to": TO, "reason": "wrong site"}
    return move_study(study_instance_uid=study, **{**usual, **more})


def search_uids(partition: str, actor: Actor = ADMIN) -> list[str]:
    query = parse(Target(QueryLevel.STUDY), b"")
    try:
        found = search(
            actor=actor, partition=partition, query=query, base_url="http://h"
        )
    except NotFound:
        return []
    return [row["0020000D"]["Value"][0] for row in orjson.loads(found.body)]


def feed(
    actor: Actor = ADMIN, after: int = 0
) -> list[tuple[str, str, str, State, bool]]:
    """Return of each entry: partition, what was done, to which, its state, metadata."""
    entries = read_feed(
        actor=actor,
        where=Filter(),
        after=after,
        offset=0,
        limit=1000,
        metadata=Metadata.OF_ITS_MOMENT,
    )
    return [
        (
            each.partition_name,
            each.entry.op,
            each.entry.key[2],
            each.state,
            each.metadata is not None,
        )
        for each in entries
    ]


def person(name: str) -> Account:
    account = Account.objects.get_or_create(username=name)[0]
    account.groups.add(Group.objects.get(name="Researcher"))
    return account


def seen_by(name: str, partition: str) -> list[str]:
    return search_uids(partition, actor_of_account(person(name)))


def test_all_that_is_told_of_a_study_goes_along(keys: dict[str, int]) -> None:
    store(
        received("1", "2", "3", name="A", date="20200101", modality="CT"),
        received("1", "2", "4", name="B", sop_class="1.2.3"),
        partition=FROM,
    )
    store(
        received("1", "5", "6", patient_id="", modality="MR"),
        partition=FROM,
        expires_after=timedelta(days=2),
    )
    before = state("1")
    versions = set(Instance.objects.values_list("sop_instance_uid", "version_id"))
    series = set(Series.objects.values_list("pk", "series_instance_uid"))
    old = Study.objects.get()

    assert move() == 3

    assert state("1", TO) == state("1") == before
    held = Instance.objects.values_list("sop_instance_uid", "version_id")
    assert set(held) == versions
    assert set(Series.objects.values_list("pk", "series_instance_uid")) == series
    new = Study.objects.get()
    assert (new.partition_id, new.newest_version_id) == (
        keys[TO],
        old.newest_version_id,
    )
    assert new.expires_at == old.expires_at is not None
    assert new.patient_variants.count() == new.number_of_patient_variants == 3
    assert not FreedBlob.objects.exists()


def test_it_is_found_there_as_stored_last_and_here_no_more(
    keys: dict[str, int],
) -> None:
    store(received("1", "2", "3"), received("2", "2", "3"), partition=FROM)
    store(received("9", "2", "3"), partition=TO)
    move("1")
    assert search_uids(FROM) == ["2"]
    assert search_uids(TO) == ["1", "9"]
    move("2")
    assert search_uids(TO) == ["2", "1", "9"]
    found = Study.objects.get(study_instance_uid="1")
    assert found.created_at > Study.objects.get(study_instance_uid="9").created_at


def test_stores_and_deletes_go_on_where_it_is(keys: dict[str, int]) -> None:
    first = received("1", "2", "3", name="A")
    store(first, partition=FROM)
    before = state("1")
    move()
    store(received("1", "2", "4", name="B"), received("1", "5", "6"), partition=TO)
    study = Study.objects.get()
    assert (study.number_of_instances, study.number_of_series) == (3, 2)
    delete = partial(
        delete_instances, actor=ADMIN, partition=TO, study_instance_uid="1"
    )
    delete(series_instance_uid="5")
    delete(series_instance_uid="2", sop_instance_uid="4")
    assert state("1", TO) == before
    store(received("1", "2", "3"), partition=FROM)
    assert Study.objects.count() == 2


def test_a_study_that_expires_goes_from_where_it_is_then(keys: dict[str, int]) -> None:
    store(received("1", "2", "3"), partition=FROM, expires_after=timedelta(seconds=-1))
    move()
    assert delete_expired_studies(time_limit_s=10) == 1
    assert feed()[-1][:3] == (TO, "delete", "3")


def test_its_conflict_is_listed_there(keys: dict[str, int]) -> None:
    store(
        received("1", "2", "3"),
        received("1", "2", "4", patient_id="P2"),
        partition=FROM,
    )
    move()

    def listed(partition: str) -> list[str]:
        found = list_patient_conflicts(
            actor=ADMIN, partition=partition, after=0, limit=10
        )
        return [each.study_instance_uid for each in found]

    assert (listed(FROM), listed(TO)) == ([], ["1"])


def test_each_instance_ends_here_and_begins_there(
    keys: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    store(*(received("1", "2", str(n)) for n in (3, 4, 5)), partition=FROM)
    versions = dict(Instance.objects.values_list("sop_instance_uid", "version_id"))
    monkeypatch.setattr(changefeed, "MAXIMUM_CHANGES", 4)  # two steps
    move()
    gone, here = State.DELETED, State.CURRENT
    assert feed() == [
        *((FROM, "create", sop, gone, False) for sop in "345"),
        *(
            entry
            for sop in "345"
            for entry in (
                (FROM, "delete", sop, gone, False),
                (TO, "create", sop, here, True),
            )
        ),
    ]
    entries = FeedEntry.objects.filter(kind="instance", partition=keys[TO])
    assert [each.version for each in entries] == [versions[sop] for sop in "345"]
    assert set(entries.values_list("actor", "reason")) == {("system:test", "")}


def test_it_may_come_back(keys: dict[str, int]) -> None:
    store(received("1", "2", "3"), partition=FROM)
    before = state("1")
    move()
    move(partition=TO, to=FROM)
    assert state("1", FROM) == before
    assert feed() == [
        (FROM, "create", "3", State.CURRENT, True),
        (FROM, "delete", "3", State.REPLACED, False),
        (TO, "create", "3", State.DELETED, False),
        (TO, "delete", "3", State.DELETED, False),
        (FROM, "create", "3", State.CURRENT, True),
    ]
    where = Filter(kind="instance")
    entries = changefeed.read(actor=ADMIN, after=0, limit=10, where=where)
    version = Instance.objects.get().version_id
    before_each = changefeed.versions_before(entries)
    assert [before_each[each.seq] for each in entries] == [
        None, version, None, version, None,
    ]  # fmt: skip


def test_both_partitions_have_a_row_in_the_audit_log(keys: dict[str, int]) -> None:
    store(received("1", "2", "3"), received("1", "2", "4"), partition=FROM)
    last = AuditRecord.objects.latest("pk").pk
    move()
    rows = AuditRecord.objects.filter(pk__gt=last).order_by("pk")
    columns = ("action", "partition_id", "patient_id", "study_instance_uid", "detail")
    assert list(rows.values_list(*columns)) == [
        ("delete", keys[FROM], "P1", "1", "2 instances moved to site-2: wrong site"),
        ("store", keys[TO], "P1", "1", "2 instances moved from site-1: wrong site"),
    ]


def test_what_opened_it_here_does_not_there(keys: dict[str, int]) -> None:
    store(received("1", "2", "3"), partition=FROM)
    project = create_project(actor=ADMIN, partition=FROM, name="sarcoma")
    add_studies(actor=ADMIN, project_id=project.pk, uids=["1"])
    patients = create_project(actor=ADMIN, partition=FROM, name="cohort")
    add_patients(actor=ADMIN, project_id=patients.pk, patients=[PatientIdentity("P1")])
    itself = scope_of_study(actor=ADMIN, partition=FROM, study_instance_uid="1")
    names = {"member": scope(project), "patients": scope(patients), "granted": itself}
    for name, on in names.items():
        grant(actor=ADMIN, scope=on, to=person(name), level=Level.IDENTIFY)
        assert seen_by(name, FROM) == ["1"]
    move()
    for name in names:
        assert seen_by(name, FROM) == seen_by(name, TO) == []
        assert feed(actor_of_account(person(name))) == [
            (FROM, "create", "3", State.DELETED, False),
            (FROM, "delete", "3", State.DELETED, False),
        ]
    assert project.studies.count() == 0
    move(partition=TO, to=FROM)
    assert seen_by("member", FROM) == seen_by("granted", FROM) == []
    assert seen_by("patients", FROM) == ["1"]


def test_who_sees_the_patient_there_sees_it_at_once(keys: dict[str, int]) -> None:
    store(received("9", "2", "3"), partition=TO)
    project = create_project(actor=ADMIN, partition=TO, name="cohort")
    add_patients(actor=ADMIN, project_id=project.pk, patients=[PatientIdentity("P1")])
    grant(actor=ADMIN, scope=scope(project), to=person("member"), level=Level.SEE)
    store(received("1", "2", "4"), partition=FROM)
    store(received("2", "2", "5", patient_id="P2"), partition=FROM)
    move("1")
    move("2")
    assert seen_by("member", TO) == ["1", "9"]
    told = {entry[2] for entry in feed(actor_of_account(person("member")))}
    assert told == {"3", "4"}
    named = Patient.objects.filter(partition=keys[TO]).values_list("patient_id")
    assert sorted(named) == [("P1",), ("P2",)]


def test_who_saw_a_study_that_was_deleted_there_does_not_see_the_one_that_comes(
    keys: dict[str, int],
) -> None:
    store(received("1", "2", "3"), partition=TO)
    on = scope_of_study(actor=ADMIN, partition=TO, study_instance_uid="1")
    grant(actor=ADMIN, scope=on, to=person("granted"), level=Level.SEE)
    delete_instances(actor=ADMIN, partition=TO, study_instance_uid="1")
    assert len(feed(actor_of_account(person("granted")))) == 2
    store(received("1", "2", "4"), partition=FROM)
    move()
    assert seen_by("granted", TO) == []
    assert feed(actor_of_account(person("granted"))) == []


@pytest.mark.parametrize(
    ("asked", "error", "path"),
    [
        ({"study": "9"}, NotFound, "study"),
        ({"study": "2"}, NotFound, "study"),  # is there only
        ({"study": "3"}, Conflict, "to"),
        ({"to": "no-such"}, NotFound, "to"),
        ({"to": "no such"}, Invalid, "to"),
        ({"partition": "no-such"}, NotFound, "partition"),
        ({"to": FROM}, Invalid, "to"),
        ({"to": "closed"}, Conflict, "to"),
        ({"partition": "closed", "to": FROM}, Conflict, "partition"),
        ({"reason": " "}, Invalid, "reason"),
    ],
)
def test_what_is_refused_changes_nothing(
    keys: dict[str, int], asked: dict[str, str], error: type[PortalError], path: str
) -> None:
    store(received("1", "2", "3"), received("3", "2", "3"), partition=FROM)
    store(received("2", "2", "3"), received("3", "2", "4"), partition=TO)
    store(received("1", "2", "3"), partition="closed")
    change_partition(actor=ADMIN, name="closed", is_disabled=True)
    before = snapshot()
    with pytest.raises(error) as refused:
        move(**asked)
    assert refused.value.path == path
    assert snapshot() == before


@pytest.mark.parametrize("closed", [FROM, TO])
@pytest.mark.parametrize("source", [FROM, TO])
def test_a_partition_that_is_disabled_after_it_was_found_refuses(
    keys: dict[str, int], source: str, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As this process still knows it, it is in use."""
    (to,) = {FROM, TO} - {source}
    store(received("1", "2", "3"), partition=source)
    before = snapshot()
    known = {name: Named(key, False, math.inf) for name, key in keys.items()}
    monkeypatch.setattr(names, "_known", known)
    Partition.objects.filter(name=closed).update(disabled_at=timezone.now())
    with pytest.raises(Conflict, match="was disabled or deleted"):
        move(partition=source, to=to)
    Partition.objects.filter(name=closed).update(disabled_at=None)
    assert snapshot() == before


def only(**reaches: Reach) -> Actor:
    """Return an actor whose verbs reach partitions, or scopes."""
    return Actor(1, "bound", {Verb[name]: reach for name, reach in reaches.items()})


def test_rights_to_delete_here_and_to_store_all_over_there_are_needed(
    keys: dict[str, int],
) -> None:
    store(received("1", "2", "3"), received("2", "2", "3"), partition=FROM)
    here, there = (Reach(frozenset({keys[name]})) for name in (FROM, TO))
    on = scope_of_study(actor=ADMIN, partition=FROM, study_instance_uid="1")
    itself = Reach(frozenset(), frozenset({ScopeKey(on.pk, keys[FROM])}))
    part = Reach(frozenset(), frozenset({ScopeKey(on.pk, keys[TO])}))
    before = snapshot()
    refused: list[tuple[dict[str, Reach], str, type[PortalError]]] = [
        ({"READ": here | there, "DELETE": here | there}, "1", Forbidden),
        ({"READ": here | there, "STORE": here | there}, "1", Forbidden),
        ({"DELETE": here, "STORE_RESULTS": there}, "1", Forbidden),
        ({"DELETE": here, "STORE": here}, "1", NotFound),
        ({"DELETE": there, "STORE": there}, "1", NotFound),
        ({"DELETE": here, "STORE": part}, "1", Forbidden),
        ({"DELETE": itself, "STORE": there}, "2", NotFound),
    ]
    for reaches, study, error in refused:
        with pytest.raises(error):
            move(study, actor=only(**reaches))
    assert snapshot() == before
    assert move("1", actor=only(DELETE=itself, STORE=there)) == 1


def test_only_partitions_that_may_be_stored_into_are_offered(
    keys: dict[str, int],
) -> None:
    store(received("1", "2", "3"), partition="closed")
    change_partition(actor=ADMIN, name="closed", is_disabled=True)
    assert list_targets(actor=ADMIN)[-2:] == [FROM, TO]
    bound = acting(1, "bound", ALL_VERBS, frozenset({keys[TO]}))
    assert list_targets(actor=bound) == [TO]
    with pytest.raises(Forbidden):
        list_targets(actor=acting(1, "reader", READING))


def test_the_partition_that_it_left_can_be_deleted(keys: dict[str, int]) -> None:
    store(received("1", "2", "3"), partition=FROM)
    move()
    delete_partition(actor=ADMIN, name=FROM)
    with pytest.raises(Conflict, match="holds 1 studies"):
        delete_partition(actor=ADMIN, name=TO)


@pytest.mark.usefixtures("committing")
def test_its_bytes_are_served_from_there_and_no_longer_from_here() -> None:
    here, there = Service(), Service()
    first, second = instance(), instance(PixelData=b"PIXELS" * 8)
    second.StudyInstanceUID = first.StudyInstanceUID
    here.store(first, second)
    there.store(instance())
    levels = ("", "/metadata", "/series", "/instances")
    before = [here.get(here.url(first, "study", path)).content for path in levels[1:2]]
    move(first.StudyInstanceUID, partition=here.name, to=there.name)
    for each in (first, second):
        assert here.get(here.url(each)).status_code == 404
        got = there.get(there.url(each), "application/dicom; transfer-syntax=*")
        assert (got.status_code, got.content) == (200, encode(each))
        assert here.get(here.url(each, path="/frames/1")).status_code == 404
    for path in levels[:2]:
        assert here.get(here.url(first, "study", path)).status_code == 404
        assert there.get(there.url(first, "study", path)).status_code == 200
    for path in levels[2:]:
        assert here.get(here.url(first, "study", path)).status_code in {204, 404}
        assert len(there.get(there.url(first, "study", path)).json()) == 2
    now = there.get(there.url(first, "study", "/metadata")).content
    assert now.replace(there.name.encode(), here.name.encode()) == before[0]
