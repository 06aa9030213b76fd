"""DICOM storage as a Django app."""

from django.apps import AppConfig


class ImagingConfig(AppConfig):
    """Stores, finds and gives back DICOM instances."""

    name = "imaging"
    verbose_name = "Imaging"

    def ready(self) -> None:
        """Tell the ground floor what operations and followers there are."""
        from core import followers, operations  # noqa: PLC0415 needs the models
        from imaging import folder_import, usage  # noqa: PLC0415 needs the models

        followers.register(usage.UsageFollower())
        operations.register(folder_import.KIND, folder_import.step)
