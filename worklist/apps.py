"""The worklist as a Django app."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Keeps workitems, and who works at what."""

    name = "worklist"
    verbose_name = "Worklist"

    def ready(self) -> None:
        """Tell the apps below what a partition holds, and what grants hang on."""
        from core import partitions  # noqa: PLC0415 needs the models
        from imaging import granting  # noqa: PLC0415 needs the models
        from worklist import search, worklists  # noqa: PLC0415 needs the models

        partitions.register_contents("workitems", search.count_held)
        granting.register_worklists(worklists.scope_of_worklist)
