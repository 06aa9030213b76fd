"""The ground floor in Django's admin.

What the portal writes is shown and not edited; actions call the domain functions.
"""

from core.admin import (
    accounts,
    all_grants,
    audit_log,
    grants,
    pages,
    partitions,
    sign_ins,
    tokens,
)
from core.admin.base import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    RoleAdmin,
    TellsRefusals,
    actor_of,
    may,
    shortened,
)
from core.admin.filters import ChoiceFilter, PartitionFilter, TextFilter
from core.admin.grants import WithGrants
from core.admin.reasons import ReasonForm
from core.admin.scope_names import register_names

__all__ = [
    "ChoiceFilter",
    "PartitionFilter",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "ReasonForm",
    "RoleAdmin",
    "TellsRefusals",
    "TextFilter",
    "WithGrants",
    "accounts",
    "actor_of",
    "all_grants",
    "audit_log",
    "grants",
    "may",
    "pages",
    "partitions",
    "register_names",
    "shortened",
    "sign_ins",
    "tokens",
]
