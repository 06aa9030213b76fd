"""Cohorts in Django's admin: shown, and not edited."""

from cohorts.admin import counted_questions, definitions

__all__ = ["counted_questions", "definitions"]
