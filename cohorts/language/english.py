"""Criteria in English."""
from cohorts.criteria import Query


def english(criteria: Query) -> str:
    """Return criteria in English."""
    return str(criteria.find)
