"""DICOM storage as a Django app."""

from django.apps import AppConfig
from django.conf import settings


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
            result_fetching,
            result_places,
        )
        from imaging import (  # noqa: PLC0415 needs the models
            blobs,
            export,
            folder_import,
            lake,
            patients,
            restore,
            thumbnails,
            usage,
        )
        from imaging.lake.tag_columns import tag_columns  # noqa: PLC0415 needs the models
        from imaging.query import index_tags  # noqa: PLC0415 needs the models
        from imaging.query_tags import reindex  # noqa: PLC0415 needs the models

        followers.register(usage.UsageFollower())
        followers.register(thumbnails.ThumbnailFollower())
        if lake.configured_lake() is not None:
            followers.register(lake.LakeFollower())
            lake.register_columns(tag_columns)
        if settings.ELASTICSEARCH_URLS:
            # Costs 12 MB of every process, which only who has it pays.
            from imaging.query.elastic import follower  # noqa: PLC0415

            followers.register(follower.SearchFollower())
        partitions.register_contents("studies", usage.count_studies)
        result_places.register(lambda: blobs.store().results)
        audit_search.register_patient_keys(patients.keys_of_patient)
        operations.register(folder_import.KIND, restore.step)
        operations.register(reindex.REINDEX, reindex.reindex)
        operations.register(reindex.REMOVE, reindex.remove)
        operations.register(index_tags.KIND, index_tags.step)
        operations.register(export.KIND, export.step)
        result_fetching.register(export.KIND, export.require_reached)
        result_fetching.register(folder_import.KIND, result_fetching.of_a_report)
