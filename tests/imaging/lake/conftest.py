"""A lake of each test's own."""

from tests.imaging.lake.lakes import lake

__all__ = ["lake"]
