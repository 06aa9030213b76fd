"""A question made ready: what its words mean here, and what its asker sees."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from cohorts.criteria import Query
from cohorts.criteria.check import said_leaves
from cohorts.definitions.inlining import Used
from cohorts.execution.projects import Within
from cohorts.execution.visible import Visible

Held = Mapping[tuple[str, Any], Any]
"""What was found in the database for parts of the criteria, by their kind and part."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Criteria that can be run.

    Attributes
    ----------
    query
        The criteria, with what they name written in its place.
    said
        The criteria as they were asked.
    now
        The day that windows and ages are counted from.
    may_list
        Whether the actor may see who is found; else it may count only.
    is_protected
        Whether the actor must not know how many there are exactly.
    held
        The keys of its concepts and what else was found for it.
    used
        The saved cohorts and sets that were named, and their versions.
    within
        The project that is asked within; None of none.
    is_sure
        Whether partial dates have to lie in their windows as a whole.
    """

    partition_id: int
    query: Query
    said: Query
    now: date
    may_list: bool
    is_protected: bool
    visible: Visible
    held: Held = field(repr=False)
    used: tuple[Used, ...] = ()
    within: Within | None = None
    is_sure: bool = False

    @property
    def is_deidentified(self) -> bool:
        """Return whether the actor sees rows without names."""
        return self.within is not None and self.within.is_deidentified

    @property
    def sees_names(self) -> bool:
        """Return whether the actor sees who is found."""
        return self.may_list and not self.is_deidentified

    def keys(self, kind: str, part: Any) -> list[int]:
        """Return the keys that were found for a part of the criteria."""
        return sorted(self.held[kind, part])

    @property
    def places(self) -> list[int]:
        """Return the place of each leaf among those that were asked."""
        return list(said_leaves(self.said.where, self.query.where))

    def sure(self, *, is_sure: bool) -> "Asked":
        """Return the same, with partial dates read in one way or the other."""
        return self if is_sure == self.is_sure else replace(self, is_sure=is_sure)


Names = Mapping[str, str]
"""The aliases of events by the names that they are bound to, in that order."""

PERSON: Final = "p"
"""The alias of the patient, a row of `fhirlink.models.ClinicalPatient`, everywhere."""
