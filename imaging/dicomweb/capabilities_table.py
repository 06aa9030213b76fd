"""What each method of each DICOMweb address does, for the capabilities description.

One row for each method that `imaging.dicomweb.app` routes; a test compares the two.
The same rows make the OpenAPI documents (`imaging.dicomweb.openapi`).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from core.media_types import (
    DICOM,
    DICOM_JSON,
    DICOM_XML,
    JSON,
    MULTIPART,
    NDJSON,
    OCTET_STREAM,
    YAML,
)
from imaging.dicomweb.dialect import Dialect
from imaging.dicomweb.rendering_rules import PARAMETERS as RENDERING_PARAMETERS
from imaging.dicomweb.rendering_rules import REPORTS
from imaging.dicomweb.zip_body import ZIP
from imaging.documents import PDF
from imaging.query.rules import AZURE_V1, AZURE_V2, STANDARD
from imaging.rendering import PictureType


class Description(NamedTuple):
    """One transaction: its name, what it takes and what it gives.

    Attributes
    ----------
    parameters
        Names of query parameters; ``{attributeID}`` stands for matching keys.
    body
        Name of the schema of JSON answers, with ``[]`` for a list of such.
    done, refused
        Statuses of success, and of refusals besides those of every address.
    azure_text, azure_takes, azure_gives
        `text`, `takes` and `gives` in Azure's dialects, where they are others.
    lacking
        Names of parameters that a dialect does not have.
    is_ours
        Whether Azure's dialects have nothing of it.
    """

    name: str
    text: str
    parameters: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    body: str = ""
    done: tuple[int, ...] = (200,)
    refused: tuple[int, ...] = ()
    azure_text: str = ""
    azure_takes: tuple[str, ...] = ()
    azure_gives: tuple[str, ...] = ()
    lacking: Mapping[Dialect, frozenset[str]] = {}
    is_ours: bool = False


ANSWER_PARAMETERS: Final = ("accept", "charset")
"""Of the standard (DICOM PS3.18 8.3.3); Azure's dialects have none of them."""
_OURS_OF_FEED: Final = frozenset(
    {"after", "studyInstanceUid", "action", "partition", "wait"}
)
_PICTURES: Final = (
    *(each.value for each in PictureType),
    *(f'{MULTIPART}; type="{each.value}"' for each in PictureType),
    PDF,
    *(each.type for each in REPORTS),
)
_OF_METADATA: Final = ("includefields", "includefield")
_STUDY: Final = "/studies/{study}"
_SERIES: Final = f"{_STUDY}/series/{{series}}"
_INSTANCE: Final = f"{_SERIES}/instances/{{instance}}"
_JSONS: Final = (DICOM_JSON, JSON)
_XMLS: Final = f'{MULTIPART}; type="{DICOM_XML}"'
_DATA_SETS: Final = (*_JSONS, _XMLS)
_FILES: Final = (f'{MULTIPART}; type="{DICOM}"',)
_STORED: Final = (*_FILES, DICOM)
_OCTETS: Final = (f'{MULTIPART}; type="{OCTET_STREAM}"', OCTET_STREAM)
_COMPRESSED: Final = (f'{MULTIPART}; type="image/*"', f'{MULTIPART}; type="video/*"')
_JPEG_2000: Final = f'{MULTIPART}; type="image/jp2"'
_PARTIAL: Final = (200, 206, 304)
_NOT_THERE: Final = (404, 406, 412, 416)

_SEARCH_PARAMETERS: Final = (
    "{attributeID}",
    "includefield",
    *sorted(STANDARD.options),
    *ANSWER_PARAMETERS,
)
_LACKING_IN_SEARCH: Final = {
    Dialect.V1: STANDARD.options - AZURE_V1.options,
    Dialect.V2: STANDARD.options - AZURE_V2.options,
}


def _search(what: str) -> Description:
    return Description(
        f"Search for {what}",
        "DICOM PS3.18 10.6. Matches single values, lists of UIDs, wild cards, ranges "
        "and values in sequences; parameters that are not understood are passed over "
        "with a Warning.",
        _SEARCH_PARAMETERS,
        gives=_DATA_SETS,
        body="DicomDataset[]",
        done=(200, 204),
        refused=(406, 413),
        azure_text="Matches single values, ranges and, with fuzzymatching, the "
        "beginnings of names. Parameters that are not understood are refused.",
        lacking=_LACKING_IN_SEARCH,
    )


def _retrieve(what: str, gives: tuple[str, ...]) -> Description:
    return Description(
        f"Retrieve {what}",
        "DICOM PS3.18 10.4. Transfer syntaxes: as stored (*), and by name those that "
        "are encoded here (conformance.md). Conditional requests.",
        ANSWER_PARAMETERS,
        gives=(*gives, ZIP),
        azure_gives=gives,
        done=_PARTIAL if DICOM in gives else (200, 304),
        refused=_NOT_THERE if DICOM in gives else _NOT_THERE[:-1],
        azure_text="Transfer syntaxes: as stored (*), and of a single instance "
        "Explicit VR Little Endian, which is the default, and JPEG 2000 Lossless. "
        "Conditional requests.",
    )


def _metadata(what: str) -> Description:
    return Description(
        f"Retrieve {what} Metadata",
        "DICOM PS3.18 10.4, with BulkDataURI for bulk values. Conditional requests.",
        (*_OF_METADATA, *ANSWER_PARAMETERS),
        gives=_DATA_SETS,
        body="DicomDataset[]",
        done=(200, 304),
        refused=_NOT_THERE[:-1],
        lacking=dict.fromkeys((Dialect.V1, Dialect.V2), frozenset(_OF_METADATA)),
    )


def _bulk(what: str) -> Description:
    return Description(
        f"Retrieve {what}",
        "DICOM PS3.18 10.4. Parts have the addresses that the metadata has; compressed "
        "frames come as stored. Conditional requests.",
        ANSWER_PARAMETERS,
        gives=(_OCTETS[0], *_COMPRESSED),
        done=(200, 304),
        refused=_NOT_THERE[:-1],
        is_ours=True,
    )


def _rendered(what: str, text: str, *, azure_text: str = "") -> Description:
    return Description(
        f"Retrieve Rendered {what}",
        f"DICOM PS3.18 10.4, 8.3.5. {text} Conditional requests, Range.",
        (*RENDERING_PARAMETERS, *ANSWER_PARAMETERS),
        gives=_PICTURES,
        done=_PARTIAL,
        refused=_NOT_THERE,
        azure_text=azure_text,
        azure_gives=_PICTURES[:2],
        lacking=dict.fromkeys(
            (Dialect.V1, Dialect.V2), frozenset(RENDERING_PARAMETERS) - {"quality"}
        ),
        is_ours=not azure_text,
    )


def _delete(what: str) -> Description:
    return Description(
        f"Delete {what}",
        "204, or 404 where nothing is held.",
        done=(204,),
        refused=(404,),
    )


_POST: Final = Description(
    "Store Instances",
    "DICOM PS3.18 10.5. An instance that is held already fails with 45070; the comment "
    "says whether the bytes are the same.",
    takes=(*_STORED, f'{MULTIPART}; type="{DICOM_JSON}"', DICOM_JSON, _XMLS, DICOM_XML),
    azure_takes=_STORED,
    gives=(*_JSONS, DICOM_XML),
    body="DicomDataset",
    done=(200, 202, 204),
    refused=(406, 409, 413, 415),
)
_PUT: Final = _POST._replace(
    name="Store or Replace Instances",
    text="Like POST, but an instance that is held already is replaced.",
)

_DOCUMENT: Final = Description(
    "", "This OpenAPI document, of the dialect that the address names."
)

EVERYWHERE: Final[dict[tuple[str, str], Description]] = {
    ("/studies", "GET"): _search("Studies"),
    ("/studies", "POST"): _POST,
    ("/studies", "PUT"): _PUT,
    ("/series", "GET"): _search("Series"),
    ("/instances", "GET"): _search("Instances"),
    (_STUDY, "GET"): _retrieve("Study", _FILES),
    (_STUDY, "POST"): _POST._replace(name=f"{_POST.name} in Study"),
    (_STUDY, "PUT"): _PUT._replace(name=f"{_PUT.name} in Study"),
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
        "DICOM PS3.18 10.4. As stored, or in the form that is asked for; octets are "
        "decoded by default. Range of a single one as stored.",
        ANSWER_PARAMETERS,
        gives=(*_OCTETS, *_COMPRESSED),
        done=_PARTIAL,
        refused=_NOT_THERE,
        azure_text="As stored (*), Explicit VR Little Endian by default, and JPEG 2000 "
        "Lossless. Range of a single one as stored.",
        azure_gives=(*_OCTETS, _JPEG_2000),
    ),
    (f"{_INSTANCE}/bulkdata/{{path:path}}", "GET"): Description(
        "Retrieve Bulk Data",
        "DICOM PS3.18 10.4: what a BulkDataURI of the metadata names. Range.",
        ANSWER_PARAMETERS,
        gives=_OCTETS,
        done=_PARTIAL,
        refused=_NOT_THERE,
    ),
    **{
        (f"{path}/{last}", "GET"): _bulk(f"{level} {what}")
        for level, path in (
            ("Study", _STUDY),
            ("Series", _SERIES),
            ("Instance", _INSTANCE),
        )
        for last, what in (("bulkdata", "Bulk Data"), ("pixeldata", "Pixel Data"))
    },
    (f"{_STUDY}/rendered", "GET"): _rendered(
        "Study", "Of the middle of its first series; in multipart of each instance."
    ),
    (f"{_SERIES}/rendered", "GET"): _rendered(
        "Series", "Of the instance in the middle; in multipart of each."
    ),
    (f"{_INSTANCE}/rendered", "GET"): _rendered(
        "Instance",
        "Of its first frame; of a presentation state the first that it shows; of a report "
        "its text; of an encapsulated PDF that itself.",
        azure_text="Of its first frame.",
    ),
    (f"{_INSTANCE}/frames/{{frames}}/rendered", "GET"): _rendered(
        "Frames", "Several in multipart.", azure_text="Of one."
    ),
    **{
        (f"{path}/thumbnail", "GET"): Description(
            f"Retrieve {what} Thumbnail",
            "DICOM PS3.18 10.4: a small picture of the middle, 256 by 256 at most unless "
            "viewport says otherwise. Conditional requests.",
            ("viewport", *ANSWER_PARAMETERS),
            gives=tuple(each.value for each in PictureType),
            done=_PARTIAL,
            refused=_NOT_THERE,
            is_ours=True,
        )
        for what, path in (
            ("Study", _STUDY),
            ("Series", _SERIES),
            ("Instance", _INSTANCE),
            ("Frame", f"{_INSTANCE}/frames/{{frames}}"),
        )
    },
    ("/patientconflicts", "GET"): Description(
        "List Patient Conflicts",
        "Studies whose instances name different patients, with each spelling; of all "
        "partitions where the address names none. The Link header leads on.",
        ("after", "limit"),
        gives=(JSON,),
        body="PatientConflict[]",
    ),
    ("/export", "POST"): Description(
        "Export Instances",
        "An operation takes what a source names (identifiers, or a query) to a "
        "destination, in a transferSyntax if one is asked for. Location says where to "
        "ask for its state.",
        takes=(JSON,),
        gives=(JSON,),
        body="Started",
        done=(202,),
        refused=(404, 413, 415),
        azure_text="An operation takes what identifiers name to a container of blob "
        "storage. Location says where to ask for its state.",
    ),
    ("/import", "POST"): Description(
        "Import Instances",
        "An operation brings in what an export has written into a folder or a bucket, "
        "each file checked against the manifest.",
        takes=(JSON,),
        gives=(JSON,),
        body="Started",
        done=(202,),
        refused=(404, 413, 415),
        is_ours=True,
    ),
}
GLOBALLY: Final[dict[tuple[str, str], Description]] = {
    ("/changefeed", "GET"): Description(
        "Read Change Feed",
        "The entries after a sequence number, or of a time window, oldest first. The "
        "Link header leads on. wait=SECONDS waits for one, text/event-stream sends "
        "each that comes.",
        (
            "after",
            "limit",
            "offset",
            "startTime",
            "endTime",
            "studyInstanceUid",
            "action",
            "partition",
            "includeMetadata",
            "wait",
        ),
        gives=(JSON, "text/event-stream"),
        body="ChangeFeedEntry[]",
        azure_text="The entries after a number (v1), or of a time window (v2), oldest "
        "first.",
        azure_gives=(JSON,),
        lacking={
            Dialect.V1: _OURS_OF_FEED | {"startTime", "endTime"},
            Dialect.V2: _OURS_OF_FEED,
        },
    ),
    ("/changefeed/latest", "GET"): Description(
        "Read Latest Change",
        "204 where there is none.",
        ("studyInstanceUid", "action", "partition", "includeMetadata"),
        gives=(JSON,),
        body="ChangeFeedEntry",
        done=(200, 204),
        lacking=dict.fromkeys((Dialect.V1, Dialect.V2), _OURS_OF_FEED),
    ),
    ("/partitions", "GET"): Description(
        "List Partitions",
        "Each is an address: partitions/{name}.",
        gives=(JSON,),
        body="Partition[]",
    ),
    ("/partitions", "POST"): Description(
        "Create Partition",
        "409 where there is one.",
        takes=(JSON,),
        gives=(JSON,),
        body="Partition",
        done=(201,),
        refused=(409, 413, 415),
        is_ours=True,
    ),
    ("/partitions/{partition}", "GET"): Description(
        "Read Partition",
        "Whether it is disabled.",
        gives=(JSON,),
        body="Partition",
        refused=(404,),
        is_ours=True,
    ),
    ("/partitions/{partition}", "PATCH"): Description(
        "Change Partition",
        "Another partitionName; disabled true or false.",
        takes=(JSON,),
        gives=(JSON,),
        body="Partition",
        refused=(404, 409, 413, 415),
        is_ours=True,
    ),
    ("/partitions/{partition}", "DELETE"): Description(
        "Delete Partition",
        "409 where it holds studies.",
        done=(204,),
        refused=(404, 409),
        is_ours=True,
    ),
    ("/extendedquerytags", "GET"): Description(
        "List Query Tags",
        "In the order in which they were added.",
        ("limit", "offset"),
        gives=(JSON,),
        body="QueryTag[]",
    ),
    ("/extendedquerytags", "POST"): Description(
        "Add Query Tags",
        "A list of path, level and, for private ones, vr and privateCreator. Paths may "
        "lead into sequences, with dots. The operation indexes what is held.",
        takes=(JSON,),
        gives=(JSON,),
        body="OperationReference",
        done=(202,),
        refused=(409, 413, 415),
        azure_text="A list of path, level and, for private ones, vr and "
        "privateCreator. The operation indexes what is held.",
    ),
    ("/extendedquerytags/{tag}", "GET"): Description(
        "Read Query Tag",
        "How far it is, and whether searches may use it.",
        gives=(JSON,),
        body="QueryTag",
        refused=(404,),
    ),
    ("/extendedquerytags/{tag}", "PATCH"): Description(
        "Change Query Tag",
        "queryStatus enabled or disabled.",
        takes=(JSON,),
        gives=(JSON,),
        body="QueryTag",
        refused=(404, 413, 415),
    ),
    ("/extendedquerytags/{tag}", "DELETE"): Description(
        "Delete Query Tag",
        "Its values are removed in the background.",
        done=(204,),
        refused=(404, 409),
    ),
    ("/extendedquerytags/{tag}/errors", "GET"): Description(
        "List Query Tag Errors",
        "The instances that could not be indexed, and why.",
        ("limit", "offset"),
        gives=(JSON,),
        body="QueryTagError[]",
        refused=(404,),
    ),
    ("/operations", "GET"): Description(
        "List Operations",
        "Newest first.",
        ("limit", "offset", "status", "type"),
        gives=(JSON,),
        body="Operation[]",
    ),
    ("/operations/{operation}", "GET"): Description(
        "Read Operation",
        "202 while it goes on, then 200.",
        gives=(JSON,),
        body="Operation",
        done=(200, 202),
        refused=(404,),
    ),
    ("/operations/{operation}/files", "GET"): Description(
        "List Files of Operation",
        "Until when each can be fetched.",
        gives=(JSON,),
        body="ResultFile[]",
        refused=(404,),
        is_ours=True,
    ),
    ("/operations/{operation}/files/{file}", "GET"): Description(
        "Fetch File of Operation",
        "In whole, or ranges of it. Conditional requests.",
        gives=(ZIP, NDJSON),
        done=_PARTIAL,
        refused=(404, 412, 416),
        is_ours=True,
    ),
    ("/operations/{operation}/cancel", "POST"): Description(
        "Cancel Operation",
        "409 where it has ended.",
        gives=(JSON,),
        body="Operation",
        done=(200, 202),
        refused=(404, 409),
    ),
    ("/operations/{operation}/retry", "POST"): Description(
        "Retry Operation",
        "Goes on where it failed or was cancelled.",
        gives=(JSON,),
        body="Operation",
        done=(200, 202),
        refused=(404, 409),
    ),
    ("/api.yaml", "GET"): _DOCUMENT._replace(name="Describe as YAML", gives=(YAML,)),
    ("/api.json", "GET"): _DOCUMENT._replace(name="Describe as JSON", gives=(JSON,)),
}
