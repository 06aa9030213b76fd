"""Grants: to whom something is open, how far, until when and why."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated, Final

import strawberry
from django.contrib.auth.models import Group
from strawberry.dataloader import DataLoader

from core.accounts import granted, grants
from core.accounts.grants import AnyGrant, Level
from core.errors import Forbidden, NotFound
from core.graphql.connections import Connection, connect_all
from core.graphql.context import Context, Info
from core.graphql.faults import Fault, mutation
from core.graphql.nodes import (
    NO_NODE,
    Find,
    Node,
    found_by,
    name_in,
    number_of,
)
from core.graphql.partitions import find_partition
from core.models import Account as HeldAccount
from core.models import AccountGrant, ScopeKind


@strawberry.enum(description="How far a grant goes.")
class GrantLevel(Enum):
    """Levels of `core.accounts.grants`."""

    SEE = strawberry.enum_value(Level.SEE.value, description="What is in it is seen.")
    IDENTIFY = strawberry.enum_value(
        Level.IDENTIFY.value,
        description="What is in it is seen, and who its patients are.",
    )
    OWN = strawberry.enum_value(
        Level.OWN.value, description="What is in it is seen, and who else sees it said."
    )


@strawberry.enum(description="What something is granted on.")
class GrantKind(Enum):
    """Kinds of scopes."""

    PARTITION = strawberry.enum_value(
        ScopeKind.PARTITION.value, description="A whole data partition."
    )
    PROJECT = strawberry.enum_value(
        ScopeKind.PROJECT.value, description="What is in a project."
    )
    PATIENT = strawberry.enum_value(
        ScopeKind.PATIENT.value, description="All studies of a patient."
    )
    STUDY = strawberry.enum_value(ScopeKind.STUDY.value, description="A study.")
    WORKLIST = strawberry.enum_value(
        ScopeKind.WORKLIST.value,
        description="What is on a worklist, and the studies that it opens.",
    )


_objects: Final[dict[str, Find]] = {}


def granted_on(kind: ScopeKind, find: Find) -> None:
    """Have `find` find by its key what something of a kind was granted on."""
    _objects[kind] = find


@strawberry.type(description="That something is open to somebody.")
class Grant(Node):
    """A grant to an account or a group."""

    held: strawberry.Private[AnyGrant]

    @strawberry.field(description="The account that has it; null: a group has.")
    def account(self) -> str | None:
        """Return the name."""
        return str(self.held.user) if isinstance(self.held, AccountGrant) else None

    @strawberry.field(description="The group that has it; null: an account has.")
    def group(self) -> str | None:
        """Return the name."""
        return None if isinstance(self.held, AccountGrant) else str(self.held.group)

    @strawberry.field(description="How far it goes.")
    def level(self) -> GrantLevel:
        """Return the level."""
        return GrantLevel(self.held.permission.codename)

    @strawberry.field(description="What kind of thing it is on.")
    def kind(self) -> GrantKind:
        """Return the kind."""
        return GrantKind(self.held.content_object.kind)

    @strawberry.field(description="Name of the data partition that it is in, or on.")
    def partition_name(self) -> str:
        """Return the name."""
        return self.held.content_object.partition.name

    @strawberry.field(
        name="object",
        description="What it is on; null for a patient, and where you may not see it.",
    )
    async def what(self, info: Info) -> Node | None:
        """Find it as the actor may."""
        scope = self.held.content_object
        try:
            if scope.kind == ScopeKind.PARTITION:
                return await find_partition(info.context, scope.partition.name)
            find = _objects.get(scope.kind)
            return find and await find(info.context, str(scope.object_id))
        except (NotFound, Forbidden):
            return None

    @strawberry.field(description="When it was given.")
    def granted_at(self) -> datetime:
        """Return the moment."""
        return self.held.granted_at

    @strawberry.field(description="Who gave it.")
    def granted_by(self) -> str:
        """Return the name."""
        return self.held.granted_by

    @strawberry.field(description="When it ends, or has; null: when it is revoked.")
    def expires_at(self) -> datetime | None:
        """Return the moment."""
        return self.held.expires_at

    @strawberry.field(description="Why it was given; may be empty.")
    def reason(self) -> str:
        """Return the reason."""
        return self.held.reason

    def name_of_node(self) -> str:
        """Return which of the two kinds it is, and its key."""
        kind = "account" if isinstance(self.held, AccountGrant) else "group"
        return f"{kind}/{self.held.pk}"


def page_of_grants(
    held: Sequence[AnyGrant], *, first: int, after: str | None
) -> Connection[Grant]:
    """Return a page of all grants on something or to somebody."""
    made = (Grant(held=each) for each in held)
    return connect_all(
        [(each.name_of_node(), each) for each in made], first=first, after=after
    )


async def grants_of(
    context: Context, account_id: int, *, first: int, after: str | None
) -> Connection[Grant] | None:
    """Return a page of the grants to an account itself; None where they are hidden.

    One statement for all accounts that are asked for together.
    """
    loader: DataLoader[int, Sequence[AnyGrant] | None] = context.once(
        grants_of, lambda: DataLoader(partial(_to, context))
    )
    held = await loader.load(account_id)
    return None if held is None else page_of_grants(held, first=first, after=after)


async def _to(context: Context, keys: list[int]) -> list[Sequence[AnyGrant] | None]:
    found = await context.ask(granted.grants_to, actor=context.actor, account_ids=keys)
    return [found.get(key) for key in keys]


def _which(name: str) -> tuple[type[grants.Receiver], int]:
    kind, _, key = name.partition("/")
    if kind not in {"account", "group"}:
        raise NotFound(NO_NODE, path="id")
    return HeldAccount if kind == "account" else Group, number_of(key)


async def _find(context: Context, name: str) -> Grant:
    to, key = _which(name)
    held = await context.ask(granted.find_grant, actor=context.actor, to=to, key=key)
    return Grant(held=held)


found_by("Grant", _find)


@strawberry.type(description="A grant as a mutation left it.")
class Granted:
    """What granting answers."""

    grant: Grant = strawberry.field(description="The grant, as it is now.")


@strawberry.type(description="A grant that is no more.")
class Revoked:
    """What revoking answers."""

    id: strawberry.ID = strawberry.field(description="The id that it had.")


GrantResult = Annotated[
    Granted | Fault,
    strawberry.union("GrantResult", description="A grant, or why there is none."),
]
RevokeResult = Annotated[
    Revoked | Fault,
    strawberry.union(
        "RevokeResult", description="What was taken back, or why it was not."
    ),
]


@strawberry.type
class GrantMutations:
    """The part of grants in the root of mutations."""

    @mutation(description="Take a grant back; it ends at once.")
    async def revoke(
        self,
        info: Info,
        global_id: Annotated[
            strawberry.ID,
            strawberry.argument(name="id", description="The id of the grant."),
        ],
        reason: Annotated[
            str, strawberry.argument(description="Why; it stands in the audit log.")
        ] = "",
    ) -> RevokeResult:
        """Revoke one."""
        to, key = _which(name_in(global_id, "Grant"))
        await info.context.do(
            granted.revoke_by_key,
            actor=info.context.actor,
            to=to,
            key=key,
            reason=reason,
        )
        return Revoked(id=global_id)
