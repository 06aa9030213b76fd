"""Search of studies, series and instances (DICOM PS3.18 10.6, PS3.4 C.2.2.2)."""

from imaging.query.attributes import (
    ATTRIBUTES,
    Attribute,
    Kind,
    Level,
    resolve,
    with_creators,
)
from imaging.query.compose import Asked, compose
from imaging.query.order import SortKey, parse_sort
from imaging.query.parse import Query, Target, included_fields, parse
from imaging.query.rows import (
    Page,
    Row,
    count,
    count_below,
    find_page,
    find_pages,
    find_rows,
)
from imaging.query.rules import AZURE_V1, AZURE_V2, STANDARD, Rules
from imaging.query.search import Found, search

__all__ = [
    "ATTRIBUTES",
    "AZURE_V1",
    "AZURE_V2",
    "STANDARD",
    "Asked",
    "Attribute",
    "Found",
    "Kind",
    "Level",
    "Page",
    "Query",
    "Row",
    "Rules",
    "SortKey",
    "Target",
    "compose",
    "count",
    "count_below",
    "find_page",
    "find_pages",
    "find_rows",
    "included_fields",
    "parse",
    "parse_sort",
    "resolve",
    "search",
    "with_creators",
]
