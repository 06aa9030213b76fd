"""One's own tokens."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import strawberry

from core.access import Actor
from core.accounts import tokens
from core.errors import NotFound
from core.graphql.connections import Connection, connect_all
from core.graphql.context import Context, Info
from core.graphql.faults import Fault, mutation
from core.graphql.nodes import NO_NODE, Node, found_by, number_in
from core.graphql.scalars import aware, verbs_in
from core.models import Token as HeldToken

TokenId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The id of the token.")
]


@strawberry.type(description="A token of one's own that works; never its text.")
class Token(Node):
    """A bearer token."""

    held: strawberry.Private[HeldToken]
    names: strawberry.Private[Mapping[int, str]]

    @strawberry.field(description="What it is for.")
    def name(self) -> str:
        """Return the name."""
        return self.held.name

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        """Return the moment."""
        return self.held.created_at

    @strawberry.field(description="When it ends; null: it does not by itself.")
    def expires_at(self) -> datetime | None:
        """Return the moment."""
        return self.held.expires_at

    @strawberry.field(description="When it was last used, within a minute or so.")
    def last_used_at(self) -> datetime | None:
        """Return the moment."""
        return self.held.last_used_at

    @strawberry.field(description="The only verbs that it allows; null: all of yours.")
    def verbs(self) -> list[str] | None:
        """Return the verbs."""
        return self.held.verbs

    @strawberry.field(
        description="Names of the only partitions that it allows; null: all of yours."
    )
    def partitions(self) -> list[str] | None:
        """Return the names."""
        if self.held.partitions is None:
            return None
        keys = self.held.partitions
        return sorted(self.names[key] for key in keys if key in self.names)

    def name_of_node(self) -> str:
        """Return its number."""
        return str(self.held.pk)


class _Own(NamedTuple):
    tokens: Sequence[HeldToken]
    names: Mapping[int, str]


async def own_tokens(context: Context) -> Sequence[Token]:
    """Return one's own tokens that work, newest first; looked up once."""

    async def look_up() -> _Own:
        return await context.ask(_look_up, context.actor)

    found = await context.once_awaited(own_tokens, look_up)
    return [Token(held=each, names=found.names) for each in found.tokens]


async def page_of_tokens(
    context: Context, *, first: int, after: str | None
) -> Connection[Token]:
    """Return a page of one's own tokens."""
    found = [(each.name_of_node(), each) for each in await own_tokens(context)]
    return connect_all(found, first=first, after=after)


def _look_up(actor: Actor) -> _Own:
    held = list(tokens.list_own_tokens(actor=actor))
    return _Own(held, tokens.partitions_of(held))


async def _find(context: Context, name: str) -> Token:
    for token in await own_tokens(context):
        if token.name_of_node() == name:
            return token
    raise NotFound(NO_NODE, path="id")


found_by("Token", _find)


@strawberry.type(description="A token that was just made.")
class CreatedToken:
    """What creating or rotating a token answers."""

    text: str = strawberry.field(
        description="What goes behind Bearer. It is told this once, and nowhere kept."
    )
    token: Token = strawberry.field(description="What is known of it later on.")


@strawberry.type(description="A token that works no more.")
class RevokedToken:
    """What revoking a token answers."""

    id: strawberry.ID = strawberry.field(description="The id that it had.")


CreateResult = Annotated[
    CreatedToken | Fault,
    strawberry.union("CreateTokenResult", description="A token, or why there is none."),
]
RevokeResult = Annotated[
    RevokedToken | Fault,
    strawberry.union(
        "RevokeTokenResult", description="What was revoked, or why it was not."
    ),
]


async def _created(context: Context, made: tokens.NewToken) -> CreatedToken:
    names = await context.ask(tokens.partitions_of, [made.token])
    return CreatedToken(text=made.text, token=Token(held=made.token, names=names))


@strawberry.type
class TokenMutations:
    """The part of tokens in the root of mutations."""

    @mutation(
        description="Make a token for yourself, after signing in or with a token that"
        " has no limits."
    )
    async def create_token(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="What it is for.")],
        verbs: Annotated[
            list[str] | None,
            strawberry.argument(description="The only verbs; null: all of yours."),
        ] = None,
        partitions: Annotated[
            list[str] | None,
            strawberry.argument(
                description="Names of the only partitions; null: all of yours."
            ),
        ] = None,
        expires_at: Annotated[
            datetime | None,
            strawberry.argument(description="When it ends; null: when it is revoked."),
        ] = None,
    ) -> CreateResult:
        """Create one."""
        until = aware(expires_at, "expiresAt")
        limits = tokens.Limits(verbs_in(verbs), partitions, until)
        made = await info.context.do(
            tokens.create_own_token, actor=info.context.actor, name=name, limits=limits
        )
        return await _created(info.context, made)

    @mutation(
        description="Make a token that takes the place of one of yours, which works on"
        " for a day."
    )
    async def rotate_token(self, info: Info, global_id: TokenId) -> CreateResult:
        """Rotate one."""
        made = await info.context.do(
            tokens.rotate_own_token,
            actor=info.context.actor,
            token_id=number_in(global_id, "Token"),
        )
        return await _created(info.context, made)

    @mutation(description="Have a token of yours work no more.")
    async def revoke_token(self, info: Info, global_id: TokenId) -> RevokeResult:
        """Revoke one."""
        await info.context.do(
            tokens.revoke_own_token,
            actor=info.context.actor,
            token_id=number_in(global_id, "Token"),
        )
        return RevokedToken(id=global_id)
