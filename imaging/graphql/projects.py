"""Projects: named sets of studies and patients, and who sees them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from core.errors import NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    checked_page,
    connect,
    no_such_cursor,
)
from core.graphql.context import Context, Info
from core.graphql.grants import Grant, granted_on, page_of_grants
from core.graphql.nodes import NO_NODE, Node, found_by, number_of
from core.graphql.partitions import Partition, find_partition
from core.models import ScopeKind
from core.partitions import DEFAULT_PARTITION
from imaging import project_views, projects
from imaging.graphql.facets import (
    Alternatives,
    Names,
    StudyFacet,
    Where,
    count_facets,
)
from imaging.graphql.filters import StudyFilter
from imaging.graphql.nodes import Study
from imaging.graphql.searching import Sort, find, query_of, search
from imaging.models import Project as HeldProject
from imaging.query import Level, Query

T = TypeVar("T")

PartitionName = Annotated[
    str, strawberry.argument(description="Name of its data partition.")
]


@strawberry.type(
    description="A named set of studies and patients of a partition; who has a grant"
    " on it sees what is in it."
)
class Project(Node):
    """A project that the actor sees."""

    held: strawberry.Private[HeldProject]

    @strawberry.field(description="Its name, one of its kind in the partition.")
    def name(self) -> str:
        """Return the name."""
        return self.held.name

    @strawberry.field(description="What it is for; may be empty.")
    def description(self) -> str:
        """Return the description."""
        return self.held.description

    @strawberry.field(description="When it was created.")
    def created_at(self) -> datetime:
        """Return the moment."""
        return self.held.created_at

    @strawberry.field(description="The data partition that it lies in.")
    async def partition(self, info: Info) -> Partition:
        """Return the partition."""
        return await find_partition(info.context, self.held.partition.name)

    @strawberry.field(
        description="The studies that are in it, those of its patients too. A search"
        " for each project."
    )
    async def studies(
        self,
        info: Info,
        where: Annotated[
            StudyFilter | None,
            strawberry.argument(name="filter", description="Which of them."),
        ] = None,
        sort: Sort = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Study]:
        """Search studies."""
        query = await query_of(
            info.context, Level.STUDY, where, sort=sort or (), first=first, after=after
        )
        confined = await self._confining(info.context)
        return await search(
            info.context,
            Study,
            confined(query),
            partition=self.held.partition.name,
            after=after,
        )

    @strawberry.field(
        description="How many of its studies have which values, as studyFacets counts"
        " all."
    )
    async def study_facets(
        self,
        info: Info,
        facets: Names,
        where: Where = None,
        alternatives: Alternatives = False,
    ) -> list[StudyFacet]:
        """Count its studies by what they have."""
        return await count_facets(
            info.context,
            facets,
            where,
            partition=self.held.partition.name,
            alternatives=alternatives,
            confined=await self._confining(info.context),
        )

    @strawberry.field(
        description="How many studies were put in one by one; null: only who may change"
        " it is told."
    )
    async def number_of_studies(self, info: Info) -> int | None:
        """Return the number."""
        size = await _loader(info.context, project_views.sizes_of).load(self.held.pk)
        return size and size.number_of_studies

    @strawberry.field(
        description="How many patients were put in; null: only who may change it is"
        " told."
    )
    async def number_of_patients(self, info: Info) -> int | None:
        """Return the number."""
        size = await _loader(info.context, project_views.sizes_of).load(self.held.pk)
        return size and size.number_of_patients

    @strawberry.field(
        description="Who sees it, ended grants too; null: only its owners and those who"
        " may see accounts are told."
    )
    async def grants(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Grant] | None:
        """List grants."""
        held = await _loader(info.context, project_views.grants_of).load(self.held.pk)
        return None if held is None else page_of_grants(held, first=first, after=after)

    async def _confining(self, context: Context) -> Callable[[Query], Query]:
        """Return what confines a search to what is in it."""
        loader = _loader(context, project_views.scope_keys_of)
        scope = await loader.load(self.held.pk) or 0

        def confined(query: Query) -> Query:
            text = "&".join(filter(None, (query.text, f"project={self.held.pk}")))
            return replace(query, scope=scope, text=text)

        return confined

    def name_of_node(self) -> str:
        """Return its number, which feed and audit log know, and no renaming changes."""
        return str(self.held.pk)


def _loader(
    context: Context, look_up: Callable[..., Mapping[int, T]]
) -> "DataLoader[int, T | None]":
    """Return what looks something up for all projects that are asked for together."""
    return context.once(
        look_up, lambda: DataLoader(partial(_looked_up, context, look_up))
    )


async def _looked_up(
    context: Context, look_up: Callable[..., Mapping[int, T]], keys: list[int]
) -> list[T | None]:
    found = await context.ask(look_up, actor=context.actor, project_ids=keys)
    return [found.get(key) for key in keys]


async def find_project(context: Context, name: str) -> Project:
    """Return a project by its number, with all that are asked for together.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    """
    loader = _loader(context, projects.find_projects)
    held = await loader.load(number_of(name))
    if held is None:
        raise NotFound(NO_NODE, path="id")
    return Project(held=held)


async def _find_study(context: Context, name: str) -> Study:
    return Study(row=await find(context, Level.STUDY, number_of(name)))


found_by("Project", find_project)
granted_on(ScopeKind.PROJECT, find_project)
granted_on(ScopeKind.STUDY, _find_study)


@strawberry.type
class ProjectQueries:
    """The part of projects in the root of queries."""

    @strawberry.field(description="The projects that you may see, by name.")
    async def projects(
        self,
        info: Info,
        partition: Annotated[
            str | None,
            strawberry.argument(
                description="Name of the data partition that they lie in; null: any."
            ),
        ] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Project]:
        """List projects."""
        context, limit = info.context, checked_page(first)
        try:
            held = await context.ask(
                projects.page_of_projects,
                actor=context.actor,
                limit=limit + 1,
                after=None if after is None else number_of(after),
                partition=partition,
            )
        except NotFound as error:
            if error.path == "partition":
                raise
            raise no_such_cursor() from error

        async def count() -> int:
            return await context.ask(
                projects.count_projects, actor=context.actor, partition=partition
            )

        return connect(
            [(str(each.pk), Project(held=each)) for each in held[:limit]],
            has_more=len(held) > limit,
            after=after,
            count=count,
        )

    @strawberry.field(
        description="The project of a name; null where there is none that you may see."
    )
    async def project(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="Its name.")],
        partition: PartitionName = DEFAULT_PARTITION,
    ) -> Project | None:
        """Find one."""
        context = info.context
        try:
            held = await context.ask(
                projects.project_named,
                actor=context.actor,
                partition=partition,
                name=name,
            )
        except NotFound as error:
            info.context.refused["project"] = error
            return None
        return Project(held=held)
