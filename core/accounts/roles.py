"""The roles: Django groups made of permissions, seeded once and edited in the admin.

A role says what its members may do. Whether they may do it everywhere is one of its
permissions, `EVERYWHERE`; without it they may where something is granted to them, or
to a group of theirs.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from core.access import MEANINGS, Verb
from core.models import Partition

EVERYWHERE: Final = "reach_everything"
ADMINISTRATOR: Final = "Administrator"

_IDENTIFIED: Final = frozenset({Verb.READ, Verb.VIEW_PHI})
_DATA_MANAGER: Final = _IDENTIFIED | {
    Verb.STORE,
    Verb.STORE_RESULTS,
    Verb.SCHEDULE,
    Verb.PERFORM,
    Verb.DELETE,
    Verb.EXPORT,
    Verb.MANAGE,
}
ROLES: Final[dict[str, frozenset[str]]] = {
    ADMINISTRATOR: frozenset({*Verb, EVERYWHERE}),
    "Data Manager": frozenset({*_DATA_MANAGER, EVERYWHERE}),
    "Radiologist": frozenset(
        {*_IDENTIFIED, Verb.STORE_RESULTS, Verb.SCHEDULE, Verb.PERFORM}
    ),
    "Researcher": frozenset({Verb.READ}),
    "Referrer": frozenset({*_IDENTIFIED}),
    "Auditor": frozenset({Verb.READ_AUDIT, Verb.READ_ACCOUNTS, EVERYWHERE}),
    "Service Writer": frozenset({Verb.STORE, Verb.SCHEDULE, EVERYWHERE}),
    "Service Reader": frozenset({*_IDENTIFIED, EVERYWHERE}),
}
_NAMES: Final[dict[str, str]] = {
    **{verb.value: f"May {meaning}" for verb, meaning in MEANINGS.items()},
    EVERYWHERE: "Everywhere, not only where granted",
}

CODENAMES: Final = frozenset(_NAMES)
"""Of all permissions that a role can have."""


def seed_roles(**_signal: Any) -> None:
    """Create the permissions, and the roles that are not there yet.

    A role that exists keeps what administrators made of it; it only gets permissions
    that are new, which nobody can have taken from it.
    """
    permissions, new = _seed_permissions()
    for name, codenames in ROLES.items():
        group, created = Group.objects.get_or_create(name=name)
        wanted = codenames if created else codenames & new
        group.permissions.add(*_sorted(permissions, wanted))


def _seed_permissions() -> tuple[dict[str, Permission], set[str]]:
    """Return the permissions by codename, and which have just been made."""
    content_type = ContentType.objects.get_for_model(Partition)
    permissions, new = {}, set()
    for codename, name in _NAMES.items():
        permissions[codename], created = Permission.objects.update_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        if created:
            new.add(codename)
    return permissions, new


def _sorted(
    permissions: dict[str, Permission], wanted: Iterable[str]
) -> list[Permission]:
    return [permissions[codename] for codename in sorted(wanted)]
