"""The house test: what is linked bit by bit is what a rebuild links."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from pydicom.dataset import Dataset

from core.errors import Conflict, NotFound
from core.models import DeadLetter, FollowerCursor
from fhirlink.linkage import folding
from fhirlink.linkage.follower import LinkFollower
from fhirlink.linkage.identifiers import Identifier
from fhirlink.linkage.resolve import merge_patients, split_patient, undo_decision
from fhirlink.models import (
    LinkConflict,
    LinkDecision,
    LinkedStudy,
    LinkKey,
    MadePatient,
    MadeResource,
    PatientLink,
    ReportLink,
)
from fhirlink.write import write
from tests.core import house
from tests.core.house import Killed
from tests.fhirlink.linkage import reports
from tests.fhirlink.linkage.models import sequence
from tests.fhirlink.linkage.world import AUTHORITY, World
from tests.imaging.stores import ADMIN
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.django_db

SEEDS: int = int(os.environ.get("PORTAL_LINKED_WORLDS", "5"))
"""More of them find what is rare: 40 take a minute."""

TABLES: dict[Any, tuple[str, ...]] = {
    LinkConflict: ("study_instance_uid", "kind", "detail"),
    LinkKey: ("owner_type", "owner_id", "kind", "term"),
    LinkedStudy: (
        *("study_instance_uid", "fhir_id", "held_since", "patient_id", "term"),
        *("told", "subject", "how", "matched", "notes", "of_record"),
    ),
    MadePatient: ("term", "fhir_id", "told", "fate"),
    MadeResource: ("study_instance_uid", "type", "fhir_id"),
    PatientLink: ("patient_id", "fhir_id", "how"),
    ReportLink: ("type", "report", "study_instance_uid", "how"),
}
WRITTEN = (
    *("ImagingStudy", "Patient", "Endpoint", "Device", "Observation"),
    "DocumentReference",
)
ACCESSION = {"system": "urn:oid:1.2.3.5", "value": "ACC1"}


class Hospital(World):
    """A world in which one thing after another happens by chance."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.studies = [new_uid() for _ in range(4)]
        self.series = {each: [new_uid(), new_uid()] for each in self.studies}
        self.kill_next = False

    def image(self) -> Dataset:
        study = self.chance.choice(self.studies)
        made = instance(
            StudyInstanceUID=study,
            SeriesInstanceUID=self.chance.choice(self.series[study]),
            SOPInstanceUID=f"{study[:50]}.{self.chance.randint(1, 3)}",
            PatientID=self.chance.choice(["P1", "P1", "P2", "P3", ""]),
            PatientName=self.chance.choice(["Doe^Jane", "Roe^Richard"]),
            DeviceSerialNumber=self.chance.choice(["1", "2"]),
        )
        if self.chance.random() < 0.3:
            other = self.chance.choice(["P1", "P2", "X"])
            made.OtherPatientIDsSequence = sequence(
                {"PatientID": other, "IssuerOfPatientID": AUTHORITY}
            )
        return made

    def report(self) -> Dataset:
        """Return a report with some measurements, one that may be held already."""
        study = self.chance.choice(self.studies)
        number = reports.number(reports.DIAMETER, str(self.chance.randint(1, 2)), "mm")
        return reports.measurements(
            "1.2.9",
            *[number] * self.chance.randint(1, 3),
            StudyInstanceUID=study,
            SeriesInstanceUID=f"{study[:50]}.9",
            SOPInstanceUID=f"{study[:50]}.9.1",
        )

    def put_patient(self) -> None:
        value = self.chance.choice(["P1", "P2", "X"])
        links: dict[str, Any] = {}
        if self.chance.random() < 0.3:
            other = self.chance.choice(["R1", "R2", "RX"])
            reference = {"reference": f"Patient/{other}"}
            links = {"link": [{"other": reference, "type": "replaced-by"}]}
        self.patient(value, self.chance.choice([f"R{value[-1]}", "R1"]), **links)

    def put_made_patient(self) -> None:
        made = sorted(self.all_of("Patient"))
        if made:
            self.patient("P1", self.chance.choice(made))

    def put_study(self) -> None:
        study = self.chance.choice(self.studies)
        self.write(
            "ImagingStudy",
            self.chance.choice(["S1", "S2"]),
            identifier=[{"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}],
            status="registered",
            subject={"reference": "Patient/R1"},
            reasonCode=[{"text": str(self.chance.randint(1, 3))}],
        )

    def put_order(self) -> None:
        subject = {"reference": f"Patient/{self.chance.choice(['R1', 'R2'])}"}
        order = self.chance.choice(["O1", "O2"])
        identifiers = [ACCESSION]
        if self.chance.random() < 0.5:
            uid = f"urn:oid:{self.chance.choice(self.studies)}"
            identifiers.append({"system": "urn:dicom:uid", "value": uid})
        self.write(
            "ServiceRequest",
            order,
            identifier=identifiers,
            subject=subject,
            status=self.chance.choice(["active", "active", "revoked"]),
        )

    def put_report(self) -> None:
        study = self.chance.choice(self.studies)
        identifier = {"system": "urn:dicom:uid", "value": f"urn:oid:{study}"}
        content: dict[str, Any] = self.chance.choice(
            [
                {"imagingStudy": [{"identifier": identifier}]},
                {"identifier": [ACCESSION]},
                {"basedOn": [{"reference": "ServiceRequest/O1"}]},
            ]
        )
        self.write(
            "DiagnosticReport",
            self.chance.choice(["D1", "D2"]),
            subject={"reference": "Patient/R1"},
            **content,
        )

    def put_document(self) -> None:
        """Have the record tell of a document that is in a study, or may come."""
        study = self.chance.choice(self.studies)
        named = self.chance.choice([study, f"{study[:50]}.9.1"])
        self.write(
            "DocumentReference",
            self.chance.choice(["F1", "F2"]),
            masterIdentifier={"system": "urn:dicom:uid", "value": f"urn:oid:{named}"},
        )

    def put_made_document(self) -> None:
        """Have the record write over a document of a study."""
        made = sorted(self.all_of("DocumentReference"))
        if made:
            self.write("DocumentReference", self.chance.choice(made))

    def forget(self) -> None:
        """Have the record delete something of its own."""
        type_ = self.chance.choice(
            [
                *("Patient", "ServiceRequest", "ImagingStudy"),
                *("DocumentReference", "DiagnosticReport"),
            ]
        )
        own = [each for each in sorted(self.all_of(type_)) if len(each) < 5]
        if own:
            self.delete(type_, self.chance.choice(own))

    def remove_some(self) -> None:
        held = sorted(
            LinkedStudy.objects.exclude(held_since=None)
            .filter(partition__name=self.name)
            .values_list("study_instance_uid", flat=True)
        )
        if held:
            with suppress(Exception):  # it may be gone already
                self.remove(self.chance.choice(held))

    def decide(self) -> None:
        """Have a person merge, split, or undo."""
        made = LinkDecision.objects.filter(partition__name=self.name, undone_at=None)
        said: Any = {"actor": ADMIN, "partition": self.name, "reason": "seen"}
        one = Identifier(AUTHORITY, self.chance.choice(["P1", "P2"]))
        others: list[Identifier | str] = [Identifier(AUTHORITY, "P3"), "R2"]
        other = self.chance.choice(others)
        with suppress(Conflict, NotFound):
            if made and self.chance.random() < 0.5:
                undo_decision(key=self.chance.choice(list(made)).pk, **said)
            elif self.chance.random() < 0.5:
                merge_patients(first=one, second=other, **said)
            else:
                split_patient(identifier=one, **said)

    def fold(self) -> None:
        """Fold what is dirty; now and then die before all is written."""
        self.kill_next = self.chance.random() < 0.3
        with suppress(Killed):
            folding.fold_dirty()
        self.kill_next = False

    def writes(self, number: int) -> Iterator[Callable[[], object]]:
        """Yield what happens."""
        every = [
            *[lambda: self.store(self.image())] * 4,
            lambda: self.store(self.report()),
            *[self.fold] * 3,
            *(self.put_patient, self.put_patient, self.put_made_patient),
            *(self.put_order, self.put_report, self.put_study, self.forget),
            *(self.put_document, self.put_made_document),
            *(self.remove_some, self.repeat, self.decide),
        ]
        return (self.chance.choice(every) for _ in range(number))

    def repeat(self) -> None:
        """Have entries delivered once more; of parked ones the order is kept."""
        if not DeadLetter.objects.exists():
            cursor = FollowerCursor.objects.filter(name=LinkFollower.name)
            seq = cursor.values_list("seq", flat=True).first() or 0
            cursor.update(seq=self.chance.randint(0, seq))

    def rows_of(self, table: Any, names: tuple[str, ...]) -> Any:
        return table.objects.filter(partition__name=self.name).values_list(*names)

    def snapshot(self) -> dict[str, Any]:
        """Return all that is derived, when nothing is left to be folded."""
        self.link()
        found: dict[str, Any] = {
            table.__name__: sorted(map(repr, self.rows_of(table, names)))
            for table, names in TABLES.items()
        }
        return {**found, **{type_: self.all_of(type_) for type_ in WRITTEN}}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_linked_bit_by_bit_is_what_a_rebuild_links(
    seed: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital = Hospital(seed)

    def interrupted(*values: Any) -> Any:
        written = write(*values)
        if hospital.kill_next:
            raise Killed
        return written

    monkeypatch.setattr("fhirlink.linkage.folding.write", interrupted)
    house.check(
        LinkFollower(),
        writes=hospital.writes(40),
        snapshot=hospital.snapshot,
        seed=seed,
        repeats=False,  # `Hospital.repeat` does
    )
