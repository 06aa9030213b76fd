"""The part of imaging in the root of queries."""

from typing import Annotated, Final

import strawberry

from core.errors import NotFound
from core.graphql.connections import DEFAULT_PAGE, After, Connection, First
from core.graphql.context import Info
from imaging.graphql.filters import InstanceFilter, SeriesFilter, StudyFilter
from imaging.graphql.nodes import Instance, Series, Study
from imaging.graphql.scalars import UI
from imaging.graphql.searching import (
    PartitionName,
    Sort,
    find_by_uids,
    query_of,
    search,
)
from imaging.query import Level

_WHICH: Final = strawberry.argument(name="filter", description="Which of them.")


@strawberry.type
class ImagingQueries:
    """Searches at each level, as strong as QIDO's."""

    @strawberry.field(
        description="Studies that match and that you may see, those stored last first"
        " if no order is asked for."
    )
    async def studies(
        self,
        info: Info,
        where: Annotated[StudyFilter | None, _WHICH] = None,
        partition: PartitionName = None,
        sort: Sort = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Study]:
        """Search studies."""
        query = await query_of(
            info.context, Level.STUDY, where, sort=sort or (), first=first, after=after
        )
        return await search(
            info.context, Study, query, partition=partition, after=after
        )

    @strawberry.field(
        description="Series of any study that match and that you may see, those stored"
        " last first if no order is asked for."
    )
    async def series(
        self,
        info: Info,
        where: Annotated[SeriesFilter | None, _WHICH] = None,
        partition: PartitionName = None,
        sort: Sort = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Series]:
        """Search series."""
        query = await query_of(
            info.context, Level.SERIES, where, sort=sort or (), first=first, after=after
        )
        return await search(
            info.context, Series, query, partition=partition, after=after
        )

    @strawberry.field(
        description="Instances of any series that match and that you may see, those"
        " stored last first if no order is asked for."
    )
    async def instances(
        self,
        info: Info,
        where: Annotated[InstanceFilter | None, _WHICH] = None,
        partition: PartitionName = None,
        sort: Sort = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Instance]:
        """Search instances."""
        query = await query_of(
            info.context,
            Level.INSTANCE,
            where,
            sort=sort or (),
            first=first,
            after=after,
        )
        return await search(
            info.context, Instance, query, partition=partition, after=after
        )

    @strawberry.field(
        description="The study of a UID; null where there is none that you may see."
    )
    async def study(
        self,
        info: Info,
        study_instance_uid: Annotated[
            UI, strawberry.argument(description="What it is called everywhere.")
        ],
        partition: Annotated[
            str, strawberry.argument(description="Name of its data partition.")
        ] = "default",
    ) -> Study | None:
        """Find one."""
        uids = [study_instance_uid]
        try:
            row = await find_by_uids(info.context, Level.STUDY, partition, uids)
        except NotFound as error:
            info.context.refused["study"] = error
            return None
        return Study(row=row)
