"""The clinical record in Django's admin.

What the portal writes is shown and not edited; actions call the domain functions.
"""

from fhirlink.admin import (
    conflicts,
    decisions,
    outbox,
    resources,
    servers,
    sources,
    subscriptions,
)

__all__ = [
    "conflicts",
    "decisions",
    "outbox",
    "resources",
    "servers",
    "sources",
    "subscriptions",
]
