"""The ground floor in Django's admin.

What the portal writes is shown and not edited; actions call the domain functions.
"""

from django.contrib import admin

from core.admin import pages, partitions
from core.admin.base import ChoiceFilter, ReadOnlyAdmin, ReadOnlyInline, actor_of, may

__all__ = [
    "ChoiceFilter",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "actor_of",
    "may",
    "pages",
    "partitions",
]

admin.site.site_header = admin.site.site_title = "Imaging Research Portal"
admin.site.index_title = "Administration"
admin.site.enable_nav_sidebar = False  # lists of UIDs need the width
