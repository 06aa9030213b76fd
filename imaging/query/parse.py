"""From a query string to a `Query` (DICOM PS3.18 8.3.4 and 10.6.1): pure.

The rules are those of Azure's DICOM service in its version 2 and what the standard
allows besides: empty values match everything, parameters that are not known are passed
over with a warning, and a limit above the maximum is cut with one.
"""

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, quote, unquote_plus

from core.errors import Invalid
from imaging.query.attributes import BY_TAG, Attribute, Level, resolve
from imaging.query.matching import Criterion, criterion, has_wildcards

DEFAULT_LIMIT: Final = 100
MAXIMUM_LIMIT: Final = 1000

_MAXIMUM_PARAMETERS: Final = 200
_SHOWN_CHARACTERS: Final = 64
# Read by `imaging.dicomweb.request` (DICOM PS3.18 8.3.3).
_OF_THE_ANSWER: Final = frozenset({"accept", "charset"})
_OPTIONS: Final = frozenset({"limit", "offset", "fuzzymatching"})
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_MARKUP: Final = re.compile(r"<[A-Za-z/!?]")


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
    included
        Tags to be answered beyond the default ones, those matched among them.
    include_all
        Whether everything known of the level is answered.
    warnings
        What was not done as asked, for the client.
    text
        The query as it was asked, for the audit log.
    """

    target: Target
    criteria: tuple[Criterion, ...] = ()
    included: frozenset[str] = frozenset()
    include_all: bool = False
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    warnings: tuple[str, ...] = ()
    text: str = ""


def parse(target: Target, query_string: bytes) -> Query:
    """Return the search that a query string asks for.

    Raises
    ------
    Invalid
        `path` names the parameter.
    """
    options: dict[str, str] = {}
    matches: dict[str, str] = {}
    fields: list[str] = []
    unknown: list[str] = []
    for name, value in _pairs(query_string):
        key = name.lower()
        if key == "includefield":
            fields += value.split(",")
        elif key in _OPTIONS:
            _put(options, key, value, name=key)
        elif tag := resolve(name):
            _put(matches, tag, value, name=_searchable(target, tag, name).keyword)
        elif key not in _OF_THE_ANSWER:
            unknown.append(name)
    query = _query(target, options, matches, fields, _about_unknown(unknown))
    return replace(query, text=unquote_plus(query_string.decode()))


def _query(
    target: Target,
    options: dict[str, str],
    matches: dict[str, str],
    fields: list[str],
    warnings: list[str],
) -> Query:
    fuzzy = _truth(options, "fuzzymatching")
    found = [
        criterion(BY_TAG[tag], value, fuzzy=fuzzy) for tag, value in matches.items()
    ]
    if fuzzy and any(map(has_wildcards, matches.values())):
        warnings.append("fuzzymatching was not applied to values with * or ?.")
    limit = _number(options, "limit", DEFAULT_LIMIT, minimum=1)
    if limit > MAXIMUM_LIMIT:
        warnings.append(
            f"At most {MAXIMUM_LIMIT} results are returned at once:"
            " use offset for those that follow."
        )
    included, include_all = _included(fields)
    return Query(
        target,
        tuple(each for each in found if each),
        included | {tag.partition(".")[0] for tag in matches},
        include_all,
        min(limit, MAXIMUM_LIMIT),
        _number(options, "offset", 0, minimum=0),
        tuple(warnings),
    )


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(
            query_string.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAXIMUM_PARAMETERS,
        )
    except ValueError as error:  # a UnicodeError is one
        message = (
            f"The query must be UTF-8, of at most {_MAXIMUM_PARAMETERS} parameters."
        )
        raise Invalid(message) from error
    # Never a value that is searched for, often an attack on a careless portal.
    if any(_MARKUP.search(text) for pair in pairs for text in pair):
        message = "The query holds markup."
        raise Invalid(message)
    return pairs


def _put(values: dict[str, str], key: str, value: str, *, name: str) -> None:
    if key in values:
        message = f"{name} is given twice. Separate several values by a backslash."
        raise Invalid(message, path=name)
    values[key] = value


def _searchable(target: Target, tag: str, name: str) -> Attribute:
    attribute = BY_TAG.get(tag)
    if attribute is None or attribute.level not in target.levels:
        message = f"{name} cannot be searched for at this address."
        raise Invalid(message, path=name)
    return attribute


def _about_unknown(names: list[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(quote(name[:_SHOWN_CHARACTERS]) for name in dict.fromkeys(names))
    return [f"Parameters that are not known were ignored: {shown}."]


def _included(fields: list[str]) -> tuple[frozenset[str], bool]:
    """Return the tags of ``includefield`` and whether ``all`` is among them.

    Of an attribute inside a sequence the whole sequence is answered.
    """
    names = [field.strip() for field in fields if field.strip()]
    tags = []
    for name in names:
        if name.lower() == "all":
            continue
        tag = resolve(name)
        if tag is None:
            shown = quote(name[:_SHOWN_CHARACTERS])
            message = f"includefield names no attribute: {shown}."
            raise Invalid(message, path="includefield")
        tags.append(tag.partition(".")[0])
    return frozenset(tags), len(tags) < len(names)


def _number(options: dict[str, str], name: str, default: int, *, minimum: int) -> int:
    text = options.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) < minimum:
        message = f"{name} must be a whole number of at least {minimum}."
        raise Invalid(message, path=name)
    return int(text)


def _truth(options: dict[str, str], name: str) -> bool:
    text = options.get(name, "false").lower()
    if text not in {"true", "false"}:
        message = f"{name} must be true or false."
        raise Invalid(message, path=name)
    return text == "true"
