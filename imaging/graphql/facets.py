"""What the studies of a search have how often, for who narrows it."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Final

import strawberry

from core.errors import Invalid
from core.graphql.context import Context, Info
from imaging.graphql.choices import FACETS, StudyFacetName
from imaging.graphql.filters import StudyFilter
from imaging.graphql.searching import PartitionName, attributes_of_tags, query_of
from imaging.query import Count, Facet, Level, Query, count_values
from imaging.query.facets import facet_of_tag

MAXIMUM_FACETS: Final = 20

Names = Annotated[
    list[StudyFacetName],
    strawberry.argument(description="What to count by, each once."),
]
Where = Annotated[
    StudyFilter | None,
    strawberry.argument(name="filter", description="Which studies."),
]
Alternatives = Annotated[
    bool,
    strawberry.argument(
        description="Whether a facet is counted without what the filter chooses of it:"
        " what could be chosen besides. Each facet that has a choice is a search more."
    ),
]


@strawberry.type(description="A value, and how many studies have it.")
class FacetValue:
    """One row of a facet."""

    value: str = strawberry.field(description="As it can be searched for.")
    count: int = strawberry.field(description="How many studies have it.")


@strawberry.type(description="How many studies have which values of something.")
class StudyFacet:
    """A facet with its most frequent values."""

    name: StudyFacetName = strawberry.field(description="What they are counted by.")
    values: list[FacetValue] = strawberry.field(
        description="The values that most have, at most 50, the most frequent first."
    )


@strawberry.type(description="How many studies have which values of a query tag.")
class QueryTagFacet:
    """A facet of a query tag with its most frequent values."""

    tag: str = strawberry.field(description="As it was asked for.")
    values: list[FacetValue] = strawberry.field(
        description="The values that most have, at most 50, the most frequent first: of"
        " names the first component group; of texts those of up to 255 characters, in"
        " small letters."
    )


@strawberry.type
class FacetQueries:
    """Counts beside the list of studies."""

    @strawberry.field(
        description="How many of the studies that match, and that you may see, have"
        " which values: a study that has several counts for each."
    )
    async def study_facets(
        self,
        info: Info,
        facets: Names,
        where: Where = None,
        partition: PartitionName = None,
        alternatives: Alternatives = False,
    ) -> list[StudyFacet]:
        """Count studies by what they have."""
        return await count_facets(
            info.context, facets, where, partition=partition, alternatives=alternatives
        )

    @strawberry.field(
        description="How many of the studies that match, and that you may see, have"
        " which values of extended query tags, themselves or in their series or"
        " instances: a study that has several counts for each."
    )
    async def query_tag_facets(
        self,
        info: Info,
        tags: Annotated[
            list[str],
            strawberry.argument(
                description="Keywords or paths of query tags, each once, 20 at most."
            ),
        ],
        where: Where = None,
        partition: PartitionName = None,
    ) -> list[QueryTagFacet]:
        """Count studies by what they have of tags."""
        _check(tags, "tags")
        attributes = await attributes_of_tags(info.context, tags, path="tags")
        _check(attributes, "tags")
        by = [facet_of_tag(attribute) for attribute in attributes]
        query = await _query(info.context, where)
        counts = await _count(info.context, query, by, partition)
        return [
            QueryTagFacet(tag=tag, values=_told(values))
            for tag, values in zip(tags, counts, strict=True)
        ]


async def count_facets(
    context: Context,
    names: Sequence[StudyFacetName],
    where: StudyFilter | None,
    *,
    partition: str | None,
    alternatives: bool,
    confined: Callable[[Query], Query] = lambda query: query,
) -> list[StudyFacet]:
    """Return what the studies that match have how often.

    Parameters
    ----------
    alternatives
        Whether a facet is counted without what is chosen of it.
    confined
        Confines a search to a project, say.

    Raises
    ------
    Invalid
        No facet is named, or one twice.
    """
    _check(names, "facets")
    found: dict[StudyFacetName, list[Count]] = {}
    for together, narrowed in _searches(names, where, alternatives=alternatives):
        query = confined(await _query(context, narrowed))
        by = [FACETS[name] for name in together]
        counts = await _count(context, query, by, partition)
        found.update(zip(together, counts, strict=True))
    return [StudyFacet(name=name, values=_told(found[name])) for name in names]


def _check(names: Sequence[Hashable], path: str) -> None:
    if not 0 < len(names) <= MAXIMUM_FACETS or len(set(names)) < len(names):
        message = f"Name what to count by, each once, {MAXIMUM_FACETS} at most."
        raise Invalid(message, path=path)


async def _query(context: Context, where: StudyFilter | None) -> Query:
    return await query_of(context, Level.STUDY, where, sort=(), first=1, after=None)


async def _count(
    context: Context, query: Query, by: Sequence[Facet], partition: str | None
) -> list[list[Count]]:
    counts = await context.ask(
        count_values,
        actor=context.actor,
        partition=partition,
        query=query,
        facets=by,
    )
    context.warn(counts.warnings)
    return counts.value


def _told(counts: Sequence[Count]) -> list[FacetValue]:
    return [FacetValue(value=value, count=number) for value, number in counts]


def _searches(
    names: Sequence[StudyFacetName], where: StudyFilter | None, *, alternatives: bool
) -> Iterator[tuple[list[StudyFacetName], StudyFilter | None]]:
    """Yield the facets that are counted together, and what of."""
    choices = where.facets if where and alternatives else None
    chosen = {each.name for each in choices or ()}
    if plain := [name for name in names if name not in chosen]:
        yield plain, where
    for name in names:
        if name in chosen:
            others = [each for each in choices or () if each.name is not name]
            yield [name], where and replace(where, facets=others)
