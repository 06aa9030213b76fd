"""From a query string to a search of workitems (DICOM PS3.18 11.9): pure.

Any attribute can be matched that has a representation which searches compare, at any
depth, as keywords or digits joined by dots; how values compare is what it is for
studies (`imaging.query.matching`). Azure's dialects know ten keys and no more.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote_plus

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from core.errors import Invalid
from imaging.levels import Kind, Level
from imaging.query.attributes import Attribute, resolve, with_creators
from imaging.query.matching import criterion, has_wildcards, literal_criterion
from imaging.query.parameters import (
    about_unknown,
    number,
    pairs_of,
    put,
    shown,
    truth,
)
from imaging.query.parse import DEFAULT_LIMIT, included_fields
from imaging.query.rules import AZURE_V2, STANDARD, Rules
from imaging.query.terms import Criterion
from imaging.query_tags.tag import KINDS, name_of
from worklist.orders import Order, Place
from worklist.values import UNSEARCHED, is_searched

OPTIONS: Final = frozenset(
    {
        *("limit", "offset", "cursor", "total"),
        *("fuzzymatching", "emptyvaluematching"),
    }
)
"""The parameters that are no attributes, in the standard's dialect."""
AZURE_KEYS: Final = frozenset(
    filter(
        None,
        map(
            resolve,
            (
                "PatientName",
                "PatientID",
                "ReferencedRequestSequence.AccessionNumber",
                "ReferencedRequestSequence.RequestedProcedureID",
                "ScheduledProcedureStepStartDateTime",
                "ScheduledStationNameCodeSequence.CodeValue",
                "ScheduledStationClassCodeSequence.CodeValue",
                "ScheduledStationGeographicLocationCodeSequence.CodeValue",
                "ProcedureStepState",
                "StudyInstanceUID",
            ),
        ),
    )
)
"""The paths that Azure's DICOM service matches."""

_OF_THE_ANSWER: Final = frozenset({"accept", "charset"})


class Choice(NamedTuple):
    """What is asked of workitems besides their attributes: all that is given counts.

    Attributes
    ----------
    claimed_by
        Key of the account that has claimed them.
    overdue_at
        They are open at this moment, and were expected to be done before.
    study
        They name this study, anywhere in them.
    groups
        Of each group one criterion has to hold.
    """

    claimed_by: int | None = None
    overdue_at: dt.datetime | None = None
    study: str | None = None
    groups: tuple[tuple[Criterion, ...], ...] = ()


EVERYTHING: Final = Choice()


@dataclass(frozen=True, slots=True)
class WorkitemQuery:
    """A search of workitems.

    Attributes
    ----------
    criteria
        All have to hold; those of one sequence in the same item.
    included
        Tags that are answered besides the usual ones.
    include_all
        Whether everything is answered.
    total
        Whether all that match are counted.
    after
        Where the page begins; None at the beginning.
    warnings
        What was not done as asked, for the client.
    text
        The query as it was asked, for the audit log.
    choice
        What is asked of workitems besides their attributes.
    order
        What the page is ordered by.
    """

    criteria: tuple[Criterion, ...] = ()
    included: frozenset[str] = frozenset()
    include_all: bool = False
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    total: bool = False
    after: Place | None = None
    warnings: tuple[str, ...] = ()
    text: str = ""
    choice: Choice = EVERYTHING
    order: Order = Order.URGENCY


def parse(query_string: bytes, *, azure: bool = False) -> WorkitemQuery:
    """Return the search that a query string asks for.

    Parameters
    ----------
    azure
        Whether it is read as Azure's DICOM service does: to the letter, with few keys.

    Raises
    ------
    Invalid
        `path` names the parameter.
    """
    rules = AZURE_V2 if azure else STANDARD
    options = AZURE_V2.options if azure else OPTIONS
    asked = _Asked(rules, options)
    for name, value in pairs_of(query_string):
        asked.read(name, value)
    return asked.query(unquote_plus(query_string.decode()))


@dataclass
class _Asked:
    """The parameters of a query, sorted by what they are."""

    rules: Rules
    known: Iterable[str]
    options: dict[str, str] = field(default_factory=dict)
    matches: dict[str, str] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def read(self, name: str, value: str) -> None:
        """Put one parameter where it belongs."""
        key = name.lower()
        if key == "includefield":
            self.fields += value.split(",")
        elif key in self.known:
            put(self.options, key, value, name=key)
        elif path := resolve(name, any_case=self.rules.tolerant):
            self._require_searched(path, name)
            put(self.matches, path, value, name=name_of(path))
        elif not self.rules.tolerant:
            message = f"The parameter {shown(name)} is not known."
            raise Invalid(message, path=name)
        elif key not in _OF_THE_ANSWER:
            self.unknown.append(name)

    def _require_searched(self, path: str, name: str) -> None:
        is_known = self.rules.tolerant or path in AZURE_KEYS
        if not is_known or kind_of(path) is None:
            message = f"{shown(name)} cannot be searched for at this address."
            raise Invalid(message, path=name)

    def query(self, text: str) -> WorkitemQuery:
        """Return what is asked for altogether."""
        included, include_all = included_fields(self.fields, self.rules)
        included |= {path.partition(".")[0] for path in self.matches}
        limit, warnings = self._limit()
        cursor = self.options.get("cursor")
        offset = number(self.options, "offset", 0, minimum=0)
        if cursor is not None and offset:
            message = "cursor and offset both say where the page begins: give one."
            raise Invalid(message, path="cursor")
        fuzzy = truth(self.options, "fuzzymatching")
        if fuzzy and self._has_wildcards():
            message = "fuzzymatching was not applied to values with * or ?."
            warnings.append(message)
        return WorkitemQuery(
            criteria=tuple(self._criteria(fuzzy=fuzzy)),
            included=with_creators(included) - UNSEARCHED,
            include_all=include_all,
            limit=limit,
            offset=offset,
            total=truth(self.options, "total"),
            after=None if cursor is None else Place.read(cursor),
            warnings=(*about_unknown(self.unknown), *warnings),
            text=text,
        )

    def _criteria(self, *, fuzzy: bool) -> Iterable[Criterion]:
        empty = truth(self.options, "emptyvaluematching")
        for path, value in self.matches.items():
            attribute = attribute_of(path)
            if self.rules.literal:
                yield literal_criterion(attribute, value, fuzzy=fuzzy)
            elif found := criterion(attribute, value, fuzzy=fuzzy, empty=empty):
                yield found

    def _has_wildcards(self) -> bool:
        return not self.rules.literal and any(map(has_wildcards, self.matches.values()))

    def _limit(self) -> tuple[int, list[str]]:
        maximum = self.rules.maximum_limit
        limit = number(self.options, "limit", DEFAULT_LIMIT, minimum=1)
        if limit <= maximum:
            return limit, []
        if not self.rules.tolerant:
            message = f"limit is {maximum} at most."
            raise Invalid(message, path="limit")
        warning = (
            f"At most {maximum} results are returned at once:"
            " the Link header leads to the next page."
        )
        return maximum, [warning]


def kind_of(path: str) -> Kind | None:
    """Return how values of an attribute are compared; None where they are not."""
    leaf = int(path.rpartition(".")[2], 16)
    if not dictionary_has_tag(leaf):
        return None
    vr = dictionary_VR(leaf).partition(" or ")[0]
    return KINDS[vr] if is_searched(path, vr) else None


def attribute_of(path: str) -> Attribute:
    """Return an attribute that has a kind as what criteria are of."""
    kind = kind_of(path)
    if kind is None:
        message = f"{name_of(path)} cannot be searched for."
        raise Invalid(message, path=name_of(path))
    return Attribute(path, name_of(path), Level.STUDY, kind, ())
