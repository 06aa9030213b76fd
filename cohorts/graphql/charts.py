"""Charts of a cohort, each value beside how many have it of all who are seen."""

from enum import Enum

import strawberry

from cohorts.answers.charts import Bar, ChartName
from cohorts.graphql.counts import CohortCount, count_of


@strawberry.enum(description="What the patients of a cohort are counted by.")
class CohortChartName(Enum):
    """`cohorts.answers.charts.ChartName`."""

    AGE = strawberry.enum_value(
        ChartName.AGE, description="Age now, in tens of full years."
    )
    GENDER = strawberry.enum_value(
        ChartName.GENDER, description="male, female, other, unknown."
    )
    MODALITY = strawberry.enum_value(
        ChartName.MODALITY, description="Modalities of their studies."
    )
    DIAGNOSIS_YEAR = strawberry.enum_value(
        ChartName.DIAGNOSIS_YEAR,
        description="The years in which diagnoses began: those that were asked for; of"
        " all kinds where none was.",
    )
    CONDITION = strawberry.enum_value(
        ChartName.CONDITION, description="The conditions that most have."
    )
    MEDICATION = strawberry.enum_value(
        ChartName.MEDICATION, description="The drugs that most were given."
    )
    PROCEDURE = strawberry.enum_value(
        ChartName.PROCEDURE, description="The procedures that most had."
    )


@strawberry.type(description="A value of a chart.")
class CohortBar:
    """How many have it."""

    value: str = strawberry.field(
        description="As criteria name it: the first year of ten, a gender, a modality,"
        " a year, a code with its system before it (system|code)."
    )
    label: str = strawberry.field(description="What it is called.")
    number_of_patients: CohortCount = strawberry.field(
        description="How many of the cohort have it."
    )
    of_all: CohortCount = strawberry.field(
        description="How many have it of all whom you see in the partition."
    )


@strawberry.type(description="What the patients of a cohort have how often.")
class CohortChart:
    """A chart."""

    name: CohortChartName = strawberry.field(description="What is counted by.")
    bars: list[CohortBar] = strawberry.field(
        description="The values that any of the cohort has; a patient counts once for"
        " each that it has. Of modalities and codes the 20 that most have. Where counts"
        " are protected, bars of too few are left out, as if nobody had the value."
    )


def chart_of(name: CohortChartName, bars: list[Bar]) -> CohortChart:
    """Return a chart as the graph tells it."""
    return CohortChart(
        name=name,
        bars=[
            CohortBar(
                value=bar.value,
                label=bar.label,
                number_of_patients=count_of(bar.number),
                of_all=count_of(bar.of_all),
            )
            for bar in bars
        ],
    )
