"""The numbers of events: which one, and where to go on after it: pure.

An event is told by the entry of the change feed that it is a view of, and its place
among the events of that entry. A client that has taken one goes on after it by
``?cursor=`` with its number, and knows by it one that it is sent twice.
"""

import re
from typing import Final, NamedTuple

from core.errors import Invalid

_NUMBER: Final = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,9}))?", re.ASCII)
_MESSAGE_IDS: Final = 0xFFFF
_PER_ENTRY: Final = 8  # so that neighbours have different ones
ALL: Final = 10**9
"""Stands for the last of an entry's events."""


class Number(NamedTuple):
    """Which event: of this entry, at this place among its events.

    At place 0 stands the state that a subscriber is told first.
    """

    seq: int
    place: int = ALL

    def __str__(self) -> str:
        """Return it as clients know it."""
        return f"{self.seq}" if self.place >= ALL else f"{self.seq}.{self.place}"

    @property
    def message_id(self) -> int:
        """Return the Message ID (0000,0110), which DIMSE tells messages apart by."""
        return (self.seq * _PER_ENTRY + self.place) % _MESSAGE_IDS + 1

    @property
    def complete_seq(self) -> int:
        """Return the entry up to which all have been taken with it."""
        return self.seq if self.place >= ALL else self.seq - 1

    @classmethod
    def read(cls, text: str) -> "Number":
        """Return the number that a client has sent; that of an entry is its last.

        Raises
        ------
        Invalid
            It is none.
        """
        found = _NUMBER.fullmatch(text)
        if found is None:
            message = "The cursor must be the number of an event."
            raise Invalid(message, path="cursor")
        return cls(int(found[1]), ALL if found[2] is None else int(found[2]))
