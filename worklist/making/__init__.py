"""Workitems made by rules, of studies and of resources of the record."""
