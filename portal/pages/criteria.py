"""The JSON Schema of criteria, for programs that write them: it tells of no data."""

from functools import cache

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cohorts.criteria.schema import criteria_schema


@require_safe
def schema_of_criteria(_request: HttpRequest) -> HttpResponse:
    """Answer with the schema (JSON Schema draft 2020-12)."""
    return HttpResponse(_written(), content_type="application/schema+json")


@cache
def _written() -> bytes:
    return orjson.dumps(criteria_schema(), option=orjson.OPT_INDENT_2)
