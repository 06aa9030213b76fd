"""What the studies of a search have how often: facets, for who narrows a list.

A facet counts studies by a value of theirs, or of their series; a study that has
several counts for each. The most frequent values are told, equals in their order.

So it is with query tags (`imaging.query_tags`): of names the first component group
counts, of texts those that the table does not shorten. What instances have counts as
well.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from core.errors import Invalid
from imaging.fold import storable
from imaging.levels import Kind, Level
from imaging.numbers import readable
from imaging.query.area import Area
from imaging.query.attributes import BY_TAG, Attribute
from imaging.query.conditions import Condition
from imaging.query.parse import Query
from imaging.query.sql import matching_where
from imaging.query.terms import LAST, Criterion, Exactly, Test, Within
from imaging.query.value_conditions import WHOLE

MOST_VALUES: Final = 50
_DATES: Final = {
    "study_year": re.compile(r"[0-9]{4}", re.ASCII),
    "study_month": re.compile(r"[0-9]{6}", re.ASCII),
}


class Facet(NamedTuple):
    """Something that studies are counted by.

    Attributes
    ----------
    attribute
        What its values are of; who may not see that may not count by it.
    field
        What documents of studies call it; nothing of a query tag.
    expression
        In SQL, of a study ``s``: one value, or of its series ``e``, or an array.
    """

    attribute: Attribute
    field: str
    expression: str
    is_array: bool = False


class Count(NamedTuple):
    """A value, and how many studies have it."""

    value: str
    number: int


Counts = list[list[Count]]
"""Of each facet that was asked for."""

MODALITY: Final = Facet(
    BY_TAG["00080061"], "modalities_in_study", "s.modalities_in_study", is_array=True
)
SEX: Final = Facet(BY_TAG["00100040"], "patient_sex", "s.patient_sex")
YEAR: Final = Facet(BY_TAG["00080020"], "study_year", "left(s.study_date, 4)")
MONTH: Final = Facet(
    BY_TAG["00080020"], "study_month", "substring(s.study_date from '^[0-9]{6}')"
)
BODY_PART: Final = Facet(BY_TAG["00180015"], "body_parts", "e.body_part_examined")
MODEL: Final = Facet(BY_TAG["00081090"], "models", "e.manufacturer_model_name_folded")
FACETS: Final = (MODALITY, SEX, YEAR, MONTH, BODY_PART, MODEL)

_FOUND: Final = {
    Level.STUDY: "found JOIN imaging_tagvalue v ON v.row_id = found.id",
    Level.SERIES: "found JOIN imaging_series e ON e.study_id = found.id"
    " JOIN imaging_tagvalue v ON v.row_id = e.id",
    Level.INSTANCE: "found JOIN imaging_instance i ON i.study_id = found.id"
    " JOIN imaging_tagvalue v ON v.row_id = i.id",
}


def facet_of_tag(attribute: Attribute) -> Facet:
    """Return the facet of a query tag."""
    return Facet(attribute, "", "v.text")


def most_frequent(counts: Mapping[str, int]) -> list[Count]:
    """Return the values that most have, in the order in which they are told."""
    found = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [Count(*each) for each in found[:MOST_VALUES]]


def told(facet: Facet, counts: Sequence[Count]) -> list[Count]:
    """Return counts with their values as they can be searched for."""
    if facet.attribute.kind is not Kind.DECIMAL:
        return list(counts)
    return [Count(readable(value), number) for value, number in counts]


def is_of_series(facet: Facet) -> bool:
    """Return whether a study has the values of its series."""
    return facet.attribute.level is Level.SERIES


def chosen(facet: Facet, values: Sequence[str]) -> Criterion:
    """Return what a study has to be like to be counted at one of a facet's values.

    The values are those that it told, and no pattern: what is shown as 5 is 5 then.

    Raises
    ------
    Invalid
        They are none, too many, or one can be none of the facet.
    """
    attribute = facet.attribute
    if not 0 < len(values) <= MOST_VALUES:
        message = f"Choose from 1 to {MOST_VALUES} values of {attribute.keyword}."
        raise Invalid(message, path="facets")
    if is_of_series(facet):
        attribute = replace(attribute, level=Level.STUDY, of_any_series=True)
    tests = (_test(facet, storable(value)) for value in values)
    return Criterion(attribute, tuple(dict.fromkeys(tests)))


def _test(facet: Facet, value: str) -> Test:
    of_dates = _DATES.get(facet.field)
    if not (of_dates.fullmatch(value) if of_dates else value):
        message = "No study is counted at this value: name one that was told."
        raise Invalid(message, path="facets")
    # A range of dates is answered by an index.
    return Within(value, value + LAST) if of_dates else Exactly(value)


def compile_facets(
    query: Query,
    area: Area,
    facets: Sequence[Facet],
    *,
    most: int | None = MOST_VALUES,
) -> Condition:
    """Return the statement that counts: the number of a facet, value, and studies.

    Parameters
    ----------
    most
        How many values of each facet; None for all.
    """
    where, parameters = matching_where(query, area=area)
    of_studies = [each.expression for each in facets if _is_of_column(each)]
    names = {expression: f"c{n}" for n, expression in enumerate(of_studies)}
    selected = ["s.id", *(f"{each} AS {name}" for each, name in names.items())]
    limit = "ALL" if most is None else str(most)
    parts = [_counted(n, each, names, limit) for n, each in enumerate(facets)]
    return (
        f"WITH found AS MATERIALIZED (SELECT {', '.join(selected)}"  # noqa: S608 own names
        f" FROM imaging_study s{where})"
        f" {' UNION ALL '.join(text for text, _ in parts)}",
        [*parameters, *(value for _, values in parts for value in values)],
    )


def _is_of_column(facet: Facet) -> bool:
    return facet.attribute.query_tag is None and not is_of_series(facet)


def _counted(number: int, facet: Facet, names: dict[str, str], limit: str) -> Condition:
    attribute, value = facet.attribute, facet.expression
    condition, parameters, count = "", [], "count(DISTINCT found.id)"
    if attribute.query_tag is not None:
        source = _FOUND[attribute.level]
        condition = f" AND v.tag_id = %s AND v.part = {WHOLE} AND v.long = ''"
        parameters = [attribute.query_tag]
    elif is_of_series(facet):
        source = "found JOIN imaging_series e ON e.study_id = found.id"
    elif facet.is_array:
        source = f"found CROSS JOIN unnest({names[facet.expression]}) AS each(value)"
        value, count = "each.value", "count(*)"
    else:
        source, value, count = "found", names[facet.expression], "count(*)"
    return (
        f"(SELECT {number}, {value}, {count} AS number FROM {source}"  # noqa: S608
        f" WHERE {value} <> ''{condition} GROUP BY {value}"
        f' ORDER BY number DESC, {value} COLLATE "C" LIMIT {limit})',
        parameters,
    )
