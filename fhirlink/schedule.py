"""What the beat sends for this app, how often (like `core.durable.SCHEDULE`)."""

from typing import Any, Final

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    name: {"task": name, "schedule": every_s, "options": {"expires": every_s}}
    for name, every_s in (
        ("fhirlink.tasks.link_studies", 2.0),
        ("fhirlink.tasks.sync_servers", 5.0),
        ("fhirlink.tasks.notify_subscribers", 5.0),
    )
}
