"""The worklist as a Django app."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Keeps workitems, and who works at what."""

    name = "worklist"
    verbose_name = "Worklist"

    def ready(self) -> None:
        """Tell the ground floor what a partition holds, and writers who is told."""
        from core import partitions  # noqa: PLC0415 needs the models
        from worklist import cancel, search, write  # noqa: PLC0415 needs the models
        from worklist.events import filters, hearing  # noqa: PLC0415

        partitions.register_contents("workitems", search.count_held)
        write.register_watch(filters.subscribe_written)
        cancel.register_listeners(hearing.performer_hears)
