"""What is held, in Django's admin; nothing is written here but by domain functions."""

from imaging.admin import (
    instances,
    patients,
    projects,
    query_tags,
    storage,
    studies,
)

__all__ = ["instances", "patients", "projects", "query_tags", "storage", "studies"]
