"""Whatever happens in whatever order, each account sees what an oracle says."""

import random
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import pytest
from django.db import transaction

from core.access import Actor, system
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant, revoke
from core.models import Account, AccountGrant, Partition, Scope
from imaging.delete import delete_instances
from imaging.scopes import scope_of_patient
from tests.imaging.stores import ADMIN, received, store
from tests.synthetic import new_uid
from tests.worklist.opening import CHIEF, change, move_to, naming, opened
from tests.worklist.steps import Model, send, step
from tests.worklist.test_access import of_worklist, somebody
from worklist.create import create_checked
from worklist.delete import delete_workitem
from worklist.opening import Origin
from worklist.rules import check_create

pytestmark = pytest.mark.usefixtures("committing")

STUDIES: Final = [f"1.{number}" for number in range(1, 6)]
PATIENTS: Final = ["P1", "P2"]
LISTS: Final = ["A", "B", "C"]
STEPS: Final = 60


class Held(NamedTuple):
    """A study as it is held; another one of its UID has another number."""

    number: int
    patient: str


class Opening(NamedTuple):
    """What a name opens: any, those of a patient, the one of a number; or nothing."""

    is_any: bool = False
    patient: str = ""
    number: int = 0

    def has(self, held: Held | None) -> bool:
        if held is None:
            return False
        return self.is_any or held.patient == self.patient or held.number == self.number


@dataclass
class Somebody:
    """An account, and what it was granted."""

    actor: Actor
    lists: set[str] = field(default_factory=set)
    patients: set[str] = field(default_factory=set)
    is_chief: bool = False


class World:
    """Studies, workitems and accounts: as they are held, and as they are thought of."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.number = 0
        self.studies: dict[str, Held] = {}
        self.lists: dict[str, str] = {}  # of workitems
        self.names: dict[str, dict[str, Opening]] = {}
        self.store()
        while {each.patient for each in self.studies.values()} != {*PATIENTS}:
            self.store()
        self.chief = Somebody(CHIEF, is_chief=True)
        self.others = [self._somebody() for _ in range(4)]
        patient = scope_of_patient(
            actor=ADMIN, partition="default", patient_id=PATIENTS[0]
        )
        self._grant(self.others[0], patient)
        self.others[0].patients.add(PATIENTS[0])
        for each, label in zip(self.others[:2], LISTS, strict=False):
            self.open_list(each, label)

    def _somebody(self) -> Somebody:
        return Somebody(somebody("Radiologist"))

    def _grant(self, to: Somebody, scope: Scope) -> None:
        account = Account.objects.get(username=to.actor.name)
        grant(actor=ADMIN, scope=scope, to=account, level=Level.IDENTIFY)
        self._refresh(to)

    def _refresh(self, each: Somebody) -> None:
        each.actor = actor_of_account(Account.objects.get(username=each.actor.name))

    # What is to be seen.

    def on_list(self, label: str, uid: str) -> bool:
        return any(
            self.lists[each] == label and names[uid].has(self.studies.get(uid))
            for each, names in self.names.items()
            if uid in names
        )

    def sees(self, who: Somebody, uid: str) -> bool:
        held = self.studies.get(uid)
        if held is None:
            return False
        return (
            who.is_chief
            or held.patient in who.patients
            or any(self.on_list(label, uid) for label in who.lists)
        )

    def check(self) -> int:
        """Ask as each account; return how many studies were seen."""
        number = 0
        for each in self.others:
            expected = {uid for uid in STUDIES if self.sees(each, uid)}
            assert opened(each.actor) == expected
            number += len(expected)
        return number

    # What happens.

    def store(self) -> None:
        uid, patient = self.draw.choice(STUDIES), self.draw.choice(PATIENTS)
        store(received(uid, f"{uid}.1", new_uid(), patient_id=patient))
        self.number += 1
        number = self.studies[uid].number if uid in self.studies else self.number
        self.studies[uid] = Held(number, patient)

    def delete_study(self) -> None:
        if len(self.studies) > 1:
            uid = self.draw.choice(sorted(self.studies))
            del self.studies[uid]
            delete_instances(actor=ADMIN, partition="default", study_instance_uid=uid)

    def open_list(self, to: Somebody | None = None, label: str = "") -> None:
        to = to or self.draw.choice(self.others)
        label = label or self.draw.choice(LISTS)
        self._grant(to, of_worklist(label))
        to.lists.add(label)

    def close_list(self) -> None:
        who = self.draw.choice(self.others)
        if who.lists:
            label = self.draw.choice(sorted(who.lists))
            who.lists.remove(label)
            given = AccountGrant.objects.get(
                user=who.actor.account_id, content_object=of_worklist(label)
            )
            revoke(actor=ADMIN, given=given)
            self._refresh(who)

    def writer(self) -> Somebody:
        return self.draw.choice([self.chief, *self.others])

    def some(self) -> list[str]:
        return self.draw.sample(STUDIES, self.draw.randint(1, 3))

    def opening(self, who: Somebody, uid: str) -> Opening:
        if who.is_chief:
            return Opening(is_any=True)
        if self.sees(who, uid):
            return Opening(number=self.studies[uid].number)
        return Opening()

    def create(self) -> None:
        who, uid, named = self.writer(), new_uid(), self.some()
        label = self.draw.choice(LISTS)
        model = step(
            label=label, patient_id="P9", attributes={"00404021": naming(*named)}
        )
        del model["0020000D"]
        names = {each: self.opening(who, each) for each in named}
        answer = send(f"/workitems?{uid}", "POST", json=[model], actor=who.actor)
        assert answer.status_code in {201, 403, 404}, answer.text
        if answer.status_code == 201:
            self.lists[uid], self.names[uid] = label, names

    def make_by_rule(self) -> None:
        patient, named = self.draw.choice(PATIENTS), self.some()
        subject = named[0] if named[0] in self.studies else ""
        label = self.draw.choice(LISTS)
        model = _step(label, patient, named)
        uid = new_uid()
        with transaction.atomic():
            create_checked(
                actor=system("rules"),
                partition_id=Partition.objects.get(name="default").pk,
                creations=[check_create(model, uid=uid)],
                origins=[Origin(by_rule=True, subject=subject)],
            )
        self.lists[uid] = label
        self.names[uid] = {
            each: Opening(
                patient=patient,
                number=self.studies[each].number if each == subject else 0,
            )
            for each in named
        }

    def rename(self) -> None:
        if not self.names:
            return
        who, uid = self.writer(), self.draw.choice(sorted(self.names))
        before, named = self.names[uid], self.some()
        names = {each: before.get(each, self.opening(who, each)) for each in named}
        status = change(uid, who.actor, t00404021=naming(*named))
        assert status in {200, 403, 404}
        if status == 200:
            self.names[uid] = names

    def move(self) -> None:
        if not self.names:
            return
        who, uid = self.writer(), self.draw.choice(sorted(self.names))
        label, names = self.draw.choice(LISTS), self.names[uid]
        if not who.is_chief and label != self.lists[uid]:
            names = {
                each: self.opening(who, each)
                if opening.has(self.studies.get(each))
                else Opening()
                for each, opening in names.items()
            }
        status = move_to(uid, label, who.actor)
        assert status in {200, 403, 404}
        if status == 200:
            self.lists[uid], self.names[uid] = label, names

    def delete_workitem(self) -> None:
        if self.names:
            uid = self.draw.choice(sorted(self.names))
            send(f"/workitems/{uid}/cancelrequest", "POST", actor=CHIEF)
            delete_workitem(actor=CHIEF, partition="default", uid=uid)
            del self.names[uid], self.lists[uid]

    def go(self) -> None:
        steps = [
            *[self.create] * 4, *[self.rename] * 3, *[self.move] * 2, *[self.store] * 3,
            *[self.make_by_rule] * 2, self.delete_study, self.open_list,
            self.close_list, self.delete_workitem,
        ]  # fmt: skip
        self.draw.choice(steps)()


def _step(label: str, patient: str, named: list[str]) -> Model:
    model = step(
        label=label, patient_id=patient, attributes={"00404021": naming(*named)}
    )
    return {tag: each for tag, each in model.items() if tag != "0020000D"}


@pytest.mark.parametrize("seed", range(3))
def test_each_account_sees_what_the_oracle_says(seed: int) -> None:
    world = World(seed)
    number = 0
    for _ in range(STEPS):
        world.go()
        number += world.check()
    assert number > STEPS  # something was to be seen most of the time
