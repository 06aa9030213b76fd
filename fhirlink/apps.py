"""The clinical record as a Django app."""

from django.apps import AppConfig
from django.conf import settings


class FhirlinkConfig(AppConfig):
    """Keeps FHIR resources, finds them, and links images to them."""

    name = "fhirlink"
    verbose_name = "Clinical record"

    def ready(self) -> None:
        """Tell the ground floor what operations and followers there are."""
        from core import (  # noqa: PLC0415 needs the models
            followers,
            operations,
            result_fetching,
        )
        from fhirlink.bulk import exporting, importing  # noqa: PLC0415 needs the models
        from fhirlink.events import follower  # noqa: PLC0415 needs the models
        from fhirlink.linkage.follower import LinkFollower  # noqa: PLC0415
        from fhirlink.remote import outbox  # noqa: PLC0415 needs the models
        from fhirlink.subscriptions.follower import (  # noqa: PLC0415
            SubscriptionFollower,
        )

        followers.register(LinkFollower())
        followers.register(follower.EventFollower())
        if settings.ELASTICSEARCH_URLS:
            # Costs 12 MB of every process, which only who has it pays.
            from fhirlink.text_index import verifying  # noqa: PLC0415
            from fhirlink.text_index.follower import TextFollower  # noqa: PLC0415
            from imaging.query.elastic import comparing  # noqa: PLC0415

            followers.register(TextFollower())
            comparing.register(TextFollower.name, verifying.verify)
        followers.register(outbox.OutboxFollower())
        followers.register(SubscriptionFollower())
        operations.register(importing.KIND, importing.step)
        operations.register(exporting.KIND, exporting.step)
        result_fetching.register(importing.KIND, result_fetching.of_a_report)
        result_fetching.register(exporting.KIND, exporting.require_all)
