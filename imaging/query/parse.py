"""From a query string to a `Query` (DICOM PS3.18 8.3.4 and 10.6.1): pure.

What is refused and what is passed over with a warning the rules of the dialect say
(`imaging.query.rules`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote_plus

from core.errors import Invalid
from imaging.levels import Level
from imaging.query import rules as rules_of_dialects
from imaging.query.attributes import BY_TAG, Attribute, KnownTags, resolve
from imaging.query.matching import (
    criterion,
    has_wildcards,
    literal_criterion,
    parts,
)
from imaging.query.moments import OFFSET, Period, take_periods
from imaging.query.order import Cursor, SortKey, parse_cursor, parse_sort
from imaging.query.parameters import (
    about_unknown,
    number,
    pairs_of,
    put,
    shown,
    truth,
)
from imaging.query.rules import Rules
from imaging.query.terms import Criterion
from imaging.query.words import FreeText

DEFAULT_LIMIT: Final = 100

# Read by `imaging.dicomweb.request` (DICOM PS3.18 8.3.3).
_OF_THE_ANSWER: Final = frozenset({"accept", "charset"})


@dataclass(frozen=True, slots=True)
class Target:
    """What is searched for, and below what: the six forms of PS3.18 table 10.6.1-1."""

    level: Level
    study_instance_uid: str | None = None
    series_instance_uid: str | None = None

    @property
    def levels(self) -> list[Level]:
        """Return the levels below the path: those matched and answered by default."""
        uids = (self.study_instance_uid, self.series_instance_uid)
        return list(Level)[sum(uid is not None for uid in uids) : self.level + 1]


@dataclass(frozen=True, slots=True)
class Query:
    """A search.

    Attributes
    ----------
    free_text
        Words that have to stand somewhere in the text.
    included
        Tags to be answered beyond the default ones, those matched among them.
    include_all
        Whether everything known of the level is answered.
    sort
        What results are sorted by; newest first, if by nothing.
    total
        Whether all that match are counted.
    cursor
        After which row the page begins.
    scope
        Key of the project, say, whose studies it is confined to; None: to none's.
    keys
        Keys of the rows that it is confined to; None for all.
    below
        Keys of studies or series (the level above), below each of which a page is
        found; None for one page of all.
    warnings
        What was not done as asked, for the client.
    erroneous
        Paths of the query tags asked for by which not all could be indexed.
    counted
        The attributes by whose values what matches is counted.
    text
        The query as it was asked, for the audit log.
    """

    target: Target
    rules: Rules = rules_of_dialects.STANDARD
    criteria: tuple[Criterion, ...] = ()
    periods: tuple[Period, ...] = ()
    free_text: tuple[FreeText, ...] = ()
    included: frozenset[str] = frozenset()
    include_all: bool = False
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    sort: tuple[SortKey, ...] = ()
    total: bool = False
    cursor: Cursor | None = None
    scope: int | None = None
    keys: tuple[int, ...] | None = None
    below: tuple[int, ...] | None = None
    warnings: tuple[str, ...] = ()
    erroneous: tuple[str, ...] = ()
    counted: tuple[Attribute, ...] = ()
    text: str = ""


def parse(
    target: Target,
    query_string: bytes,
    rules: Rules = rules_of_dialects.STANDARD,
    tags: KnownTags | None = None,
) -> Query:
    """Return the search that a query string asks for.

    Parameters
    ----------
    tags
        The query tags that there are; only what `names_tags` is true of needs them.

    Raises
    ------
    Invalid
        `path` names the parameter.
    """
    asked = _Asked(target, rules, tags or {})
    for name, value in pairs_of(query_string):
        asked.read(name, value)
    return replace(asked.query(), text=unquote_plus(query_string.decode()))


def names_tags(query_string: bytes, rules: Rules = rules_of_dialects.STANDARD) -> bool:
    """Return whether a query may name query tags: attributes without columns.

    Raises
    ------
    Invalid
        It is no query string.
    """
    return any(
        is_of_tags(resolve(name, any_case=rules.tolerant), rules)
        for name, _ in pairs_of(query_string)
    )


def is_of_tags(tag: str | None, rules: Rules) -> bool:
    """Return whether an attribute is searched by a query tag, if at all."""
    if tag is None or (tag == OFFSET and rules.tolerant):
        return False
    known = rules.searchable
    return tag not in BY_TAG or (known is not None and tag not in known)


class _Asked:
    """The parameters of a query, sorted by what they are."""

    def __init__(self, target: Target, rules: Rules, tags: KnownTags) -> None:
        self.target = target
        self.rules = rules
        self.tags = tags
        self.attributes: dict[str, Attribute] = {}
        self.options: dict[str, str] = {}
        self.matches: dict[str, str] = {}
        self.fields: list[str] = []
        self.unknown: list[str] = []

    def read(self, name: str, value: str) -> None:
        """Put one parameter where it belongs."""
        key = name.lower()
        if key == "includefield":
            self.fields += value.split(",")
        elif key in self.rules.options:
            put(self.options, key, value, name=key)
        elif tag := resolve(name, any_case=self.rules.tolerant):
            if tag == OFFSET and self.rules.tolerant:
                put(self.options, OFFSET, value, name=name)
            else:
                attribute = self._searchable(tag, name)
                self.attributes[tag] = attribute
                put(self.matches, tag, value, name=attribute.keyword)
        elif not self.rules.tolerant:
            message = f"The parameter {shown(name)} is not known."
            raise Invalid(message, path=name)
        elif key not in _OF_THE_ANSWER:
            self.unknown.append(name)

    def searchable(self, name: str) -> Attribute:
        """Return the attribute of a name that can be searched for.

        Raises
        ------
        Invalid
            It cannot be, at this address or by these rules.
        """
        tag = resolve(name, any_case=self.rules.tolerant)
        return self._searchable(tag or "", name)

    def _searchable(self, tag: str, name: str) -> Attribute:
        if is_of_tags(tag or None, self.rules):
            attribute = self._by_query_tag(tag, name)
        else:
            attribute = BY_TAG.get(tag)
        if attribute is None or attribute.level not in self.target.levels:
            message = f"{shown(name)} cannot be searched for at this address."
            raise Invalid(message, path=name)
        return attribute

    def _by_query_tag(self, tag: str, name: str) -> Attribute | None:
        held = self.tags.get(tag)
        if held is None:
            return None
        if held.refusal:
            message = f"{shown(name)} {held.refusal}"
            raise Invalid(message, path=name)
        return held.attribute

    def query(self) -> Query:
        """Return what is asked for altogether."""
        included, include_all = included_fields(self.fields, self.rules)
        included |= {tag.partition(".")[0] for tag in self.matches}
        limit, warnings = self._limit()
        sort = ",".join(filter(None, map(self.options.get, ("sort", "orderby"))))
        cursor = self.options.get("cursor")
        offset = number(self.options, "offset", 0, minimum=0)
        if cursor is not None and offset:
            message = "cursor and offset both say where the page begins: give one."
            raise Invalid(message, path="cursor")
        if truth(self.options, "fuzzymatching") and self._has_wildcards():
            message = "fuzzymatching was not applied to values with * or ?."
            warnings.append(message)
        offset_from_utc = self.options.get(OFFSET, "").rstrip() or None
        return Query(
            self.target,
            self.rules,
            periods=tuple(self._periods(offset_from_utc)),
            criteria=tuple(self._criteria()),
            included=included,
            include_all=include_all,
            limit=limit,
            offset=offset,
            sort=parse_sort(sort, self.searchable),
            total=truth(self.options, "total"),
            cursor=None if cursor is None else parse_cursor(cursor),
            warnings=(*about_unknown(self.unknown), *warnings),
            erroneous=tuple(
                tag
                for tag, attribute in self.attributes.items()
                if attribute.query_tag is not None and self.tags[tag].has_errors
            ),
        )

    def _periods(self, offset_from_utc: str | None) -> list[Period]:
        """Take dates and times that belong together, but for those of query tags."""
        of_columns = {
            tag: value
            for tag, value in self.matches.items()
            if self.attributes[tag].query_tag is None
        }
        columns = set(of_columns)
        periods = list(take_periods(of_columns, offset_from_utc))
        for taken in columns - of_columns.keys():
            del self.matches[taken]
        return periods

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

    def _has_wildcards(self) -> bool:
        return not self.rules.literal and any(map(has_wildcards, self.matches.values()))

    def _criteria(self) -> list[Criterion]:
        fuzzy = truth(self.options, "fuzzymatching")
        if self.rules.literal:
            return [
                literal_criterion(self.attributes[tag], value, fuzzy=fuzzy)
                for tag, value in self.matches.items()
            ]
        empty = truth(self.options, "emptyvaluematching")
        every = truth(self.options, "multiplevaluematching")
        asked = (
            (self.attributes[tag], value)
            for tag, given in self.matches.items()
            for value in values_of(self.attributes[tag], given, every=every)
        )
        found = (criterion(*each, fuzzy=fuzzy, empty=empty) for each in asked)
        return [each for each in found if each]


def values_of(attribute: Attribute, given: str, *, every: bool) -> list[str]:
    """Return what each has to match: all values, or any of those given.

    All have to only where an attribute can have several (DICOM PS3.4 C.2.2.2.8).
    """
    return parts(attribute, given) if every and attribute.many else [given]


def included_fields(
    fields: Iterable[str], rules: Rules = rules_of_dialects.STANDARD
) -> tuple[frozenset[str], bool]:
    """Return the tags of ``includefield`` and whether ``all`` is among them.

    Of an attribute inside a sequence the whole sequence is answered.

    Raises
    ------
    Invalid
        One names no attribute; the message says which.
    """
    names = [field.strip() for field in fields if field.strip()]
    tags = []
    for name in names:
        if name.lower() == "all":
            continue
        tag = resolve(name, any_case=rules.tolerant)
        if tag is None or ("." in tag and not rules.tolerant):
            message = f"includefield names no attribute: {shown(name)}."
            raise Invalid(message, path="includefield")
        tags.append(tag.partition(".")[0])
    include_all = len(tags) < len(names)
    if include_all and len(names) > 1 and not rules.tolerant:
        message = "includefield names all, or attributes."
        raise Invalid(message, path="includefield")
    return frozenset(tags), include_all
