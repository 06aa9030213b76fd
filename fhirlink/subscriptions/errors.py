"""Why subscribers are not told any more, as their Subscriptions say."""

from collections.abc import Collection

from fhirlink.linkage.current import at_versions
from fhirlink.linkage.reading import clean
from fhirlink.models import Resource, SubscriptionChannel


def errors_of(channels: Collection[SubscriptionChannel]) -> dict[int, str]:
    """Return the last error of each channel that has one, by its key.

    No patient's data; for who was let to the channels.
    """
    rows = Resource.objects.filter(
        type="Subscription",
        partition__in={each.partition_id for each in channels},
        fhir_id__in={each.fhir_id for each in channels},
    ).values_list("partition_id", "fhir_id", "version_id")
    versions = {(partition, fhir_id): version for partition, fhir_id, version in rows}
    contents = at_versions(set(versions.values()))
    found = {}
    for each in channels:
        version = versions.get((each.partition_id, each.fhir_id), 0)
        if error := clean(contents.get(version, {}).get("error")):
            found[each.pk] = error
    return found
