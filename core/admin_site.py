"""The admin as a site: named after the portal, its pages grouped by task."""

from typing import Any, Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

STATUS: Final = "system-status"  # the name of its address, which `portal` has
TASKS: Final[dict[str, dict[str, str]]] = {
    "Images": {
        "Study": "Studies",
        "Instance": "Instances",
        "Project": "Projects",
        "Partition": "Partitions",
    },
    "Who may what": {
        "Account": "Accounts",
        "Group": "Roles and groups",
        "AccountGrant": "Grants to accounts",
        "GroupGrant": "Grants to groups",
        "Scope": "What has grants",
        "Token": "Tokens",
        "SignInFailures": "Wrong passwords",
    },
    "What was done": {"AuditRecord": "Audit log", "FeedEntry": "Change feed"},
    "What runs": {
        "Operation": "Operations",
        "FollowerCursor": "Followers of the feed",
        "DeadLetter": "Dead letters",
        "Usage": "Usage",
        "FreedBlob": "Freed blobs",
    },
}
"""Tables by task, and how they are called; others come after them."""


class PortalSite(AdminSite):
    """Django's admin in the order of an administrator's tasks."""

    site_header = site_title = "Imaging Research Portal"
    index_title = "Administration"
    enable_nav_sidebar = False  # lists of UIDs need the width

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[Any]:
        """Return the pages that the user may see, by task."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        pages = {page["object_name"]: page for app in apps for page in app["models"]}
        tasks = [
            _task(
                name,
                [
                    {**pages.pop(each), "name": label}
                    for each, label in labels.items()
                    if each in pages
                ],
            )
            for name, labels in TASKS.items()
        ]
        tasks.append(_task("More", list(pages.values())))
        if status := _status(request):
            tasks.append(_task("System", [status]))
        return [task for task in tasks if task["models"]]


def _task(name: str, pages: list[dict[str, Any]]) -> dict[str, Any]:
    label = name.lower().replace(" ", "-")
    return {
        "name": name,
        "app_label": label,
        "app_url": "",
        "has_module_perms": True,
        "models": pages,
    }


def _status(request: HttpRequest) -> dict[str, Any] | None:
    """Return the entry of the system's state, for who may see it."""
    from core.access import Verb  # noqa: PLC0415 the site is made before the models
    from core.admin.base import may  # noqa: PLC0415

    if not may(request, Verb.MANAGE):
        return None
    try:
        url = reverse(STATUS)
    except NoReverseMatch:  # the ground floor alone
        return None
    return {
        "name": "System status",
        "object_name": "SystemStatus",
        "admin_url": url,
        "add_url": None,
        "view_only": True,
        "perms": {},
    }
