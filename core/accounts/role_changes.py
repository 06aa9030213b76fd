"""What administrators do with roles: make, change, delete. All audited.

Roles that come with the portal may be changed, and stay: a new version would bring them
back.
"""

from collections.abc import Collection
from typing import Final

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from core.access import Actor, Verb
from core.accounts import grants
from core.accounts.managing import (
    keep_managing,
    record,
    require_lasting,
    require_manager,
)
from core.accounts.roles import CODENAMES, EVERYWHERE, ROLES
from core.errors import Conflict, Invalid, NotFound
from core.models import GroupGrant

MAXIMUM_NAME: Final = 150  # characters


@transaction.atomic
def create_role(
    *, actor: Actor, name: str, verbs: Collection[Verb] = (), everywhere: bool = False
) -> Group:
    """Make a role, which nobody has yet.

    Parameters
    ----------
    everywhere
        Whether its members may do it everywhere; if not, where it is granted.

    Raises
    ------
    Forbidden
        The actor may not manage accounts, or with this token nothing that lasts.
    Invalid
        No role can have the name.
    Conflict
        There is such a role already.
    """
    require_manager(actor)
    require_lasting(actor)
    if not 0 < len(name) <= MAXIMUM_NAME or not name.isprintable():
        message = f"A role has a name of at most {MAXIMUM_NAME} characters."
        raise Invalid(message, path="name")
    role, is_new = Group.objects.get_or_create(name=name)
    if not is_new:
        message = f"There is a role {name!r} already."
        raise Conflict(message, path="name")
    given = _codenames(verbs, everywhere=everywhere)
    role.permissions.set(_permissions(given))
    record(actor, f"role {name} made: {', '.join(sorted(given)) or 'nothing'}")
    return role


@transaction.atomic
def change_role(
    *,
    actor: Actor,
    name: str,
    verbs: Collection[Verb] | None = None,
    everywhere: bool | None = None,
) -> Group:
    """Change what a role may, and where; what is None stays as it is.

    Nothing is recorded where nothing changes.

    Raises
    ------
    Forbidden
        The actor may not manage accounts, or with this token nothing that lasts.
    NotFound
        There is no such role.
    Conflict
        The actor could not manage accounts any more.
    """
    role = _found(actor, name)
    held = {
        each.codename for each in role.permissions.all() if each.codename in CODENAMES
    }
    wanted = _codenames(
        held - {EVERYWHERE} if verbs is None else verbs,
        everywhere=EVERYWHERE in held if everywhere is None else everywhere,
    )
    if wanted != held:
        role.permissions.remove(*_permissions(held - wanted))
        role.permissions.add(*_permissions(wanted - held))
        keep_managing(actor=actor)
        done = [f"+{each}" for each in sorted(wanted - held)]
        done += [f"-{each}" for each in sorted(held - wanted)]
        record(actor, f"role {name} changed: {', '.join(done)}")
    return role


@transaction.atomic
def delete_role(*, actor: Actor, name: str) -> None:
    """Delete a role: who has it loses it, and what is granted to it is revoked.

    Raises
    ------
    Forbidden
        The actor may not manage accounts, or with this token nothing that lasts.
    NotFound
        There is no such role.
    Conflict
        It comes with the portal; or the actor could not manage accounts any more.
    """
    role = _found(actor, name)
    if name in ROLES:
        message = f"The role {name!r} comes with the portal and cannot be deleted."
        raise Conflict(message, path="name")
    number = role.user_set.count()
    for given in GroupGrant.objects.filter(group=role).order_by("pk"):
        grants.revoke(actor=actor, given=given, reason="the role is deleted")
    role.delete()
    keep_managing(actor=actor)
    record(actor, f"role {name} deleted, which {number} accounts had")


def _codenames(verbs: Collection[str], *, everywhere: bool) -> set[str]:
    return {*map(str, verbs), *([EVERYWHERE] if everywhere else [])}


def _permissions(codenames: Collection[str]) -> list[Permission]:
    held = Permission.objects.filter(codename__in=codenames)
    return list(held.filter(content_type__app_label="core").order_by("codename"))


def _found(actor: Actor, name: str) -> Group:
    """Return a role that the actor may change, locked."""
    require_manager(actor)
    require_lasting(actor)
    role = Group.objects.select_for_update().filter(name=name).first()
    if role is None:
        message = f"There is no role {name!r}."
        raise NotFound(message, path="name")
    return role
