"""The worklist in Django's admin."""

from worklist.admin import workitems, worklists

__all__ = ["workitems", "worklists"]
