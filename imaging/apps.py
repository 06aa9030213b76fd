"""DICOM storage as a Django app."""

from django.apps import AppConfig


class ImagingConfig(AppConfig):
    """Stores, finds and gives back DICOM instances."""

    name = "imaging"
    verbose_name = "Imaging"

    def ready(self) -> None:
        """Tell the ground floor what operations, followers and contents there are."""
        from core import (  # noqa: PLC0415 needs the models
            audit_search,
            followers,
            operations,
            partitions,
        )
        from imaging import (  # noqa: PLC0415 needs the models
            folder_import,
            patients,
            thumbnails,
            usage,
        )

        followers.register(usage.UsageFollower())
        followers.register(thumbnails.ThumbnailFollower())
        partitions.register_contents("studies", usage.count_studies)
        audit_search.register_patient_keys(patients.keys_of_patient)
        operations.register(folder_import.KIND, folder_import.step)
