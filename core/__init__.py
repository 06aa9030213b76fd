"""The ground floor: access, audit, the change feed, operations."""
