"""What the beat sends for this app, how often (like `core.durable.SCHEDULE`)."""

from typing import Any, Final

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    name: {"task": name, "schedule": every_s, "options": {"expires": every_s}}
    for name, every_s in (
        ("worklist.tasks.make_workitems", 10.0),
        ("worklist.tasks.make_settled", 5.0),
        ("worklist.tasks.escalate_overdue", 15.0),
        ("worklist.tasks.delete_old_workitems", 600.0),
    )
}
