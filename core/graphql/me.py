"""Who asks, and what they may do."""

from datetime import datetime

import strawberry

from core.accounts import description
from core.graphql.connections import DEFAULT_PAGE, After, Connection, First
from core.graphql.context import Info
from core.graphql.grants import Grant, grants_of
from core.graphql.saved_views import SavedView, own_views
from core.graphql.tokens import Token, page_of_tokens


@strawberry.type(description="Something that the account may do, and where.")
class Permission:
    """A verb and its reach."""

    verb: str = strawberry.field(description="The verb, as roles hold it.")
    meaning: str = strawberry.field(description="What it means, after 'may'.")
    everywhere: bool = strawberry.field(description="Whether it reaches everything.")
    partitions: list[str] = strawberry.field(
        description="Names of the partitions that it reaches as a whole, where not"
        " everything."
    )
    number_of_scopes: int = strawberry.field(
        description="How many projects, patients and studies it reaches besides."
    )


@strawberry.type(description="The account that asks.")
class Me:
    """An account, for itself."""

    name: str = strawberry.field(description="What audit log and feed call it.")
    roles: list[str] = strawberry.field(description="Its roles, by name.")
    permissions: list[Permission] = strawberry.field(description="What it may do now.")
    until: datetime | None = strawberry.field(
        description="When some of this ends by itself, because a grant or token"
        " expires; null: it does not."
    )

    @strawberry.field(
        description="Your tokens that work, the newest first; never their text."
    )
    async def tokens(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Token]:
        """List tokens."""
        return await page_of_tokens(info.context, first=first, after=after)

    @strawberry.field(description="The views that you keep, by name: at most 50.")
    async def views(self, info: Info) -> list[SavedView]:
        """List views."""
        return await own_views(info.context)

    @strawberry.field(
        description="What is granted to you, ended grants too; not what is granted to"
        " your groups. Null: the portal itself asks."
    )
    async def grants(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Grant] | None:
        """List grants."""
        key = info.context.actor.account_id
        if key is None:
            return None
        return await grants_of(info.context, key, first=first, after=after)


@strawberry.type
class AccountQueries:
    """The part of accounts in the root of queries."""

    @strawberry.field(description="Who asks, and what they may do.")
    async def me(self, info: Info) -> Me:
        """Describe the actor."""
        actor = info.context.actor
        found = await info.context.ask(description.describe, actor=actor)
        return Me(
            name=found.name,
            roles=list(found.roles),
            permissions=[
                Permission(
                    verb=each.verb.value,
                    meaning=each.meaning,
                    everywhere=each.everywhere,
                    partitions=list(each.partitions),
                    number_of_scopes=each.number_of_scopes,
                )
                for each in found.permissions
            ],
            until=actor.until,
        )
