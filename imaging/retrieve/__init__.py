"""Retrieve what is held: instances, their metadata, frames and bulk values.

Domain half of DICOM PS3.18 10.4. Nothing here parses DICOM: all that reading needs
was written at the store. Every function takes the actor first, asks for the verb,
filters in the query and leaves one line in the audit log.
"""

from imaging.retrieve.address import Address
from imaging.retrieve.listing import (
    HeldInstance,
    HeldMetadata,
    Listing,
    Row,
    retrieve_instances,
    retrieve_metadata,
    stored_transfer_syntaxes,
)
from imaging.retrieve.parts import (
    HeldParts,
    HeldVersion,
    retrieve_bulkdata,
    retrieve_frames,
)

__all__ = [
    "Address",
    "HeldInstance",
    "HeldMetadata",
    "HeldParts",
    "HeldVersion",
    "Listing",
    "Row",
    "retrieve_bulkdata",
    "retrieve_frames",
    "retrieve_instances",
    "retrieve_metadata",
    "stored_transfer_syntaxes",
]
