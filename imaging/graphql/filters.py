"""What studies, series and instances are searched by: the keys of QIDO, typed.

A field is named after the keyword of its attribute, and all that are given have to
match. Levels are nested: series may be searched by their study.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

import strawberry

from core.graphql.scalars import BigInt
from imaging.graphql.choices import Chosen, FacetChoice, chosen_of
from imaging.graphql.matches import (
    CodeMatch,
    DateMatch,
    NameMatch,
    QueryTagMatch,
    TextMatch,
    TimeMatch,
)
from imaging.graphql.scalars import UI
from imaging.query import ATTRIBUTES, Asked, Level

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ZONE: Final = "timezone_offset_from_utc"
_APART: Final = frozenset({_ZONE, "query_tags", "facets", "words"})


def _name_of(keyword: str) -> str:
    """Return a keyword as Python names it."""
    return ".".join(_WORDS.sub("_", part).lower() for part in keyword.split("."))


KEYWORDS: Final = {_name_of(each.keyword): each.keyword for each in ATTRIBUTES}
"""The keyword of each attribute that can be searched, by the name of its field."""


@strawberry.input(description="What a study has to be like; all that is given counts.")
class StudyFilter:
    """Keys of the study and its patient."""

    words: str | None = strawberry.field(
        description="Words that all stand somewhere in its text, or in that of its"
        " series, in any order: names, IDs, numbers of orders, dates, descriptions,"
        " modalities, parts of the body, models, and query tags with text. The last"
        " word, and one with a '*' behind it, by its beginning.",
        default=None,
    )
    study_instance_uid: list[UI] | None = strawberry.field(
        description="It is one of these.", default=None
    )
    study_date: DateMatch | None = strawberry.field(
        description="When it began.", default=None
    )
    study_time: TimeMatch | None = strawberry.field(
        description="At what time it began.", default=None
    )
    accession_number: TextMatch | None = strawberry.field(
        description="The number of its order.", default=None
    )
    modalities_in_study: CodeMatch | None = strawberry.field(
        description="The modalities of its series.", default=None
    )
    sop_classes_in_study: list[UI] | None = strawberry.field(
        description="One of its instances is of one of these classes.", default=None
    )
    referring_physician_name: NameMatch | None = strawberry.field(
        description="Who asked for it.", default=None
    )
    study_description: TextMatch | None = strawberry.field(
        description="What was done.", default=None
    )
    patient_name: NameMatch | None = strawberry.field(
        description="The name of its patient.", default=None
    )
    patient_id: TextMatch | None = strawberry.field(
        description="What the issuer calls its patient.", default=None
    )
    issuer_of_patient_id: TextMatch | None = strawberry.field(
        description="Who has given the patient this ID.", default=None
    )
    patient_birth_date: DateMatch | None = strawberry.field(
        description="When its patient was born.", default=None
    )
    patient_sex: CodeMatch | None = strawberry.field(
        description="F, M or O.", default=None
    )
    study_id: TextMatch | None = strawberry.field(
        description="What its equipment calls it.", default=None
    )
    timezone_offset_from_utc: str | None = strawberry.field(
        description="The time zone that dates and times are meant in, such as +0100.",
        default=None,
    )
    query_tags: list[QueryTagMatch] | None = strawberry.field(
        description="What extended query tags have to be like: all of them.",
        default=None,
    )
    facets: list[FacetChoice] | None = strawberry.field(
        description="What is chosen of facets: of each that is named one value.",
        default=None,
    )


@strawberry.input(description="What an item of the sequence has to be like.")
class RequestAttributesMatch:
    """Keys of one item of RequestAttributesSequence."""

    scheduled_procedure_step_id: TextMatch | None = strawberry.field(
        description="The scheduled step that was done.", default=None
    )
    requested_procedure_id: TextMatch | None = strawberry.field(
        description="The procedure that was asked for.", default=None
    )


@strawberry.input(description="What a series has to be like; all that is given counts.")
class SeriesFilter:
    """Keys of the series, and of its study."""

    words: str | None = strawberry.field(
        description="Words that all stand somewhere in its text, or in that of its"
        " study, as for studies.",
        default=None,
    )
    series_instance_uid: list[UI] | None = strawberry.field(
        description="It is one of these.", default=None
    )
    modality: CodeMatch | None = strawberry.field(
        description="What it was made with, such as CT.", default=None
    )
    series_description: TextMatch | None = strawberry.field(
        description="What it shows.", default=None
    )
    manufacturer_model_name: TextMatch | None = strawberry.field(
        description="The model of its equipment.", default=None
    )
    body_part_examined: CodeMatch | None = strawberry.field(
        description="The part of the body.", default=None
    )
    series_number: list[BigInt] | None = strawberry.field(
        description="Its number is one of these.", default=None
    )
    performed_procedure_step_start_date: DateMatch | None = strawberry.field(
        description="When the step that made it began.", default=None
    )
    performed_procedure_step_start_time: TimeMatch | None = strawberry.field(
        description="At what time the step that made it began.", default=None
    )
    request_attributes_sequence: RequestAttributesMatch | None = strawberry.field(
        description="The order that it belongs to: one item matches all keys.",
        default=None,
    )
    query_tags: list[QueryTagMatch] | None = strawberry.field(
        description="What extended query tags have to be like: all of them.",
        default=None,
    )
    study: StudyFilter | None = strawberry.field(
        description="What its study has to be like.", default=None
    )


@strawberry.input(
    description="What an instance has to be like; all that is given counts."
)
class InstanceFilter:
    """Keys of the instance, and of its series."""

    sop_instance_uid: list[UI] | None = strawberry.field(
        description="It is one of these.", default=None
    )
    sop_class_uid: list[UI] | None = strawberry.field(
        description="It is of one of these classes.", default=None
    )
    instance_number: list[BigInt] | None = strawberry.field(
        description="Its number is one of these.", default=None
    )
    query_tags: list[QueryTagMatch] | None = strawberry.field(
        description="What extended query tags have to be like: all of them.",
        default=None,
    )
    series: SeriesFilter | None = strawberry.field(
        description="What its series has to be like.", default=None
    )


Filter = StudyFilter | SeriesFilter | InstanceFilter
_NESTED: Final = (StudyFilter, SeriesFilter, InstanceFilter)


def asked_of(given: Filter | None) -> dict[str, Asked]:
    """Return what a filter asks, by keyword.

    Raises
    ------
    Invalid
        A match asks for nothing.
    """
    return dict(_keys(given)) if given is not None else {}


def choices_of(given: Filter | None) -> Chosen:
    """Return what a filter chooses of facets of studies.

    Raises
    ------
    Invalid
        A facet is named twice.
    """
    match given:
        case StudyFilter():
            return chosen_of(given.facets)
        case SeriesFilter():
            return choices_of(given.study)
        case InstanceFilter():
            return choices_of(given.series)
    return ()


def zone_of(given: Filter | None) -> str | None:
    """Return the time zone that a filter's dates and times are meant in."""
    match given:
        case StudyFilter():
            return given.timezone_offset_from_utc
        case SeriesFilter():
            return zone_of(given.study)
        case InstanceFilter():
            return zone_of(given.series)
    return None


def tags_of_filter(given: Filter | None) -> list[QueryTagMatch]:
    """Return what a filter asks of query tags, at all of its levels."""
    above: Filter | None = None
    match given:
        case None:
            return []
        case SeriesFilter():
            above = given.study
        case InstanceFilter():
            above = given.series
    return [*(given.query_tags or ()), *tags_of_filter(above)]


def words_of_filter(given: Filter | None) -> Iterator[tuple[Level, str]]:
    """Yield the words that a filter asks for, with the level of their text."""
    match given:
        case StudyFilter():
            if given.words is not None:
                yield Level.STUDY, given.words
        case SeriesFilter():
            if given.words is not None:
                yield Level.SERIES, given.words
            yield from words_of_filter(given.study)
        case InstanceFilter():
            yield from words_of_filter(given.series)


def _keys(given: object, prefix: str = "") -> Iterator[tuple[str, Asked]]:
    for field in fields(given):  # type: ignore[arg-type] # an input is a dataclass
        value = getattr(given, field.name)
        if value is None or field.name in _APART:
            continue
        if isinstance(value, RequestAttributesMatch):
            yield from _keys(value, f"{field.name}.")
        elif isinstance(value, _NESTED):
            yield from _keys(value)
        elif isinstance(value, list):
            keyword = KEYWORDS[prefix + field.name]
            yield keyword, TextMatch(any_of=[str(each) for each in value]).asked()
        else:
            yield KEYWORDS[prefix + field.name], value.asked()
