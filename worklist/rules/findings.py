"""What is wrong with a request on a workitem: where, by which rule, and what to do."""

from enum import StrEnum
from typing import Final, NamedTuple


class Rule(StrEnum):
    """The rule that a data set breaks."""

    SYNTAX = "syntax"
    """It is no DICOM JSON (PS3.18 annex F)."""
    VALUE = "value"
    """A value breaks its value representation or multiplicity (PS3.5 6.2)."""
    ENUMERATED = "enumerated"
    """A value is none of those that are enumerated (PS3.3 C.30)."""
    MISSING = "missing"
    """An attribute of type 1 or 2 is not there (PS3.4 5.4.2.1)."""
    EMPTY = "empty"
    """An attribute that has to have a value has none."""
    NOT_EMPTY = "not empty"
    """An attribute that has to be empty has a value."""
    NOT_ALLOWED = "not allowed"
    """The service does not take this attribute."""
    IDENTITY = "identity"
    """The UIDs of a request contradict each other, or name nothing of ours."""
    STATE = "state"
    """A workitem is created in another state than SCHEDULED."""
    LIMIT = "limit"
    """It is larger than a workitem may be."""


DIMSE_STATUS: Final = {
    Rule.SYNTAX: 0x0110,
    Rule.VALUE: 0x0106,
    Rule.ENUMERATED: 0x0106,
    Rule.MISSING: 0x0120,
    Rule.EMPTY: 0x0121,
    Rule.NOT_EMPTY: 0x0106,
    Rule.NOT_ALLOWED: 0x0105,
    Rule.IDENTITY: 0x0117,
    Rule.STATE: 0xC309,
    Rule.LIMIT: 0x0213,
}
"""Statuses of N-CREATE and N-SET (PS3.7 annex C, PS3.4 tables CC.2.5-4, CC.2.6-1)."""

MOST_FINDINGS: Final = 50
"""That are told at once; a list of thousands helps nobody but who sent it."""


class Finding(NamedTuple):
    """One thing that is wrong.

    Attributes
    ----------
    path
        Tag in hexadecimal, below sequences with the item's number from 1
        (``0040A370/1/00080050``); empty for the data set as a whole.
    name
        The same in keywords (``ReferencedRequestSequence[1].AccessionNumber``).
    message
        What is wrong and what to do, a sentence that begins with the name. It holds no
        value of the data set.
    is_mendable
        Whether an empty attribute would do, which `worklist.rules.with_defaults` puts
        in: one of type 2 of the data set itself that is not there.
    """

    path: str
    name: str
    rule: Rule
    message: str
    is_mendable: bool = False

    @property
    def status(self) -> int:
        """Return the status of DIMSE for it."""
        return DIMSE_STATUS[self.rule]


class Place(NamedTuple):
    """Where in a data set a check is.

    Attributes
    ----------
    prefix
        Path of the item, with a slash at its end; empty for the data set itself.
    label
        The same in keywords, with a dot at its end.
    """

    prefix: str = ""
    label: str = ""

    def finding(
        self,
        tag: str,
        keyword: str,
        rule: Rule,
        message: str,
        *,
        is_mendable: bool = False,
    ) -> Finding:
        """Return a finding about an attribute at this place."""
        name = self.label + (keyword or tag)
        text = f"{name} ({tag[:4]},{tag[4:]}) {message}"
        return Finding(self.prefix + tag, name, rule, text, is_mendable)

    def item(self, tag: str, keyword: str, number: int) -> "Place":
        """Return the place of an item of a sequence; the first is number 1."""
        return Place(
            f"{self.prefix}{tag}/{number}/",
            f"{self.label}{keyword or tag}[{number}].",
        )
