"""The views that an account keeps, in the graph."""

from typing import Annotated

import strawberry

from core import saved_views
from core.graphql.context import Context, Info
from core.graphql.faults import Fault, mutation
from core.saved_views import View

Name = Annotated[str, strawberry.argument(description="What it is called.")]


@strawberry.type(
    description="A list of the portal's pages as somebody wants to see it again."
)
class SavedView:
    """A view of one's own."""

    name: str = strawberry.field(description="What it is called.")
    query: str = strawberry.field(
        description="What stands in the address of the list behind the question mark."
    )


@strawberry.type(description="The views of the account after a change.")
class ChangedViews:
    """What saving and removing answer."""

    views: list[SavedView] = strawberry.field(description="All of them, by name.")


ViewsResult = Annotated[
    ChangedViews | Fault,
    strawberry.union(
        "ChangeViewsResult", description="The views, or why they are as they were."
    ),
]


async def own_views(context: Context) -> list[SavedView]:
    """Return the views of the account that asks."""
    held = await context.ask(saved_views.list_views, actor=context.actor)
    return [SavedView(name=each.name, query=each.query) for each in held]


@strawberry.type
class SavedViewMutations:
    """The part of views in the root of mutations."""

    @mutation(
        description="Keep a view for yourself, in place of that of its name; at most"
        " 50."
    )
    async def save_view(
        self,
        info: Info,
        name: Name,
        query: Annotated[
            str,
            strawberry.argument(
                description="What stands in the address of the list behind the question"
                " mark: at most 4000 characters, and nothing of who patients are."
            ),
        ],
    ) -> ViewsResult:
        """Save one."""
        context = info.context
        await context.do(
            saved_views.save_view, actor=context.actor, view=View(name, query)
        )
        return ChangedViews(views=await own_views(context))

    @mutation(description="Forget a view of yours.")
    async def remove_view(self, info: Info, name: Name) -> ViewsResult:
        """Remove one."""
        context = info.context
        await context.do(saved_views.remove_view, actor=context.actor, name=name)
        return ChangedViews(views=await own_views(context))
