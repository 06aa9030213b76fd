"""What is held, in Django's admin; nothing is written here but by domain functions."""

from imaging.admin import instances, storage, studies

__all__ = ["instances", "storage", "studies"]
