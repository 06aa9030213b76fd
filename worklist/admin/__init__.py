"""The worklist in Django's admin."""

from worklist.admin import rules

__all__ = ["rules"]
