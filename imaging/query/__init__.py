"""Search of studies, series and instances (DICOM PS3.18 10.6, PS3.4 C.2.2.2)."""

from imaging.query.attributes import Level
from imaging.query.parse import Query, Target, parse
from imaging.query.rules import AZURE_V1, AZURE_V2, STANDARD, Rules
from imaging.query.search import Found, search

__all__ = [
    "AZURE_V1",
    "AZURE_V2",
    "STANDARD",
    "Found",
    "Level",
    "Query",
    "Rules",
    "Target",
    "parse",
    "search",
]
