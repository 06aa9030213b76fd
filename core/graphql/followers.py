"""The followers of the change feed in the graph, for those who manage data."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

import strawberry

from core import dead_letters, follower_orders
from core.follower_status import FollowerStatus
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    First,
    Uncounted,
    checked_page,
    connect_uncounted,
    no_such_cursor,
)
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.graphql.scalars import BigInt
from core.models import DeadLetter as HeldLetter

MOST: Final = 2**63 - 1  # of a sequence

Name = Annotated[str, strawberry.argument(description="The name of the follower.")]


@strawberry.type(description="An entry of the feed that a follower could not apply.")
class DeadLetter:
    """An entry that was passed over."""

    held: strawberry.Private[HeldLetter]

    @strawberry.field(description="What skipDeadLetter calls it.")
    def letter_id(self) -> BigInt:
        """Return the key."""
        return BigInt(self.held.pk)

    @strawberry.field(description="The number of the entry in the feed.")
    def sequence(self) -> BigInt:
        """Return the number."""
        return BigInt(self.held.seq)

    @strawberry.field(description="Why it could not be applied, the last time.")
    def error(self) -> str:
        """Return the error."""
        return self.held.error

    @strawberry.field(description="How often it was tried.")
    def attempts(self) -> int:
        """Return the number."""
        return self.held.attempts

    @strawberry.field(description="When it failed first.")
    def first_at(self) -> datetime:
        """Return the moment."""
        return self.held.first_at

    @strawberry.field(description="When it failed last.")
    def last_at(self) -> datetime:
        """Return the moment."""
        return self.held.last_at


@strawberry.type(description="What derives something from the change feed.")
class Follower:
    """A follower, and how far it is."""

    status: strawberry.Private[FollowerStatus]

    @strawberry.field(description="Its name.")
    def name(self) -> str:
        """Return the name."""
        return self.status.name

    @strawberry.field(description="The last entry of the feed that it has applied.")
    def sequence(self) -> BigInt:
        """Return the number."""
        return BigInt(self.status.seq)

    @strawberry.field(description="How many entries it has yet to take.")
    def lag(self) -> BigInt:
        """Return the number."""
        return BigInt(self.status.lag)

    @strawberry.field(description="Age of the oldest of them in seconds; 0: none.")
    def lag_seconds(self) -> float:
        """Return the age."""
        return self.status.lag_s

    @strawberry.field(description="How many entries it could not apply.")
    def number_of_dead_letters(self) -> int:
        """Return the number."""
        return self.status.number_of_dead_letters

    @strawberry.field(
        description="What it could not apply, in the order of the feed. A look-up for"
        " each follower."
    )
    async def dead_letters(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Uncounted[DeadLetter]:
        """List them."""
        limit = checked_page(first)
        held = await info.context.ask(
            follower_orders.page_of_dead_letters,
            actor=info.context.actor,
            follower=self.status.name,
            limit=limit + 1,
            after=_place(after),
        )
        nodes = [(str(each.seq), DeadLetter(held=each)) for each in held[:limit]]
        return connect_uncounted(nodes, has_more=len(held) > limit, after=after)


@strawberry.type(description="A follower that workers have been told of.")
class OrderedFollower:
    """What ordering a follower answers."""

    name: str = strawberry.field(description="Its name; followers tells how far it is.")


@strawberry.type(description="An entry that a follower does without.")
class SkippedDeadLetter:
    """What skipping a dead letter answers."""

    letter_id: BigInt = strawberry.field(description="What it was called.")


OrderResult = Annotated[
    OrderedFollower | Fault,
    strawberry.union(
        "OrderFollowerResult", description="A follower, or why it has no order."
    ),
]
SkipResult = Annotated[
    SkippedDeadLetter | Fault,
    strawberry.union(
        "SkipDeadLetterResult", description="What was skipped, or why it was not."
    ),
]


def _place(after: str | None) -> int | None:
    if after is None:
        return None
    try:
        place = int(after)
    except ValueError as error:
        raise no_such_cursor() from error
    if not 0 <= place <= MOST:
        raise no_such_cursor()
    return place


@strawberry.type
class FollowerQueries:
    """The part of followers in the root of queries."""

    @strawberry.field(
        description="The followers of the change feed, for those who manage data."
    )
    async def followers(self, info: Info) -> list[Follower]:
        """List them."""
        found = await info.context.ask(
            follower_orders.list_followers, actor=info.context.actor
        )
        return [Follower(status=each) for each in found]


@strawberry.type
class FollowerMutations:
    """The part of followers in the root of mutations."""

    @mutation(
        description="Have workers derive again, from the first entry of the feed, all"
        " that a follower derives."
    )
    async def rebuild_follower(self, info: Info, name: Name) -> OrderResult:
        """Rebuild one."""
        return await _ordered(info, follower_orders.rebuild_follower, name)

    @mutation(
        description="Have workers try again, in their order, the entries that a"
        " follower could not apply."
    )
    async def replay_dead_letters(self, info: Info, name: Name) -> OrderResult:
        """Replay those of one."""
        return await _ordered(info, follower_orders.replay_dead_letters, name)

    @mutation(
        description="Give up an entry that a follower could not apply. Only a rebuild"
        " takes it again."
    )
    async def skip_dead_letter(
        self,
        info: Info,
        letter_id: Annotated[
            BigInt, strawberry.argument(description="The letterId of the dead letter.")
        ],
    ) -> SkipResult:
        """Skip one."""
        await info.context.do(
            dead_letters.skip_dead_letter,
            actor=info.context.actor,
            letter_id=letter_id,
        )
        return SkippedDeadLetter(letter_id=letter_id)


async def _ordered(
    info: Info, order: Callable[..., None], name: str
) -> OrderedFollower:
    await info.context.do(order, actor=info.context.actor, name=name)
    return OrderedFollower(name=name)
