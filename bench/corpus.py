"""The corpus: any number of valid DICOM objects, seeded, stamped from a template.

An object is its template with some values of fixed length patched, so that making one
costs microseconds and the generator does not compete with the server it measures. All
objects of a kind are equally long and share the bytes of their pixels except the first
eight, which carry the object's number.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from typing import Final

from bench.stamp import Cut
from bench.template import SHAPES, Kind, template_bytes

SOP_CLASSES: Final = {
    "CT": b"1.2.840.10008.5.1.4.1.1.2",
    "MR": b"1.2.840.10008.5.1.4.1.1.4",
}
FAMILIES: Final = (
    *("Adeyemi", "Becker", "Chen", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad"),
    *("Ivanova", "Jones", "Kowalski", "Lopez", "Meier", "Nguyen", "Okafor", "Petrov"),
    *("Quinn", "Rossi", "Silva", "Tanaka", "Ueda", "Vogel", "Wang", "Yilmaz"),
    *("Müller", "Jørgensen", "Çelik", "Łukasik"),
)
GIVEN: Final = ("Ana", "Ben", "Cleo", "Dov", "Eva", "Finn", "Gül", "Hugo")
DATES: Final = tuple(f"20{y}{m:02}{d:02}" for y in (23, 24) for m in range(1, 13)
                     for d in (3, 11, 19, 27))  # fmt: skip
STAMP_BYTES: Final = 8
_UID_LOWEST, _UID_HIGHEST = 10**38, (1 << 128) - 1  # 39 digits, DICOM PS3.5 B.2
_NAME_BYTES: Final = 32
_MODALITY_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Instance:
    """One object: `head` is its own, `tail` belongs to all of its kind."""

    kind: Kind
    sop_instance_uid: str
    head: bytes
    tail: bytes

    @property
    def size_bytes(self) -> int:
        """Return the length of the whole DICOM file."""
        return len(self.head) + len(self.tail)

    @property
    def content(self) -> bytes:
        """Return the whole DICOM file."""
        return self.head + self.tail

    def frame(self, number: int) -> bytes:
        """Return the pixels of frame `number`, counted from 1."""
        size = SHAPES[self.kind].frame_bytes
        start = (number - 1) * size - STAMP_BYTES
        if start < 0:
            return self.head[start:] + self.tail[: start + size]
        return self.tail[start : start + size]


@dataclass(frozen=True, slots=True)
class Series:
    """A series and its instances, in the order of their numbers."""

    series_instance_uid: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A study and what a search finds it by."""

    study_instance_uid: str
    patient_id: str
    patient_name: str
    study_date: str
    accession_number: str
    modality: str
    series: tuple[Series, ...]

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Return the instances of all series."""
        return tuple(i for series in self.series for i in series.instances)


class Stamp:
    """A template cut at the values that vary."""

    def __init__(self, kind: Kind) -> None:
        whole = template_bytes(kind)
        shape = SHAPES[kind]
        pixels = len(whole) - shape.frame_bytes * shape.number_of_frames
        self.tail: Final = whole[pixels + STAMP_BYTES :]
        self._kind = kind
        self._head = Cut(whole[:pixels])

    def press(self, values: dict[str, bytes], number: int) -> Instance:
        """Return the object with `values` in place of the placeholders."""
        head = self._head.filled(values, _pixels_of(number))
        return Instance(
            self._kind, values["sop_instance_uid"].decode(), head, self.tail
        )


def _pixels_of(number: int) -> bytes:
    """Return a number as two pixels, within the twelve bits that theirs have."""
    high, low = divmod(number, 1 << 12)
    return (high << 16 | low).to_bytes(STAMP_BYTES, "little")


@cache
def stamp_of(kind: Kind) -> Stamp:
    """Return the template of `kind`, built once."""
    return Stamp(kind)


class Corpus:
    """An endless supply of studies; the same seed gives the same bytes."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._numbers = count(1)

    def studies(
        self, kind: Kind, *, number_of_series: int = 1, instances_per_series: int
    ) -> Iterator[Study]:
        """Yield studies without end; every fifth patient has a second one."""
        for index in count():
            patient = self._patient()
            for _ in range(2 if index % 5 == 4 else 1):
                yield self._study(kind, patient, number_of_series, instances_per_series)

    def _study(
        self, kind: Kind, patient: tuple[str, str], series: int, instances: int
    ) -> Study:
        modality = self._random.choice(tuple(SOP_CLASSES))
        study = Study(
            study_instance_uid=self._uid(),
            patient_id=patient[0],
            patient_name=patient[1],
            study_date=self._random.choice(DATES),
            accession_number=f"A{self._random.randrange(10**11):011}",
            modality="XA" if kind is Kind.MULTI_FRAME else modality,
            series=(),
        )
        made = tuple(self._series(kind, study, instances) for _ in range(series))
        return replace(study, series=made)

    def _series(self, kind: Kind, study: Study, instances: int) -> Series:
        uid = self._uid()
        values = {name: getattr(study, name).encode() for name in _STUDY_FIELDS}
        values["patient_name"] = values["patient_name"].ljust(_NAME_BYTES)
        values["modality"] = values["modality"].ljust(_MODALITY_BYTES)
        values["series_instance_uid"] = uid.encode()
        if kind is not Kind.MULTI_FRAME:
            values["sop_class_uid"] = SOP_CLASSES[study.modality]
        stamp = stamp_of(kind)
        made = []
        for number in range(1, instances + 1):
            values["sop_instance_uid"] = self._uid().encode()
            values["instance_number"] = f"{number:<6}".encode()
            made.append(stamp.press(values, next(self._numbers)))
        return Series(uid, tuple(made))

    def _patient(self) -> tuple[str, str]:
        family, given = self._random.choice(FAMILIES), self._random.choice(GIVEN)
        return f"P{self._random.randrange(10**11):011}", f"{family}^{given}"

    def _uid(self) -> str:
        return f"2.25.{self._random.randint(_UID_LOWEST, _UID_HIGHEST)}"


_STUDY_FIELDS: Final = (
    "study_instance_uid",
    "patient_id",
    "patient_name",
    "study_date",
    "accession_number",
    "modality",
)
