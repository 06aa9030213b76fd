"""DICOM storage as a Django app."""

from django.apps import AppConfig


class ImagingConfig(AppConfig):
    """Stores, finds and gives back DICOM instances."""

    name = "imaging"
    verbose_name = "Imaging"
