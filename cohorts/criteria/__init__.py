"""The language of criteria: what is asked of patients, studies and events, as JSON.

`model` has its types, `check` what types cannot say, `canonical` one form for all that
mean the same, `schema` the published JSON Schema. Nothing here knows what is held.
"""

from cohorts.criteria.canonical import canonical
from cohorts.criteria.check import parse_criteria
from cohorts.criteria.model import (
    AllOf,
    AnyOf,
    AtLeast,
    Node,
    Output,
    Query,
    dumped,
)

__all__ = [
    "AllOf",
    "AnyOf",
    "AtLeast",
    "Node",
    "Output",
    "Query",
    "canonical",
    "dumped",
    "parse_criteria",
]
