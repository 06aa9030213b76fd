"""Random grants and revocations: each door gives what plain sets say, no more."""

import os
import random
from collections.abc import Callable
from typing import Final

import orjson
import pytest

from core.access import Actor, Verb
from core.accounts.actors import actor_of_account
from core.changefeed import Filter
from core.errors import Forbidden, NotFound, PortalError
from core.models import Account
from imaging.feed import Metadata, read_feed
from imaging.metadata import unpack
from imaging.query import Level, Query, Target, free_text, parse, search
from imaging.retrieve import (
    Address,
    retrieve_all_bulkdata,
    retrieve_instances,
    retrieve_metadata,
)
from tests.imaging.world import PARTITIONS, PEOPLE, Person, Study, World

pytestmark = pytest.mark.django_db
WORLDS: Final = int(os.environ.get("PORTAL_WORLDS", "3"))
STEPS: Final = 60
PATIENT_ID: Final = "00100020"


@pytest.mark.parametrize("seed", range(WORLDS))
def test_every_door_shows_what_is_granted(seed: int) -> None:
    world = World(random.Random(seed))
    for number in range(STEPS):
        world.step()
        if number % 3 == 0:
            for name in PEOPLE:
                check(world, name)


def check(world: World, name: str) -> None:
    actor = actor_of_account(Account.objects.get(username=name))
    person = Person(world, name)
    seen = {study for study in world.patients if person.sees(study)}
    identified = {each for each in seen if person.sees(each, identified=True)}
    if not person.reads:
        assert not actor.may(Verb.READ)
        return
    for limit in (b"limit=200", b"limit=200&sort=StudyInstanceUID"):
        assert searched(actor, None, limit) == pairs(seen), name
    for partition in PARTITIONS:
        here = {study for study in seen if study.partition == partition}
        assert searched(actor, partition, b"limit=200") == pairs(here)
    shown = searched(actor, None, b"limit=200", with_patient=True)
    assert shown == pairs(identified)
    check_keys(world, actor, seen, identified)
    for study in world.patients:
        check_retrieves(actor, study, is_seen=study in seen, whole=study in identified)
    check_feed(world, actor, person, identified)


def pairs(studies: set[Study]) -> set[tuple[str, str]]:
    return {(study.partition, study.uid) for study in studies}


def searched(
    actor: Actor,
    partition: str | None,
    asked: bytes | Query,
    *,
    with_patient: bool = False,
) -> set[tuple[str, str]]:
    """Return the studies that are found; those that tell a PatientID only, if asked."""
    query = parse(Target(Level.STUDY), asked) if isinstance(asked, bytes) else asked
    try:
        found = search(
            actor=actor, partition=partition, query=query, base_url="http://h"
        )
    except NotFound:
        return set()
    rows = orjson.loads(found.body)
    assert found.cursor is None
    told = [row for row in rows if not with_patient or PATIENT_ID in row]
    addresses = [row["00081190"]["Value"][0].split("/") for row in told]
    pairs_found = [(partition or each[-3], each[-1]) for each in addresses]
    assert len(pairs_found) == len(set(pairs_found))
    return set(pairs_found)


def check_keys(
    world: World, actor: Actor, seen: set[Study], identified: set[Study]
) -> None:
    """What tells who a patient is finds only where that is seen."""
    for patient in set(world.patients.values()) - {""}:
        wanted = {each for each in identified if world.patients[each] == patient}
        words = free_text(Level.STUDY, f"{patient} ct")
        by_words = Query(Target(Level.STUDY), free_text=(words,), limit=200)
        for asked in (f"PatientID={patient}".encode(), by_words):
            try:
                assert searched(actor, None, asked) == pairs(wanted)
            except Forbidden:
                assert not identified
                assert actor.reach(Verb.READ) != actor.reach(Verb.VIEW_PHI)
    uids = "\\".join(study.uid for study in world.patients).encode()
    if uids:
        query = b"limit=200&StudyInstanceUID=" + uids
        assert searched(actor, None, query) == pairs(seen)


def check_retrieves(actor: Actor, study: Study, *, is_seen: bool, whole: bool) -> None:
    address = Address(study.partition, study.uid)
    bytes_, metadata = outcome_of(retrieve_instances, actor, address), None
    assert outcome_of(retrieve_all_bulkdata, actor, address) is bytes_
    if is_seen:
        listing = retrieve_metadata(actor=actor, address=address)
        assert listing.found.is_identified == whole
        metadata = orjson.loads(unpack(listing.page[0].metadata))
        assert whole or PATIENT_ID not in metadata
        assert bytes_ is (None if whole else Forbidden)
    else:
        with pytest.raises(NotFound):
            retrieve_metadata(actor=actor, address=address)
        assert bytes_ is NotFound


def outcome_of(
    retrieve: Callable[..., object], actor: Actor, address: Address
) -> type[PortalError] | None:
    try:
        retrieve(actor=actor, address=address)
    except PortalError as error:
        return type(error)
    return None


def check_feed(
    world: World, actor: Actor, person: Person, identified: set[Study]
) -> None:
    entries = read_feed(
        actor=actor,
        where=Filter(),
        after=0,
        offset=0,
        limit=10_000,
        metadata=Metadata.OF_ITS_MOMENT,
    )
    told = {(entry.partition_name, entry.entry.key[0]) for entry in entries}
    seen = {study for study in world.patients if person.sees(study)}
    saw = {study for study in world.ended if person.saw(study)}
    assert told == pairs(seen | saw)
    for entry in entries:
        if entry.metadata and PATIENT_ID in orjson.loads(unpack(entry.metadata)):
            assert (entry.partition_name, entry.entry.key[0]) in pairs(identified)
