"""What the beat sends for this app, how often (like `core.durable.SCHEDULE`).

Apart from the tasks, because the beat knows them by name before any model is loaded.
"""

from typing import Any, Final

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    name: {"task": name, "schedule": every_s, "options": {"expires": every_s}}
    for name, every_s in (
        ("imaging.tasks.make_thumbnails", 5.0),
        ("imaging.tasks.delete_expired_studies", 60.0),
        ("imaging.tasks.sweep_freed_blobs", 600.0),
        ("imaging.tasks.forget_exported_items", 3600.0),
        ("imaging.tasks.sweep_orphans", 24 * 3600.0),
        ("imaging.tasks.compact_lake", 3600.0),
        ("imaging.tasks.vacuum_lake", 6 * 3600.0),
    )
}
