"""A small world of studies, projects, accounts and grants, and what follows from it.

Each step is done by the domain functions and noted in plain sets; who sees what is then
worked out from the sets alone, without SQL.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from django.contrib.auth.models import Group
from django.utils import timezone

from core.access import system
from core.accounts.grants import AnyGrant, Level, grant, revoke
from core.accounts.roles import ROLES
from core.errors import Conflict
from core.models import Account, Scope
from core.partitions import get_or_create_partition
from imaging.delete import delete_instances
from imaging.models import Project
from imaging.move import move_study
from imaging.project_contents import (
    PatientIdentity,
    add_patients,
    add_studies,
    remove_patients,
    remove_studies,
)
from imaging.projects import create_project, delete_project, scope
from imaging.scopes import scope_of_partition, scope_of_patient, scope_of_study
from tests.imaging.stores import ADMIN, received, store

SYSTEM: Final = system("test")
PARTITIONS: Final = ("north", "south")
PATIENTS: Final = ("P1", "P2", "P3", "P4")
UIDS: Final = tuple(f"1.{n}" for n in range(1, 9))
PEOPLE: Final = {
    "researcher": ("Researcher",),
    "radiologist": ("Radiologist",),
    "both": ("Researcher", "Service Writer"),
    "reader": ("Service Reader",),
    "bound": ("Service Reader",),
    "writer": ("Service Writer",),
}
Thing = tuple[str, str, str]
"""Partition, kind and name of what a grant is on."""


@dataclass(frozen=True, slots=True)
class Study:
    """A study as the oracle knows it; another one for each time that it is stored."""

    partition: str
    uid: str
    number: int


@dataclass
class World:
    """What is there."""

    draw: random.Random
    patients: dict[Study, str] = field(default_factory=dict)
    projects: dict[Thing, tuple[Project, set[Study], set[str]]] = field(
        default_factory=dict
    )
    granted: dict[tuple[str, Thing, Level], AnyGrant] = field(default_factory=dict)
    ended: dict[Study, set[Thing]] = field(default_factory=dict)
    scoped: set[Thing] = field(default_factory=set)
    number: int = 0

    def __post_init__(self) -> None:
        for name in PARTITIONS:
            get_or_create_partition(actor=ADMIN, name=name)
        team = Group.objects.create(name="team")
        for name, roles in PEOPLE.items():
            account = Account.objects.create(
                username=name, only_granted=name == "bound"
            )
            account.groups.add(*Group.objects.filter(name__in=roles))
        Account.objects.get(username="researcher").groups.add(team)
        Account.objects.get(username="bound").groups.add(team)

    def step(self) -> None:
        """Do something."""
        steps: tuple[Callable[[], None], ...] = (
            self.store, self.store, self.store, self.delete, self.move,
            self.make_project, self.change_project, self.change_project,
            self.grant, self.grant, self.grant, self.grant, self.revoke, self.expire,
            self.end_project,
        )  # fmt: skip
        self.draw.choice(steps)()

    def store(self) -> None:
        """Store an instance: a new study, or another patient for a held one."""
        partition, uid = self.draw.choice(PARTITIONS), self.draw.choice(UIDS)
        patient = self.draw.choice((*PATIENTS, ""))
        self.number += 1
        sop = f"{uid}.1.{self.number}"
        one = received(uid, f"{uid}.1", sop, patient_id=patient)
        store(one, partition=partition)
        held = self.held(partition, uid) or Study(partition, uid, self.number)
        self.patients[held] = patient or self.patients.get(held, "")

    def delete(self) -> None:
        """Delete a study."""
        if not self.patients:
            return
        study = self.draw.choice(list(self.patients))
        delete_instances(
            actor=ADMIN, partition=study.partition, study_instance_uid=study.uid
        )
        self._end(study)

    def move(self) -> None:
        """Move a study to the other partition, unless that holds one of its UID."""
        if not self.patients:
            return
        study = self.draw.choice(list(self.patients))
        (to,) = set(PARTITIONS) - {study.partition}
        move = partial(
            move_study,
            actor=ADMIN,
            partition=study.partition,
            study_instance_uid=study.uid,
            to=to,
            reason="test",
        )
        if self.held(to, study.uid):
            with suppress(Conflict):
                move()
                raise AssertionError
            return
        move()
        patient = self.patients[study]
        self._end(study)
        self.number += 1
        self.patients[Study(to, study.uid, self.number)] = patient

    def make_project(self) -> None:
        """Make an empty project."""
        partition, name = self.draw.choice(PARTITIONS), f"p{len(self.projects)}"
        thing = (partition, "project", name)
        if thing not in self.projects and len(self.projects) < 4:
            project = create_project(actor=SYSTEM, partition=partition, name=name)
            self.projects[thing] = (project, set(), set())
            self.scoped.add(thing)

    def end_project(self) -> None:
        """Delete a project, now and then."""
        if self.projects and self.draw.random() < 0.3:
            thing = self.draw.choice(list(self.projects))
            delete_project(actor=SYSTEM, project_id=self.projects.pop(thing)[0].pk)
            self.granted = {
                key: given for key, given in self.granted.items() if key[1] != thing
            }
            for things in self.ended.values():
                things.discard(thing)

    def change_project(self) -> None:
        """Put a study or patient into a project, or take it out."""
        if not self.projects:
            return
        thing = self.draw.choice(list(self.projects))
        project, studies, patients = self.projects[thing]
        here = [study for study in self.patients if study.partition == thing[0]]
        known = {self.patients[study] for study in here} - {""}
        if self.draw.random() < 0.5 and here:
            study = self.draw.choice(here)
            add = study not in studies
            change = add_studies if add else remove_studies
            change(actor=SYSTEM, project_id=project.pk, uids=[study.uid])
            (studies.add if add else studies.discard)(study)
        elif known:
            patient = self.draw.choice(sorted(known))
            add = patient not in patients
            alter = add_patients if add else remove_patients
            identity = PatientIdentity(patient)
            alter(actor=SYSTEM, project_id=project.pk, patients=[identity])
            (patients.add if add else patients.discard)(patient)

    def grant(self) -> None:
        """Grant something to somebody."""
        found = self._thing()
        if found is None:
            return
        thing, on = found
        name = self.draw.choice((*PEOPLE, "team"))
        to = (
            Group.objects.get(name=name)
            if name == "team"
            else Account.objects.get(username=name)
        )
        level = self.draw.choice([Level.SEE, Level.IDENTIFY])
        given = grant(actor=SYSTEM, scope=on, to=to, level=level)
        self.granted[name, thing, level] = given
        self.scoped.add(thing)

    def revoke(self) -> None:
        """Take a grant back."""
        if self.granted:
            key = self.draw.choice(list(self.granted))
            revoke(actor=SYSTEM, given=self.granted.pop(key))

    def expire(self) -> None:
        """Have a grant end."""
        if self.granted:
            given = self.granted.pop(self.draw.choice(list(self.granted)))
            past = timezone.now() - timedelta(seconds=1)
            type(given).objects.filter(pk=given.pk).update(expires_at=past)

    def held(self, partition: str, uid: str) -> Study | None:
        """Return the study of a UID that is held now."""
        here = (partition, uid)
        return next((s for s in self.patients if (s.partition, s.uid) == here), None)

    def things(self, study: Study) -> set[Thing]:
        """Return everything that leads to a study but its partition."""
        partition, patient = study.partition, self.patients[study]
        found = {(partition, "study", str(study.number))}
        if patient:
            found.add((partition, "patient", patient))
        for thing, (_project, studies, patients) in self.projects.items():
            if thing[0] == partition and (study in studies or patient in patients):
                found.add(thing)
        return found

    def _end(self, study: Study) -> None:
        """Note that a study is no longer where it was."""
        self.ended = {  # of studies of one UID the last one counts
            each: things
            for each, things in self.ended.items()
            if (each.partition, each.uid) != (study.partition, study.uid)
        }
        # What is granted later on shows nothing of it.
        self.ended[study] = self.things(study) & self.scoped
        del self.patients[study]
        for _project, studies, _patients in self.projects.values():
            studies.discard(study)

    def _thing(self) -> tuple[Thing, Scope] | None:
        partition = self.draw.choice(PARTITIONS)
        here = [study for study in self.patients if study.partition == partition]
        match self.draw.choice(["partition", "study", "patient", "project"]):
            case "partition" if self.draw.random() < 0.2:
                return (partition, "partition", ""), scope_of_partition(
                    actor=SYSTEM, partition=partition
                )
            case "study" if here:
                study = self.draw.choice(here)
                on = scope_of_study(
                    actor=SYSTEM, partition=partition, study_instance_uid=study.uid
                )
                return (partition, "study", str(study.number)), on
            case "patient" if known := {self.patients[each] for each in here} - {""}:
                name = self.draw.choice(sorted(known))
                on = scope_of_patient(
                    actor=SYSTEM, partition=partition, patient_id=name
                )
                return (partition, "patient", name), on
            case "project" if self.projects:
                thing = self.draw.choice(list(self.projects))
                return thing, scope(self.projects[thing][0])
        return None


class Person:
    """What somebody sees, worked out from the sets."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        codenames = [ROLES[role] for role in PEOPLE[name]]
        self.reads = any("read_data" in each for each in codenames)
        self.identifies = any("view_phi" in each for each in codenames)
        self.everywhere = name == "reader"

    def sees(self, study: Study, *, identified: bool = False) -> bool:
        """Return whether they see a study that is held, and who the patient is."""
        return self._sees(study, self.world.things(study), identified=identified)

    def sees_project(self, thing: Thing) -> bool:
        """Return whether they see that a project is there."""
        return self._sees(Study(thing[0], "", 0), {thing}, identified=False)

    def saw(self, study: Study) -> bool:
        """Return whether they saw a study when it was deleted."""
        again = self.world.held(study.partition, study.uid)
        if again is not None:
            return self.sees(again)
        return self._sees(study, self.world.ended[study], identified=False)

    def _sees(self, study: Study, things: set[Thing], *, identified: bool) -> bool:
        if not self.reads:
            return False
        if self.everywhere:
            return True
        names = {self.name} | (
            {"team"} if self.name in {"researcher", "bound"} else set()
        )
        whole = (study.partition, "partition", "")
        levels = {
            level
            for (to, thing, level) in self.world.granted
            if to in names and (thing in things or thing == whole)
        }
        if identified and not self.identifies:
            return Level.IDENTIFY in levels
        return bool(levels)
