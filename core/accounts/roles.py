"""The roles: Django groups made of permissions, seeded once and edited in the admin."""

from typing import Any, Final

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from core.access import ALL_VERBS, Verb
from core.models import Partition

ADMINISTRATOR: Final = "Administrator"
ROLES: Final[dict[str, frozenset[Verb]]] = {
    ADMINISTRATOR: ALL_VERBS,
    "Data Manager": ALL_VERBS,
    "Service Writer": frozenset({Verb.STORE}),
    "Service Reader": frozenset({Verb.READ}),
}


def codename(verb: Verb) -> str:
    """Return the Django permission of a verb."""
    return f"{verb}_data"


def seed_roles(**_signal: Any) -> None:
    """Create the permissions, and the roles that are not there yet.

    A role that exists keeps what administrators made of it.
    """
    content_type = ContentType.objects.get_for_model(Partition)
    permissions = {
        verb: Permission.objects.get_or_create(
            content_type=content_type,
            codename=codename(verb),
            defaults={"name": f"May {verb} data"},
        )[0]
        for verb in Verb
    }
    for name, verbs in ROLES.items():
        group, created = Group.objects.get_or_create(name=name)
        if created:
            group.permissions.set([permissions[verb] for verb in sorted(verbs)])
