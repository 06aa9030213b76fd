"""From keys and their values to a `Query`, where there is no query string: pure."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

from core.errors import Invalid
from imaging.query.attributes import ATTRIBUTES, BY_TAG, Attribute
from imaging.query.facets import Facet, chosen
from imaging.query.matching import criterion
from imaging.query.moments import OFFSET, take_periods
from imaging.query.order import SortKey, parse_cursor
from imaging.query.parse import DEFAULT_LIMIT, Query, Target, values_of
from imaging.query.words import FreeText

BY_KEYWORD: Final = {attribute.keyword: attribute for attribute in ATTRIBUTES}


class Asked(NamedTuple):
    """What is asked of an attribute, in the form of DICOM PS3.4 C.2.2.2.

    Attributes
    ----------
    value
        Values separated by backslashes, with wild cards; of dates and times ranges.
    fuzzy
        Whether a name matches by beginnings of its words.
    every
        Whether all values have to be there, where an attribute can have several.
    """

    value: str
    fuzzy: bool = False
    every: bool = False


def compose(
    target: Target,
    asked: Mapping[str, Asked],
    *,
    by_tags: Sequence[tuple[Attribute, Asked]] = (),
    choices: Sequence[tuple[Facet, Sequence[str]]] = (),
    free_text: Sequence[FreeText] = (),
    offset_from_utc: str | None = None,
    sort: Sequence[SortKey] = (),
    limit: int = DEFAULT_LIMIT,
    after: str | None = None,
) -> Query:
    """Return the search for what is asked, at any level, under the standard's rules.

    Two quotation marks as a value stand for none (DICOM PS3.18 8.3.4.5).

    Parameters
    ----------
    asked
        By keyword, or by several joined by dots inside of a sequence.
    by_tags
        What is asked of query tags besides.
    choices
        Values of facets, of each of which the study has one.
    free_text
        Words that have to stand somewhere in the text.
    offset_from_utc
        The time zone that dates and times are meant in, such as ``+0100``.
    after
        The cursor after which the page begins.

    Raises
    ------
    Invalid
        `path` names the attribute whose value is none, the facets, or the cursor.
    """
    matches = {BY_KEYWORD[word].tag: each.value for word, each in asked.items()}
    by_tag = {BY_KEYWORD[word].tag: each for word, each in asked.items()}
    # Takes dates and times that belong together out of what is matched.
    periods = tuple(take_periods(matches, offset_from_utc))
    for attribute, _ in by_tags:
        if attribute.level not in target.levels:
            message = f"{attribute.keyword} is of a level below what is searched for."
            raise Invalid(message, path=attribute.keyword)
    asked_of = [(BY_TAG[tag], by_tag[tag]) for tag in matches]
    keys = [(word, each.value) for word, each in asked.items()]
    tags = [(attribute.keyword, each.value) for attribute, each in by_tags]
    told = [(each.attribute.keyword, "\\".join(of)) for each, of in choices]
    words = [(f"{each.level.name.lower()}.words", each.text) for each in free_text]
    criteria = [
        criterion(attribute, value, fuzzy=each.fuzzy, empty=True)
        for attribute, each in (*asked_of, *by_tags)
        for value in _values(attribute, each)
    ]
    return Query(
        target,
        criteria=(
            *(each for each in criteria if each),
            *(chosen(facet, values) for facet, values in choices),
        ),
        periods=periods,
        free_text=tuple(free_text),
        sort=tuple(sort),
        limit=limit,
        cursor=None if after is None else parse_cursor(after),
        text=_text([*keys, *tags, *told, *words], offset_from_utc),
    )


def _values(attribute: Attribute, asked: Asked) -> list[str]:
    return values_of(attribute, asked.value, every=asked.every)


def _text(pairs: list[tuple[str, str]], offset_from_utc: str | None) -> str:
    """Return it as a query string would ask it, for the audit log."""
    if offset_from_utc is not None:
        pairs.append((OFFSET, offset_from_utc))
    return "&".join(f"{word}={quote(value, safe='')}" for word, value in pairs)
