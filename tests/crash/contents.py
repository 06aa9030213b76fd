"""Requests that clients send: seeded, each content unlike every other."""

import hashlib
import random
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Final

from tests.crash.ledger import Content, Key, Request, Verb
from tests.synthetic import ROOT, add_pixels, encode, instance, multipart

LARGE: Final = 0.05  # of the instances: half a megabyte, so that kills meet bodies
MODALITIES: Final = ("CT", "MR", "US")


class Forge:
    """Makes the instances of one client; its number is in each UID and name."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self._number = number
        self._dice = dice
        self._serial = count(1)

    def uid(self) -> str:
        """Return a UID that this campaign has not used."""
        return f"{ROOT}{self._number + 1}.{next(self._serial)}"

    def make(self, key: Key) -> tuple[bytes, Content]:
        """Return a file of the instance and what it will be known by."""
        serial = next(self._serial)
        name = f"Client{self._number}^{serial}"
        dataset = instance(
            StudyInstanceUID=key.study,
            SeriesInstanceUID=key.series,
            SOPInstanceUID=key.instance,
            PatientName=name,
            PatientID=self._dice.choice(["", "P1", "P2"]),
            StudyDescription=f"Description {serial}",
            Modality=MODALITIES[len(key.series) % len(MODALITIES)],
            InstanceNumber=serial,
        )
        if self._dice.random() < LARGE:
            add_pixels(dataset, rows=512, columns=512)
        data = encode(dataset)
        return data, Content(hashlib.sha256(data).digest(), name)

    def store(self, keys: Iterable[Key], verb: Verb = Verb.STORE) -> Request:
        """Return a request that stores new instances, or replaces held ones."""
        made = {key: self.make(key) for key in keys}
        body, headers = multipart(*(data for data, _ in made.values()))
        after = {key: content for key, (_, content) in made.items()}
        return Request(verb, "/studies", after, body, headers)


def delete(path: str, keys: Iterable[Key]) -> Request:
    """Return a request that deletes all that is held below an address."""
    after: Mapping[Key, Content | None] = dict.fromkeys(keys)
    return Request(Verb.DELETE, path, after)
