"""Any number of studies without pixels, each a pure function of its number.

What a search finds grows with the archive in a real one, too, but here a search for a
patient, a day or a family name finds as many studies in a small population as in a
large one: what is compared is the cost of finding them, not that of answering more.
So days follow each other, and there are more families among more patients.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import blake2b
from typing import Final

from bench.corpus import GIVEN, SOP_CLASSES

INSTANCES_PER_STUDY: Final = 40
STUDIES_A_DAY: Final = 4
PATIENTS_OF_A_FAMILY: Final = 8
SERIES_SIZES: Final = (40, 150, 600)  # of the studies whose metadata is asked for
METADATA_PARTITION: Final = "metadata"
WHOLE: Final = "default"
_FIRST_DAY: Final = date(2001, 1, 1)
_STUDIES_OF_FIVE_PATIENTS: Final = 6  # every fifth patient has two
_SYLLABLES: Final = (
    *("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu"),
    *("na", "pe", "ri", "so", "tu", "va", "we", "xi", "yo", "zu"),
)
_MODALITIES: Final = tuple(SOP_CLASSES)
_UID_LOWEST, _UID_HIGHEST = 10**38, (1 << 128) - 1  # 39 digits, as in the corpus


@dataclass(frozen=True, slots=True)
class Study:
    """A study of one series, and what a search finds it by."""

    partition: str
    study_instance_uid: str
    series_instance_uid: str
    patient_id: str
    patient_name: str
    study_date: str
    accession_number: str
    modality: str
    number_of_instances: int

    @property
    def family_name(self) -> str:
        """Return the first component of the patient's name."""
        return self.patient_name.partition("^")[0]

    def instance_uids(self) -> Iterator[str]:
        """Yield the UIDs of the instances, in the order of their numbers."""
        for number in range(1, self.number_of_instances + 1):
            yield _uid("instance", self.series_instance_uid, number)


@dataclass(frozen=True, slots=True)
class Population:
    """So many studies, in one data partition or spread over many."""

    number_of_studies: int
    number_of_partitions: int = 1

    @property
    def number_of_instances(self) -> int:
        """Return how many instances all studies have."""
        return self.number_of_studies * INSTANCES_PER_STUDY + sum(SERIES_SIZES)

    def partitions(self) -> list[str]:
        """Return the names of the partitions that the studies lie in."""
        return [self._partition(number) for number in range(self.number_of_partitions)]

    def studies(self) -> Iterator[Study]:
        """Yield the studies that are searched for, oldest first."""
        return map(self._study, range(self.number_of_studies))

    def metadata_studies(self) -> Iterator[Study]:
        """Yield the studies of the metadata rows, in a partition of their own."""
        for number, size in enumerate(SERIES_SIZES):
            made = _made(METADATA_PARTITION, f"metadata {number}", 0, 0, 1, size)
            # Nobody whom a search across partitions asks for.
            yield replace(
                made,
                patient_id=f"M{number:011}",
                patient_name="Metadata",
                study_date="19000101",
            )

    def _study(self, number: int) -> Study:
        five, rest = divmod(number, _STUDIES_OF_FIVE_PATIENTS)
        patient = five * 5 + min(rest, 4)
        families = max(1, self.number_of_studies // PATIENTS_OF_A_FAMILY)
        families += families % 5 == 0  # every fifth patient has two studies
        partition = self._partition(five % self.number_of_partitions)
        return _made(
            partition, str(number), number, patient, families, INSTANCES_PER_STUDY
        )

    def _partition(self, number: int) -> str:
        return WHOLE if self.number_of_partitions == 1 else f"scope-{number:04}"


def _made(
    partition: str, seed: str, number: int, patient: int, families: int, size: int
) -> Study:
    day = _FIRST_DAY + timedelta(days=number // STUDIES_A_DAY)
    # Consecutive patients are of different families: a family lies all over the table.
    family, given = patient % families, GIVEN[patient // families % len(GIVEN)]
    return Study(
        partition=partition,
        study_instance_uid=_uid("study", seed),
        series_instance_uid=_uid("series", seed),
        patient_id=f"P{patient:011}",
        patient_name=f"{_family_name(family)}^{given}",
        study_date=f"{day:%Y%m%d}",
        accession_number=f"A{number:011}",
        modality=_MODALITIES[number % len(_MODALITIES)],
        number_of_instances=size,
    )


def _family_name(number: int) -> str:
    """Return a name that begins no other."""
    syllables = []
    for _ in range(4):
        number, digit = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[digit])
    return "".join(syllables).capitalize()


def _uid(*seed: object) -> str:
    """Return a UID that looks random, as those of the corpus do."""
    digest = blake2b(repr(seed).encode(), digest_size=16).digest()
    span = _UID_HIGHEST - _UID_LOWEST + 1
    return f"2.25.{_UID_LOWEST + int.from_bytes(digest) % span}"
