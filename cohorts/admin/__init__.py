"""Cohorts in Django's admin: shown, and not edited."""

from cohorts.admin import definitions

__all__ = ["definitions"]
