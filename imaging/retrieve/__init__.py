"""Retrieve what is held: instances, their metadata, frames and bulk values.

Domain half of DICOM PS3.18 10.4. Nothing here parses DICOM: all that reading needs
was written at the store. Every function takes the actor first, asks for the verb,
filters in the query and leaves one line in the audit log.
"""

from imaging.retrieve.address import Address
from imaging.retrieve.listing import (
    IMAGE_COLUMNS,
    MIDDLE_FRAME,
    HeldBulk,
    HeldImage,
    HeldInstance,
    HeldMetadata,
    Listing,
    Row,
    retrieve_all_bulkdata,
    retrieve_images,
    retrieve_instances,
    retrieve_metadata,
    stored_transfer_syntaxes,
)
from imaging.retrieve.parts import (
    HeldParts,
    HeldVersion,
    bulk_values,
    frames_of,
    middle_of,
    number_of_frames,
    retrieve_bulkdata,
    retrieve_frames,
    together,
    value_of,
)
from imaging.retrieve.representative import MIDDLE, find_representative

__all__ = [
    "IMAGE_COLUMNS",
    "MIDDLE",
    "MIDDLE_FRAME",
    "Address",
    "HeldBulk",
    "HeldImage",
    "HeldInstance",
    "HeldMetadata",
    "HeldParts",
    "HeldVersion",
    "Listing",
    "Row",
    "bulk_values",
    "find_representative",
    "frames_of",
    "middle_of",
    "number_of_frames",
    "retrieve_all_bulkdata",
    "retrieve_bulkdata",
    "retrieve_frames",
    "retrieve_images",
    "retrieve_instances",
    "retrieve_metadata",
    "stored_transfer_syntaxes",
    "together",
    "value_of",
]
