"""What administrators do with accounts."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from django.db.models import prefetch_related_objects

from core.access import Actor
from core.accounts import changes
from core.accounts.changes import NewPassword
from core.graphql.accounts import Account, Name
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.graphql.scalars import Password
from core.models import Account as HeldAccount


@strawberry.type(description="An account as a mutation left it.")
class ChangedAccount:
    """What changing an account answers."""

    account: Account = strawberry.field(description="The account, as it is now.")


@strawberry.type(description="An account that was just made.")
class CreatedAccount:
    """What creating an account answers."""

    account: Account = strawberry.field(description="The account.")
    password: str | None = strawberry.field(
        description="The random password that it was given, told this once and nowhere"
        " kept; null where you gave one."
    )


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
CreateResult = Annotated[
    CreatedAccount | Fault,
    strawberry.union(
        "CreateAccountResult", description="An account, or why there is none."
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

    @mutation(
        description="Make an account that can sign in. Who may manage accounts may give"
        " any role."
    )
    async def create_account(
        self,
        info: Info,
        name: Name,
        password: Annotated[
            Password | None,
            strawberry.argument(
                description="Its password; null: a random one, which is told once."
            ),
        ] = None,
        roles: Annotated[
            list[str] | None, strawberry.argument(description="The names of its roles.")
        ] = None,
        only_granted: Annotated[
            bool,
            strawberry.argument(
                description="Whether it reaches only what is granted, whatever its"
                " roles reach."
            ),
        ] = False,
    ) -> CreateResult:
        """Create one."""

        def call() -> NewPassword:
            made = changes.create_account(
                actor=info.context.actor,
                name=name,
                password=password,
                roles=roles or (),
                only_granted=only_granted,
            )
            prefetch_related_objects([made.account], "groups__permissions")
            return made

        made = await info.context.do(call)
        return CreatedAccount(
            account=Account(held=made.account),
            password=made.password if password is None else None,
        )

    @mutation(
        description="Give an account another password; its sessions end, its tokens"
        " work on. CONFLICT where it signs in at an issuer."
    )
    async def set_password(
        self,
        info: Info,
        name: Name,
        password: Annotated[
            Password, strawberry.argument(description="Its new password.")
        ],
    ) -> AccountResult:
        """Set it."""

        def call(*, actor: Actor, name: str) -> HeldAccount:
            return changes.set_password(actor=actor, name=name, password=password)[0]

        return await _changed(info, call, name=name)

    @mutation(
        description="Sign an account out in all browsers, within seconds; its tokens"
        " work on."
    )
    async def end_sessions(self, info: Info, name: Name) -> AccountResult:
        """End them."""
        return await _changed(info, changes.end_sessions, name=name)

    @mutation(
        description="Have an account reach only what is granted, whatever its roles"
        " reach; or all that they reach."
    )
    async def set_only_granted(
        self,
        info: Info,
        name: Name,
        only_granted: Annotated[
            bool, strawberry.argument(description="Whether it reaches only that.")
        ],
    ) -> AccountResult:
        """Set it."""
        change = changes.set_only_granted
        return await _changed(info, change, name=name, only_granted=only_granted)

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
        " come back with its next token. CONFLICT where you could not manage accounts"
        " any more yourself."
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
