"""The ground floor in Django's admin.

What the portal writes is shown and not edited; actions call the domain functions.
"""

from core.admin import accounts, audit_log, grants, pages, partitions, sign_ins
from core.admin.base import (
    ChoiceFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    RoleAdmin,
    TellsRefusals,
    actor_of,
    may,
)
from core.admin.grants import WithGrants

__all__ = [
    "ChoiceFilter",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "RoleAdmin",
    "TellsRefusals",
    "WithGrants",
    "accounts",
    "actor_of",
    "audit_log",
    "grants",
    "may",
    "pages",
    "partitions",
    "sign_ins",
]
