"""Accounts and roles, for those who may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry
from django.contrib.auth.models import Group

from core.access import Verb
from core.accounts import directory
from core.accounts.roles import EVERYWHERE
from core.errors import NotFound
from core.graphql.connections import (
    DEFAULT_PAGE,
    After,
    Connection,
    First,
    checked_page,
    connect,
    connect_all,
)
from core.graphql.context import Context, Info
from core.graphql.grants import Grant, grants_of
from core.graphql.nodes import NO_NODE, Node, found_by
from core.models import Account as HeldAccount

Name = Annotated[str, strawberry.argument(description="The name of the account.")]


@strawberry.type(description="A person or a program that acts.")
class Account(Node):
    """An account, for those who may see accounts."""

    held: strawberry.Private[HeldAccount]

    @strawberry.field(description="What audit log and feed call it.")
    def name(self) -> str:
        """Return the name."""
        return self.held.username

    @strawberry.field(description="Whether it is in use; if not, nobody acts with it.")
    def is_active(self) -> bool:
        """Return whether it is."""
        return self.held.is_active

    @strawberry.field(description="Whether it may do everything, whatever its roles.")
    def is_superuser(self) -> bool:
        """Return whether it may."""
        return self.held.is_superuser

    @strawberry.field(
        description="Whether it reaches only what is granted, whatever its roles reach."
    )
    def only_granted(self) -> bool:
        """Return whether it does."""
        return self.held.only_granted

    @strawberry.field(
        description="The OpenID Connect issuer that it signs in at; null: here."
    )
    def issuer(self) -> str | None:
        """Return the issuer."""
        return self.held.issuer or None

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        """Return the moment."""
        return self.held.date_joined

    @strawberry.field(description="When it last signed in with a password, if ever.")
    def last_sign_in_at(self) -> datetime | None:
        """Return the moment."""
        return self.held.last_login

    @strawberry.field(description="Its roles, by name.")
    def roles(self) -> "list[Role]":
        """Return the roles."""
        held = sorted(self.held.groups.all(), key=lambda group: group.name)
        return [Role(held=each) for each in held]

    @strawberry.field(
        description="What is granted to itself, ended grants too; not what is granted"
        " to its groups."
    )
    async def grants(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Grant] | None:
        """List grants."""
        return await grants_of(info.context, self.held.pk, first=first, after=after)

    def name_of_node(self) -> str:
        """Return its name."""
        return self.held.username


@strawberry.type(description="A role, which is a group of accounts: what they may do.")
class Role(Node):
    """A group with its permissions."""

    held: strawberry.Private[Group]

    @strawberry.field(description="Its name.")
    def name(self) -> str:
        """Return the name."""
        return self.held.name

    @strawberry.field(description="What its members may do, as permissions name it.")
    def verbs(self) -> list[str]:
        """Return the verbs, in their usual order."""
        held = {each.codename for each in self.held.permissions.all()}
        return [verb.value for verb in Verb if verb in held]

    @strawberry.field(
        description="Whether they may do it everywhere; if not, where it is granted."
    )
    def everywhere(self) -> bool:
        """Return whether they may."""
        held = {each.codename for each in self.held.permissions.all()}
        return EVERYWHERE in held

    @strawberry.field(
        description="The accounts that have it, by name. A look-up for each role."
    )
    async def members(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Account]:
        """List accounts."""
        return await _page(info.context, first, after, role=self.held.name)

    def name_of_node(self) -> str:
        """Return its name."""
        return self.held.name


async def _page(
    context: Context, first: int, after: str | None, role: str | None = None
) -> Connection[Account]:
    limit = checked_page(first)
    held = await context.ask(
        directory.page_of_accounts,
        actor=context.actor,
        limit=limit + 1,
        after=after,
        role=role,
    )

    async def count() -> int:
        return await context.ask(
            directory.count_accounts, actor=context.actor, role=role
        )

    return connect(
        [(each.username, Account(held=each)) for each in held[:limit]],
        has_more=len(held) > limit,
        after=after,
        count=count,
    )


async def _roles(context: Context) -> Sequence[Group]:
    async def look_up() -> Sequence[Group]:
        return await context.ask(directory.list_roles, actor=context.actor)

    return await context.once_awaited(_roles, look_up)


async def find_account(context: Context, name: str) -> Account:
    """Return an account by its name.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see accounts, or there is none.
    """
    held = await context.ask(directory.find_account, actor=context.actor, name=name)
    return Account(held=held)


async def _find_role(context: Context, name: str) -> Role:
    for held in await _roles(context):
        if held.name == name:
            return Role(held=held)
    raise NotFound(NO_NODE, path="id")


found_by("Account", find_account)
found_by("Role", _find_role)


@strawberry.type
class DirectoryQueries:
    """The part of accounts and roles in the root of queries."""

    @strawberry.field(
        description="All accounts, by name; for those who may see accounts."
    )
    async def accounts(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Account]:
        """List accounts."""
        return await _page(info.context, first, after)

    @strawberry.field(
        description="The account of a name, for those who may see accounts; null where"
        " there is none."
    )
    async def account(self, info: Info, name: Name) -> Account | None:
        """Find one."""
        try:
            return await find_account(info.context, name)
        except NotFound as error:
            info.context.refused["account"] = error
            return None

    @strawberry.field(description="All roles, by name; for those who may see accounts.")
    async def roles(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Role]:
        """List roles."""
        found = [(each.name, Role(held=each)) for each in await _roles(info.context)]
        return connect_all(found, first=first, after=after)
