"""What is held, in Django's admin; nothing is written here but by domain functions."""

from imaging.admin import instances, projects, storage, studies

__all__ = ["instances", "projects", "storage", "studies"]
