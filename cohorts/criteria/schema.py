"""The published JSON Schema of criteria (draft 2020-12)."""

from typing import Any, Final

from cohorts.criteria.model import Query

TITLE: Final = "Criteria of the Imaging Research Portal"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def criteria_schema() -> dict[str, Any]:
    """Return the JSON Schema of criteria: their form, not which names are bound."""
    return {
        "$schema": DIALECT,
        **Query.model_json_schema(by_alias=True),
        "title": TITLE,
    }
