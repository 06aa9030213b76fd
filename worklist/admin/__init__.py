"""The worklist in Django's admin."""

from worklist.admin import rules, subscribers, workitems, worklists

__all__ = ["rules", "subscribers", "workitems", "worklists"]
