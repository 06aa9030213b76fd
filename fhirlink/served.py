"""Which resource types are served: by a setting, more than those that are linked."""

from functools import cache

from django.conf import settings

from fhirlink.definitions.types import OTHER_TYPES, TYPES


def served_types() -> tuple[str, ...]:
    """Return the resource types that are stored (``PORTAL_FHIR_OTHER_TYPES``)."""
    return TYPES + OTHER_TYPES if settings.FHIR_OTHER_TYPES else TYPES


def is_served(name: str) -> bool:
    """Return whether resources of a type are stored."""
    return name in _set_of(settings.FHIR_OTHER_TYPES)


@cache
def _set_of(_with_others: bool) -> frozenset[str]:  # noqa: FBT001 the key of a cache
    return frozenset(served_types())
