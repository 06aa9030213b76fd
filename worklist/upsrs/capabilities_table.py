"""What each method of each address does, like `imaging.dicomweb.capabilities_table`."""

from typing import Final

from core.media_types import DICOM_JSON, DICOM_XML, JSON, MULTIPART
from imaging.dicomweb.capabilities_table import ANSWER_PARAMETERS, Description
from imaging.dicomweb.dialect import Dialect
from imaging.query.rules import AZURE_V2
from worklist.query import OPTIONS

_WORKITEM: Final = "/workitems/{workitem}"
_SUBSCRIBER: Final = f"{_WORKITEM}/subscribers/{{aetitle}}"
_JSONS: Final = (DICOM_JSON, JSON)
_TAKEN: Final = (*_JSONS, DICOM_XML)
_OURS: Final = OPTIONS - AZURE_V2.options

ROWS: Final[dict[tuple[str, str], Description]] = {
    ("/workitems", "GET"): Description(
        "Search for Workitems",
        "DICOM PS3.18 11.9. Matches any attribute at any depth by single values, lists,"
        " wild cards and ranges; keys of one sequence hold in one item. The most urgent"
        " come first. 206 where there are more than are returned.",
        ("{attributeID}", "includefield", *sorted(OPTIONS), *ANSWER_PARAMETERS),
        gives=(*_JSONS, f'{MULTIPART}; type="{DICOM_XML}"'),
        body="DicomDataset[]",
        done=(200, 204, 206),
        refused=(406, 413),
        azure_text="Matches ten attributes by single values, ranges of the start and,"
        " with fuzzymatching, the beginnings of names.",
        lacking={Dialect.V1: _OURS, Dialect.V2: _OURS},
    ),
    ("/workitems", "POST"): Description(
        "Create Workitem",
        "DICOM PS3.18 11.4. The UID stands in the query (workitem=1.2.3, or bare), in"
        " the data set, or is made.",
        ("workitem",),
        takes=_TAKEN,
        done=(201,),
        refused=(409, 413, 415),
        azure_takes=_JSONS,
    ),
    (_WORKITEM, "GET"): Description(
        "Retrieve Workitem",
        "DICOM PS3.18 11.5. Never with its Transaction UID.",
        ANSWER_PARAMETERS,
        gives=(*_JSONS, DICOM_XML),
        body="DicomDataset",
        refused=(404, 406, 410),
    ),
    (_WORKITEM, "POST"): Description(
        "Update Workitem",
        "DICOM PS3.18 11.6. Sequences are replaced whole. Of a claimed one the"
        " Transaction UID stands in the query (transaction=1.2.3, or bare).",
        ("transaction",),
        takes=_TAKEN,
        refused=(404, 409, 413, 415),
        azure_takes=_JSONS,
    ),
    (_WORKITEM, "DELETE"): Description(
        "Delete Workitem",
        "One that is completed or canceled, with all that is known of it.",
        done=(204,),
        refused=(404, 409),
        is_ours=True,
    ),
    (f"{_WORKITEM}/state", "PUT"): Description(
        "Change Workitem State",
        "DICOM PS3.18 11.7: Transaction UID and Procedure Step State. Warning tells"
        " what was so already, or why it is refused.",
        takes=_TAKEN,
        refused=(404, 409, 413, 415),
        azure_takes=_JSONS,
    ),
    (f"{_WORKITEM}/cancelrequest", "POST"): Description(
        "Request Workitem Cancellation",
        "DICOM PS3.18 11.8. A scheduled one is canceled; of one in progress its"
        " performer is told.",
        takes=_TAKEN,
        done=(202,),
        refused=(404, 409, 413, 415),
        azure_takes=_JSONS,
    ),
    (_SUBSCRIBER, "POST"): Description(
        "Subscribe",
        "DICOM PS3.18 11.10. Of one workitem; of all (1.2.840.10008.5.1.4.34.5); of"
        " those that match (1.2.840.10008.5.1.4.34.5.1, with matching keys as"
        " parameters or in filter). Content-Location is the WebSocket of the events.",
        ("deletionlock", "filter", "{attributeID}"),
        done=(201,),
        refused=(404, 409),
    ),
    (_SUBSCRIBER, "DELETE"): Description(
        "Unsubscribe",
        "DICOM PS3.18 11.11. From all: of nothing is told any more, and deletion locks"
        " end.",
        refused=(404,),
    ),
    (f"{_SUBSCRIBER}/suspend", "POST"): Description(
        "Suspend Global Subscription",
        "DICOM PS3.18 11.12. New workitems are not told of; those that are, still are.",
        refused=(404,),
    ),
}
