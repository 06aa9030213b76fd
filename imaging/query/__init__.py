"""Search of studies, series and instances (DICOM PS3.18 10.6, PS3.4 C.2.2.2)."""

from imaging.query.attributes import Level
from imaging.query.parse import Query, Target, parse
from imaging.query.search import Found, search

__all__ = ["Found", "Level", "Query", "Target", "parse", "search"]
