"""What administrators do with accounts."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from django.db.models import prefetch_related_objects

from core.accounts import changes
from core.graphql.accounts import Account, Name
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.models import Account as HeldAccount


@strawberry.type(description="An account as a mutation left it.")
class ChangedAccount:
    """What changing an account answers."""

    account: Account = strawberry.field(description="The account, as it is now.")


@strawberry.type(description="What may sign in again.")
class Unlocked:
    """What unlocking answers."""

    name: str = strawberry.field(description="The account, or the address.")


AccountResult = Annotated[
    ChangedAccount | Fault,
    strawberry.union(
        "ChangeAccountResult", description="An account, or why it was not changed."
    ),
]
UnlockResult = Annotated[
    Unlocked | Fault,
    strawberry.union("UnlockResult", description="What was unlocked, or why not."),
]


async def _changed(
    info: Info, change: Callable[..., HeldAccount], **how: Any
) -> ChangedAccount:
    """Do it; the account is answered to who may change it, whoever may see others."""

    def call() -> HeldAccount:
        account = change(actor=info.context.actor, **how)
        prefetch_related_objects([account], "groups__permissions")
        return account

    return ChangedAccount(account=Account(held=await info.context.do(call)))


@strawberry.type
class AccountMutations:
    """The part of accounts in the root of mutations."""

    @mutation(description="Have nobody sign in or act with an account any more.")
    async def disable_account(self, info: Info, name: Name) -> AccountResult:
        """Disable one."""
        return await _changed(info, changes.set_active, name=name, is_active=False)

    @mutation(description="Take an account that was disabled into use again.")
    async def enable_account(self, info: Info, name: Name) -> AccountResult:
        """Enable one."""
        return await _changed(info, changes.set_active, name=name, is_active=True)

    @mutation(
        description="Let an account, or an address, sign in again after too many wrong"
        " passwords."
    )
    async def unlock(
        self,
        info: Info,
        name: Annotated[
            str,
            strawberry.argument(description="The name of the account, or the address."),
        ],
    ) -> UnlockResult:
        """Unlock one."""
        context = info.context
        await context.do(changes.unlock, actor=context.actor, label=name)
        return Unlocked(name=name)

    @mutation(
        description="Give an account exactly these roles. Those that its issuer gives"
        " come back with its next token."
    )
    async def set_roles(
        self,
        info: Info,
        name: Name,
        roles: Annotated[
            list[str], strawberry.argument(description="The names of its roles.")
        ],
    ) -> AccountResult:
        """Set them."""
        return await _changed(info, changes.set_roles, name=name, roles=roles)
