"""What a client was told: what is certain, and what stayed open.

A request changes everything that it names or nothing. One that was answered is
certain; one whose answer never came has happened or not, and nobody touches what it
names until it is certain again: by the answer to a second try, or by the judge.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Key(NamedTuple):
    """The three UIDs of an instance."""

    study: str
    series: str
    instance: str

    @property
    def path(self) -> str:
        """Return its address below ``/dicomweb``."""
        return f"/studies/{self.study}/series/{self.series}/instances/{self.instance}"


class Content(NamedTuple):
    """What tells one form of an instance from all others.

    Attributes
    ----------
    name
        The PatientName, which each content has for itself.
    """

    sha256: bytes
    name: str


class Verb(StrEnum):
    """What a client asks for."""

    STORE = "POST"
    REPLACE = "PUT"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Request:
    """A request and what is held once it has happened; None is nothing."""

    verb: Verb
    path: str
    after: Mapping[Key, Content | None]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Ledger:
    """What one client knows.

    Attributes
    ----------
    held
        What was acknowledged and must be there.
    gone
        Whose delete was acknowledged since the judge last looked.
    aside
        Requests that may have happened.
    counts
        What the summary tells: acknowledged requests by verb, tries without an answer.
    """

    held: dict[Key, Content] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    aside: list[Request] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def settle(self, request: Request) -> None:
        """Note that the request has happened."""
        for key, content in request.after.items():
            if content is None:
                del self.held[key]
                self.gone.add(key)
            else:
                self.held[key] = content
                self.gone.discard(key)

    def free(self) -> list[Key]:
        """Return what is held for certain."""
        taken = {key for request in self.aside for key in request.after}
        return [key for key in self.held if key not in taken]

    def is_certain_below(self, study: str, series: str | None = None) -> bool:
        """Return whether nothing below a study or series is open."""
        return not any(
            key.study == study and series in {None, key.series}
            for request in self.aside
            for key in request.after
        )
