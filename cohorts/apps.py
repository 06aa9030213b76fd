"""Cohorts as a Django app."""

from django.apps import AppConfig


class CohortsConfig(AppConfig):
    """Answers questions across images and the clinical record."""

    name = "cohorts"
    verbose_name = "Cohorts"
