"""The worklist as a Django app."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Keeps workitems, and who works at what."""

    name = "worklist"
    verbose_name = "Worklist"

    def ready(self) -> None:
        """Tell the ground floor what a partition holds, and what follows the feed."""
        from core import followers, partitions  # noqa: PLC0415 needs the models
        from worklist import search  # noqa: PLC0415 needs the models
        from worklist.making.follower import RuleFollower  # noqa: PLC0415

        followers.register(RuleFollower())
        partitions.register_contents("workitems", search.count_held)
