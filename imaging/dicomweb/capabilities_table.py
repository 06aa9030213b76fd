"""What each method of each DICOMweb address does, for the capabilities description.

One row for each method that `imaging.dicomweb.app` routes; a test compares the two.
"""

from typing import Final, NamedTuple

from imaging.dicomweb.media_types import (
    DICOM,
    DICOM_JSON,
    JSON,
    MULTIPART,
    OCTET_STREAM,
)


class Description(NamedTuple):
    """One transaction: its name, what it takes and what it gives.

    Attributes
    ----------
    parameters
        Names of query parameters; ``{attributeID}`` stands for matching keys.
    """

    name: str
    text: str
    parameters: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()


_ANY: Final = ("accept", "charset")
_STUDY: Final = "/studies/{study}"
_SERIES: Final = f"{_STUDY}/series/{{series}}"
_INSTANCE: Final = f"{_SERIES}/instances/{{instance}}"
_JSONS: Final = (DICOM_JSON, JSON)
_FILES: Final = (f'{MULTIPART}; type="{DICOM}"',)
_STORED: Final = (*_FILES, DICOM)
_OCTETS: Final = (f'{MULTIPART}; type="{OCTET_STREAM}"', OCTET_STREAM)

_SEARCH_PARAMETERS: Final = (
    "{attributeID}",
    "includefield",
    "fuzzymatching",
    "limit",
    "offset",
    *_ANY,
)


def _search(what: str) -> Description:
    return Description(
        f"Search for {what}",
        "DICOM PS3.18 10.6. Matches single values, lists of UIDs, wild cards, ranges "
        "and values in sequences; parameters that are not understood are passed over "
        "with a Warning.",
        _SEARCH_PARAMETERS,
        gives=_JSONS,
    )


def _retrieve(what: str, gives: tuple[str, ...]) -> Description:
    return Description(
        f"Retrieve {what}",
        "DICOM PS3.18 10.4. Transfer syntaxes: as stored (*), and Explicit VR Little "
        "Endian from uncompressed ones. Conditional requests.",
        _ANY,
        gives=gives,
    )


def _metadata(what: str) -> Description:
    return Description(
        f"Retrieve {what} Metadata",
        "DICOM PS3.18 10.4, with BulkDataURI for bulk values. Conditional requests.",
        _ANY,
        gives=_JSONS,
    )


def _delete(what: str) -> Description:
    return Description(f"Delete {what}", "204, or 404 where nothing is held.")


_POST: Final = Description(
    "Store Instances",
    "DICOM PS3.18 10.5. An instance that is held already fails with 45070; the comment "
    "says whether the bytes are the same.",
    takes=_STORED,
    gives=_JSONS,
)
_PUT: Final = _POST._replace(
    name="Store or Replace Instances",
    text="Like POST, but an instance that is held already is replaced.",
)

EVERYWHERE: Final[dict[tuple[str, str], Description]] = {
    ("/studies", "GET"): _search("Studies"),
    ("/studies", "POST"): _POST,
    ("/studies", "PUT"): _PUT,
    ("/series", "GET"): _search("Series"),
    ("/instances", "GET"): _search("Instances"),
    (_STUDY, "GET"): _retrieve("Study", _FILES),
    (_STUDY, "POST"): _POST,
    (_STUDY, "PUT"): _PUT,
    (_STUDY, "DELETE"): _delete("Study"),
    (f"{_STUDY}/metadata", "GET"): _metadata("Study"),
    (f"{_STUDY}/series", "GET"): _search("Series of a Study"),
    (f"{_STUDY}/instances", "GET"): _search("Instances of a Study"),
    (_SERIES, "GET"): _retrieve("Series", _FILES),
    (_SERIES, "DELETE"): _delete("Series"),
    (f"{_SERIES}/metadata", "GET"): _metadata("Series"),
    (f"{_SERIES}/instances", "GET"): _search("Instances of a Series"),
    (_INSTANCE, "GET"): _retrieve("Instance", _STORED),
    (_INSTANCE, "DELETE"): _delete("Instance"),
    (f"{_INSTANCE}/metadata", "GET"): _metadata("Instance"),
    (f"{_INSTANCE}/frames/{{frames}}", "GET"): Description(
        "Retrieve Frames",
        "DICOM PS3.18 10.4. Compressed frames come as stored. Range of a single one.",
        _ANY,
        gives=_OCTETS,
    ),
    (f"{_INSTANCE}/bulkdata/{{path:path}}", "GET"): Description(
        "Retrieve Bulk Data",
        "DICOM PS3.18 10.4: what a BulkDataURI of the metadata names. Range.",
        _ANY,
        gives=_OCTETS,
    ),
    ("/patientconflicts", "GET"): Description(
        "List Patient Conflicts",
        "Studies whose instances name different patients, with each spelling; of all "
        "partitions where the address names none. The Link header leads on.",
        ("after", "limit"),
        gives=(JSON,),
    ),
}
GLOBALLY: Final[dict[tuple[str, str], Description]] = {
    ("/changefeed", "GET"): Description(
        "Read Change Feed",
        "The entries after a sequence number, or of a time window, oldest first. The "
        "Link header leads on.",
        (
            "after",
            "limit",
            "offset",
            "startTime",
            "endTime",
            "studyInstanceUid",
            "includeMetadata",
        ),
        gives=(JSON,),
    ),
    ("/changefeed/latest", "GET"): Description(
        "Read Latest Change",
        "204 where there is none.",
        ("includeMetadata",),
        (),
        (JSON,),
    ),
    ("/partitions", "GET"): Description(
        "List Partitions", "Each is an address: partitions/{name}.", gives=(JSON,)
    ),
    ("/operations", "GET"): Description(
        "List Operations", "Newest first.", ("limit", "offset"), gives=(JSON,)
    ),
    ("/operations/{operation}", "GET"): Description(
        "Read Operation", "202 while it goes on, then 200.", gives=(JSON,)
    ),
    ("/operations/{operation}/cancel", "POST"): Description(
        "Cancel Operation", "409 where it has ended.", gives=(JSON,)
    ),
    ("/operations/{operation}/retry", "POST"): Description(
        "Retry Operation", "Goes on where it failed or was cancelled.", gives=(JSON,)
    ),
}
