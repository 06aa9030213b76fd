"""The worklist as a Django app."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Keeps workitems, and who works at what."""

    name = "worklist"
    verbose_name = "Worklist"

    def ready(self) -> None:
        """Tell what lies below of what a partition holds, grants and who is told."""
        from core import followers, partitions  # noqa: PLC0415 needs the models
        from imaging import granting  # noqa: PLC0415 needs the models
        from worklist import cancel, search, worklists, write  # noqa: PLC0415
        from worklist.events import filters, hearing  # noqa: PLC0415
        from worklist.making.follower import RuleFollower  # noqa: PLC0415

        followers.register(RuleFollower())
        partitions.register_contents("workitems", search.count_held)
        granting.register_worklists(worklists.scope_of_worklist)
        write.register_watch(filters.subscribe_written)
        cancel.register_listeners(hearing.performer_hears)
