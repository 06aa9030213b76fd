"""Rows of answers: patients, and what is wanted of them, each with its reasons."""

from collections.abc import Sequence
from typing import NamedTuple

from fhirlink.business_identifiers import Identifier
from fhirlink.happened import Happened
from fhirlink.persons import Person
from imaging.technique import Technique


class Reason(NamedTuple):
    """An event that satisfied a leaf of the criteria.

    Attributes
    ----------
    leaf
        Its place among the leaves of the criteria, from 0.
    number
        How many events of the patient have satisfied it.
    """

    leaf: int
    event: Happened
    number: int


class PatientRow(NamedTuple):
    """A patient of a run.

    Attributes
    ----------
    cursor
        Where a page may begin after it.
    key
        That of the person.
    reasons
        Why it is in the cohort.
    pseudonym, age
        What it is called where it has no name, and how old it then is; else empty.
    """

    cursor: str
    key: int
    person: Person
    identifiers: Sequence[Identifier]
    reasons: Sequence[Reason]
    pseudonym: str = ""
    age: str = ""


class EventRow(NamedTuple):
    """An event that is wanted.

    Attributes
    ----------
    cursor
        Where a page may begin after it.
    key
        That of the person whose it is.
    person
        Whose it is; None of one that has just gone.
    leaves
        The leaves of the criteria that it has satisfied itself.
    reasons
        Why its patient is in the cohort.
    pseudonym
        What the patient is called where it has no name; else empty.
    series
        Of a study that is held here, how its series were made, where it was asked for.
    """

    cursor: str
    key: int
    event: Happened
    person: Person | None
    identifiers: Sequence[Identifier]
    leaves: Sequence[int]
    reasons: Sequence[Reason]
    pseudonym: str = ""
    series: Sequence[Technique] = ()
