"""The admin as a site: named after the portal, its pages grouped by task."""

from collections.abc import Sequence
from functools import wraps
from typing import Any, Final

from django.apps import AppConfig
from django.contrib.admin import AdminSite, autodiscover
from django.core.checks import CheckMessage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

# A page runs what comes from here only, whatever text of a file gets into it.
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STATUS: Final = "system-status"  # the name of its address, which `portal` has
TASKS: Final[dict[str, dict[str, str]]] = {
    "Images": {
        "Patient": "Patients",
        "Study": "Studies",
        "Instance": "Instances",
        "Project": "Projects",
        "Partition": "Partitions",
        "QueryTag": "Query tags",
    },
    "The clinical record": {
        "Resource": "Resources",
        "LinkConflict": "Matching conflicts",
        "LinkDecision": "Who is who",
        "LinkSource": "Linking of partitions",
        "SubscriptionChannel": "Subscriptions",
    },
    "The worklist": {
        "Workitem": "Workitems",
        "Worklist": "Worklists",
        "WorkitemRule": "Rules",
        "Subscriber": "Subscribers",
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
    "What was done": {
        "AuditRecord": "Audit log",
        "FeedEntry": "Change feed",
        "CountedQuestion": "Counted questions",
    },
    "What runs": {
        "Operation": "Operations",
        "FollowerCursor": "Followers of the feed",
        "DeadLetter": "Dead letters",
        "RemoteServer": "FHIR servers",
        "OutboxItem": "Outbox to FHIR servers",
        "Usage": "Usage",
        "FreedBlob": "Freed blobs",
    },
}
"""Tables by task, and how they are called; others come after them."""


def name_of_page(object_name: str | None) -> str | None:
    """Return how the list of a table is called, by the table's model."""
    named = (labels.get(object_name or "") for labels in TASKS.values())
    return next((name for name in named if name), None)


class PortalSite(AdminSite):
    """Django's admin in the order of an administrator's tasks."""

    site_header = site_title = "Imaging Research Portal"
    index_title = "Administration"
    enable_nav_sidebar = False  # lists of UIDs need the width

    def check(self, app_configs: Sequence[AppConfig] | None) -> list[CheckMessage]:
        """Check the pages of all apps."""
        autodiscover()
        return super().check(app_configs)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Return the addresses of the pages of all apps.

        Only whoever asks for them, or checks them, loads them: workers never do.
        """
        autodiscover()
        return super().get_urls()

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Have every page say what it may run."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def answered(*args: Any, **kwargs: Any) -> HttpResponseBase:
            answer: HttpResponseBase = inner(*args, **kwargs)
            answer.headers.setdefault("Content-Security-Policy", POLICY)
            return answer

        return answered

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
