"""By what studies are counted, and which of the values that it told are chosen."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

import strawberry

from core.errors import Invalid
from imaging.query import Facet, facets


@strawberry.enum(description="What studies are counted by.")
class StudyFacetName(Enum):
    """The facets, by what a client calls them."""

    MODALITY = strawberry.enum_value(
        "modality", description="The modalities of their series."
    )
    BODY_PART = strawberry.enum_value(
        "body_part", description="The parts of the body in their series."
    )
    MANUFACTURER_MODEL = strawberry.enum_value(
        "manufacturer_model",
        description="The models of the equipment of their series, in small letters.",
    )
    STUDY_YEAR = strawberry.enum_value(
        "study_year", description="The year in which they began."
    )
    STUDY_MONTH = strawberry.enum_value(
        "study_month", description="The month in which they began, such as 202001."
    )
    PATIENT_SEX = strawberry.enum_value(
        "patient_sex", description="The sex of their patient."
    )


FACETS: Final = {
    StudyFacetName.MODALITY: facets.MODALITY,
    StudyFacetName.BODY_PART: facets.BODY_PART,
    StudyFacetName.MANUFACTURER_MODEL: facets.MODEL,
    StudyFacetName.STUDY_YEAR: facets.YEAR,
    StudyFacetName.STUDY_MONTH: facets.MONTH,
    StudyFacetName.PATIENT_SEX: facets.SEX,
}


@strawberry.input(
    description="What a study has of a facet: one of some values, just as studyFacets"
    " tells them. No character is a wild card."
)
class FacetChoice:
    """Values of one facet."""

    name: StudyFacetName = strawberry.field(description="Which facet.")
    any_of: list[str] = strawberry.field(description="It has one of these: at most 50.")


Chosen = Sequence[tuple[Facet, Sequence[str]]]


def chosen_of(choices: Sequence[FacetChoice] | None) -> Chosen:
    """Return the facets that are chosen of, with the values.

    Raises
    ------
    Invalid
        One is named twice.
    """
    found = {each.name: each.any_of for each in choices or ()}
    if len(found) < len(choices or ()):
        message = "Name each facet once, with all its values."
        raise Invalid(message, path="facets")
    return [(FACETS[name], values) for name, values in found.items()]
