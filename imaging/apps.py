"""DICOM storage as a Django app."""

from django.apps import AppConfig


class ImagingConfig(AppConfig):
    """Stores, finds and gives back DICOM instances."""

    name = "imaging"
    verbose_name = "Imaging"

    def ready(self) -> None:
        """Tell the ground floor what operations, followers and contents there are."""
        from core import (  # noqa: PLC0415 needs the models
            followers,
            operations,
            partitions,
        )
        from imaging import folder_import, usage  # noqa: PLC0415 needs the models

        followers.register(usage.UsageFollower())
        partitions.register_contents("studies", usage.count_studies)
        operations.register(folder_import.KIND, folder_import.step)
