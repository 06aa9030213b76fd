"""Search of studies, series and instances (DICOM PS3.18 10.6, PS3.4 C.2.2.2)."""

from imaging.levels import Kind, Level
from imaging.query.attributes import (
    ATTRIBUTES,
    Attribute,
    KnownTag,
    KnownTags,
    resolve,
    with_creators,
)
from imaging.query.compose import Asked, compose
from imaging.query.facets import FACETS, Count, Facet
from imaging.query.order import SortKey, parse_sort
from imaging.query.parse import Query, Target, included_fields, names_tags, parse
from imaging.query.rows import (
    Page,
    Row,
    count,
    count_below,
    count_values,
    find_page,
    find_pages,
    find_rows,
    matching_keys,
)
from imaging.query.rules import AZURE_V1, AZURE_V2, STANDARD, Rules
from imaging.query.search import Found, search
from imaging.query.words import FreeText, free_text

__all__ = [
    "ATTRIBUTES",
    "AZURE_V1",
    "AZURE_V2",
    "FACETS",
    "STANDARD",
    "Asked",
    "Attribute",
    "Count",
    "Facet",
    "Found",
    "FreeText",
    "Kind",
    "KnownTag",
    "KnownTags",
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
    "count_values",
    "find_page",
    "find_pages",
    "find_rows",
    "free_text",
    "included_fields",
    "matching_keys",
    "names_tags",
    "parse",
    "parse_sort",
    "resolve",
    "search",
    "with_creators",
]
