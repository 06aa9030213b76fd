"""Where the dialects differ in a store (`docs/conformance.md`, "Store")."""

from dataclasses import dataclass
from typing import Final

from imaging.dicomweb.dialect import Dialect
from imaging.store_rules import AZURE_V1, AZURE_V2, STANDARD, StoreRules


@dataclass(frozen=True, slots=True)
class StowRules:
    """What a dialect takes, and how it answers.

    Attributes
    ----------
    store
        What is refused, and what is warned of.
    takes_start
        Whether the Content-Type may name the root part (RFC 2387 3.2), which in a
        store is the same as any other.
    takes_models
        Whether data sets may come as DICOM JSON or XML, apart from their bulk data.
    warned_is_accepted
        Whether an instance that was stored with a warning makes the answer 202.
    lists_attributes
        Whether stored instances have a (0074,1048) *Failed Attributes Sequence*.
    """

    store: StoreRules
    takes_start: bool = False
    takes_models: bool = False
    warned_is_accepted: bool = True
    lists_attributes: bool = True


RULES: Final = {
    Dialect.STANDARD: StowRules(STANDARD, takes_start=True, takes_models=True),
    Dialect.V2: StowRules(AZURE_V2),
    Dialect.V1: StowRules(AZURE_V1, warned_is_accepted=False, lists_attributes=False),
}
