"""What administrators do with roles."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from django.contrib.auth.models import Group
from django.db.models import prefetch_related_objects

from core.accounts import role_changes
from core.graphql.accounts import Role
from core.graphql.context import Info
from core.graphql.faults import Fault, mutation
from core.graphql.nodes import make_id
from core.graphql.scalars import verbs_in

Name = Annotated[str, strawberry.argument(description="The name of the role.")]


@strawberry.type(description="A role as a mutation left it.")
class ChangedRole:
    """What creating or changing a role answers."""

    role: Role = strawberry.field(description="The role, as it is now.")


@strawberry.type(description="A role that is no more.")
class DeletedRole:
    """What deleting a role answers."""

    id: strawberry.ID = strawberry.field(description="The id that it had.")


ChangeResult = Annotated[
    ChangedRole | Fault,
    strawberry.union(
        "ChangeRoleResult", description="A role, or why it was not changed."
    ),
]
DeleteResult = Annotated[
    DeletedRole | Fault,
    strawberry.union(
        "DeleteRoleResult", description="What was deleted, or why it was not."
    ),
]


async def _changed(info: Info, change: Callable[..., Group], **how: Any) -> ChangedRole:
    def call() -> Group:
        role = change(actor=info.context.actor, **how)
        prefetch_related_objects([role], "permissions")
        return role

    return ChangedRole(role=Role(held=await info.context.do(call)))


@strawberry.type
class RoleMutations:
    """The part of roles in the root of mutations."""

    @mutation(description="Make a role, which nobody has yet.")
    async def create_role(
        self,
        info: Info,
        name: Name,
        verbs: Annotated[
            list[str],
            strawberry.argument(description="What its members may do, as Role.verbs."),
        ],
        everywhere: Annotated[
            bool,
            strawberry.argument(
                description="Whether they may do it everywhere; if not, where it is"
                " granted."
            ),
        ] = False,
    ) -> ChangeResult:
        """Create one."""
        return await _changed(
            info,
            role_changes.create_role,
            name=name,
            verbs=verbs_in(verbs),
            everywhere=everywhere,
        )

    @mutation(
        description="Change what a role may, and where; what is null stays as it is."
        " CONFLICT where you could not manage accounts any more yourself."
    )
    async def change_role(
        self,
        info: Info,
        name: Name,
        verbs: Annotated[
            list[str] | None,
            strawberry.argument(
                description="What its members may do from now on, and nothing else."
            ),
        ] = None,
        everywhere: Annotated[
            bool | None,
            strawberry.argument(
                description="Whether they may do it everywhere, or where it is granted."
            ),
        ] = None,
    ) -> ChangeResult:
        """Change one."""
        return await _changed(
            info,
            role_changes.change_role,
            name=name,
            verbs=verbs_in(verbs),
            everywhere=everywhere,
        )

    @mutation(
        description="Delete a role: who has it loses it, and what is granted to it is"
        " revoked. CONFLICT where it comes with the portal."
    )
    async def delete_role(self, info: Info, name: Name) -> DeleteResult:
        """Delete one."""
        await info.context.do(
            role_changes.delete_role, actor=info.context.actor, name=name
        )
        return DeletedRole(id=strawberry.ID(make_id("Role", name)))
