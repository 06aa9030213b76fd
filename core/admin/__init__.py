"""The ground floor in Django's admin.

What the portal writes is shown and not edited; actions call the domain functions.
"""

from django.contrib import admin

from core.admin import audit_log, grants, pages, partitions, sign_ins
from core.admin.base import (
    ChoiceFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    RoleAdmin,
    actor_of,
    may,
)
from core.admin.grants import WithGrants

__all__ = [
    "ChoiceFilter",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "RoleAdmin",
    "WithGrants",
    "actor_of",
    "audit_log",
    "grants",
    "may",
    "pages",
    "partitions",
    "sign_ins",
]

admin.site.site_header = admin.site.site_title = "Imaging Research Portal"
admin.site.index_title = "Administration"
admin.site.enable_nav_sidebar = False  # lists of UIDs need the width
