"""Cohorts as a Django app."""

from django.apps import AppConfig


class CohortsConfig(AppConfig):
    """Answers questions across images and the clinical record."""

    name = "cohorts"
    verbose_name = "Cohorts"

    def ready(self) -> None:
        """Tell the ground floor what operations there are."""
        from cohorts.answers import exporting  # noqa: PLC0415 needs the models
        from core import operations, result_fetching  # noqa: PLC0415 needs the models

        operations.register(exporting.KIND, exporting.step)
        result_fetching.register(
            exporting.KIND, exporting.require_cohort, may_be_unnamed=True
        )
