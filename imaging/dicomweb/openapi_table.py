"""The parts of the OpenAPI documents that many addresses share.

What the addresses themselves do stands in `imaging.dicomweb.capabilities_table`.
"""

from typing import Any, Final, NamedTuple

from imaging.dicomweb.dialect import Dialect
from imaging.dicomweb.feed_rules import RULES as FEED_RULES
from imaging.dicomweb.qido import RULES as SEARCH_RULES
from imaging.query.parse import DEFAULT_LIMIT

Schema = dict[str, Any]

# Parameters of paths, under the names that Azure's documents give them.
PATH_PARAMETERS: Final[dict[str, tuple[str, Schema, str]]] = {
    "partition": (
        "partitionName",
        {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"},
        "A data partition.",
    ),
    "study": ("studyInstanceUid", {"$ref": "#/components/schemas/Uid"}, "A study."),
    "series": (
        "seriesInstanceUid",
        {"$ref": "#/components/schemas/Uid"},
        "A series of the study.",
    ),
    "instance": (
        "sopInstanceUid",
        {"$ref": "#/components/schemas/Uid"},
        "An instance of the series.",
    ),
    "frames": (
        "frames",
        {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
        "Numbers of frames, from 1; order and repeats are kept.",
    ),
    "path": (
        "bulkDataPath",
        {"type": "string"},
        "As a BulkDataURI of the metadata has it; may hold slashes.",
    ),
    "tag": (
        "tagPath",
        {"type": "string", "maxLength": 640},
        "An attribute by keyword or eight hexadecimal digits; inside of sequences "
        "several of these, with dots between.",
    ),
    "operation": (
        "operationId",
        {"type": "string", "format": "uuid"},
        "An operation.",
    ),
    "workitem": (
        "workitemInstanceUid",
        {"$ref": "#/components/schemas/Uid"},
        "A workitem.",
    ),
    "aetitle": (
        "aeTitle",
        {"type": "string", "minLength": 1, "maxLength": 16},
        "Who is told of events.",
    ),
    "file": ("fileName", {"type": "string"}, "As the list of files names it."),
}

_NUMBER: Final[Schema] = {"type": "integer", "format": "int64", "minimum": 0}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_UID: Final[Schema] = {"$ref": "#/components/schemas/Uid"}

# Parameters of queries, except `limit`.
QUERY_PARAMETERS: Final[dict[str, tuple[Schema, str]]] = {
    "deletionlock": (
        {"type": "boolean", "default": False},
        "Workitems stay, once they have ended, while the subscription lasts.",
    ),
    "filter": (
        {"type": "string"},
        "Matching keys with commas between: PatientID=1,ScheduledStationName=CT1.",
    ),
    "{attributeID}": (
        {"type": "object", "additionalProperties": {"type": "string"}},
        "Matching keys: an attribute by keyword or eight hexadecimal digits, and the "
        "value that it must have, like PatientID=17 or 00100020=17.",
    ),
    "includefield": (
        {"type": "array", "items": {"type": "string"}},
        "Attributes that are returned: by a search besides the usual ones; of metadata "
        "these only, with the UIDs.",
    ),
    "includefields": (
        {"type": "array", "items": {"type": "string"}},
        "The same as includefield.",
    ),
    "fuzzymatching": (
        {"type": "boolean", "default": False},
        "Whether names match by the beginnings of their words.",
    ),
    "emptyvaluematching": (
        {"type": "boolean", "default": False},
        "Whether what has no value matches, too.",
    ),
    "multiplevaluematching": (
        {"type": "boolean", "default": False},
        "Whether each of several values has to match.",
    ),
    "sort": (
        {"type": "array", "items": {"type": "string"}},
        "Attributes by which to sort; a minus before one turns its order round.",
    ),
    "orderby": (
        {"type": "array", "items": {"type": "string"}},
        "The same as sort.",
    ),
    "total": (
        {"type": "boolean", "default": False},
        "Whether to count all that match, told by X-Total-Count.",
    ),
    "cursor": (
        {"type": "string"},
        "Where to go on, as the Link header of an answer has it.",
    ),
    "offset": ({**_NUMBER, "default": 0}, "How many are passed over."),
    "after": ({**_NUMBER, "default": 0}, "The number after which to go on."),
    "status": (
        {"type": "string"},
        "Only operations in this state, as they tell it.",
    ),
    "type": ({"type": "string"}, "Only operations of this type."),
    "startTime": (_MOMENT, "From this moment on, with its time zone."),
    "endTime": (_MOMENT, "Before this moment, with its time zone."),
    "studyInstanceUid": (_UID, "Of this study only."),
    "action": (
        {"type": "string", "enum": ["create", "update", "delete"]},
        "Entries of this action only.",
    ),
    "partition": (
        {"type": "string"},
        "Entries of this partition only; several with commas.",
    ),
    "wait": (
        {"type": "integer", "minimum": 1, "maximum": 60},
        "Seconds to wait for an entry where there is none.",
    ),
    "includeMetadata": (
        {"type": "boolean", "default": True},
        "Whether entries hold the metadata.",
    ),
    "window": (
        {"type": "string", "pattern": "^[^,]+,[^,]+,[^,]+$"},
        "Center, width and function (linear, linear-exact, sigmoid) of grey levels.",
    ),
    "viewport": (
        {"type": "string"},
        "Width and height into which the picture is to fit; then, if it is a part of "
        "the image, its x, y, width and height, negative ones of which mirror it.",
    ),
    "quality": (
        {"type": "integer", "minimum": 1, "maximum": 100},
        "Of JPEG; 100 is the best.",
    ),
    "annotation": (
        {"type": "string"},
        "What is written into the picture: patient, technique, or both with a comma.",
    ),
    "iccprofile": (
        {"type": "string", "enum": ["no", "yes", "srgb"]},
        "Which colour space the picture tells of; srgb converts to it.",
    ),
    "accept": (
        {"type": "string"},
        "Media types like in the header Accept, before which it goes.",
    ),
    "charset": ({"type": "string"}, "Text is written in UTF-8 only."),
}


# Of operations: by the first segment of the path, else by the first word of the name.
TAGS: Final = {
    "changefeed": "ChangeFeed",
    "partitions": "Partitions",
    "operations": "Operations",
    "export": "Operations",
    "extendedquerytags": "ExtendedQueryTag",
    "import": "Operations",
    "patientconflicts": "PatientConflicts",
    "workitems": "Workitem",
    "Search": "Query",
    "Retrieve": "Retrieve",
    "Store": "Store",
    "Delete": "Delete",
    "Describe": "Capabilities",
}


class Limit(NamedTuple):
    """How many entries an answer has: unless asked otherwise, and at most."""

    default: int
    maximum: int

    def schema(self) -> Schema:
        """Return the schema of the parameter ``limit``."""
        return {
            "type": "integer",
            "minimum": 1,
            "maximum": self.maximum,
            "default": self.default,
        }


# By tag; where there is no row for the dialect, that of the standard.
LIMITS: Final[dict[str, dict[Dialect, Limit]]] = {
    "Query": {
        dialect: Limit(DEFAULT_LIMIT, rules.maximum_limit)
        for dialect, rules in SEARCH_RULES.items()
    },
    "ChangeFeed": {
        dialect: Limit(rules.default_limit, rules.maximum_limit)
        for dialect, rules in FEED_RULES.items()
    },
    "Workitem": {
        dialect: Limit(DEFAULT_LIMIT, rules.maximum_limit)
        for dialect, rules in SEARCH_RULES.items()
    },
    "PatientConflicts": {Dialect.STANDARD: Limit(100, 200)},
    "Operations": {Dialect.STANDARD: Limit(100, 200)},
    "ExtendedQueryTag": {Dialect.STANDARD: Limit(100, 200)},
}

# By tag.
REQUEST_HEADERS: Final[dict[str, dict[str, tuple[Schema, str]]]] = {
    "Retrieve": {
        "If-None-Match": (
            {"type": "string"},
            "Entity tags of the forms that the client has.",
        )
    },
    "Store": {
        "msdicom-expiry-time-milliseconds": (
            {"type": "integer", "format": "int64", "minimum": 1},
            "After which time the studies are deleted; never, without.",
        ),
        "msdicom-expiry-option": (
            {"type": "string", "enum": ["RelativeToNow"]},
            "From when on the time counts.",
        ),
        "msdicom-expiry-level": (
            {"type": "string", "enum": ["Study"]},
            "What is deleted then.",
        ),
    },
}
RESPONSE_HEADERS: Final[dict[str, dict[str, str]]] = {
    "Retrieve": {"ETag": "Changes with what is held, and with the form."},
    "Query": {
        "Warning": "What was not done as asked.",
        "Link": "The next page; not in the dialects of Azure.",
        "X-Total-Count": "How many match, if total is asked for.",
        "erroneous-dicom-attributes": "Query tags by which not all could be indexed.",
    },
    "Store": {"Warning": "What was stored otherwise than sent."},
    "ExtendedQueryTag": {"Location": "Of an operation that was begun."},
    "Workitem": {
        "Location": "Of a new workitem.",
        "Content-Location": "Of the workitem.",
        "Warning": "What was not done as asked, or was so already.",
        "Link": "The next page; not in the dialects of Azure.",
        "X-Total-Count": "How many match, if total is asked for.",
    },
    "Operations": {"Location": "Where to ask for it again, while it goes on."},
}

STATUSES: Final[dict[int, str]] = {
    200: "Done.",
    201: "Created.",
    202: "Done in part, or with warnings; of an operation: it goes on.",
    204: "Done; there is nothing to tell.",
    206: "The range that was asked for; of a search: a part of what was found.",
    304: "The client has the current form.",
    400: "The request breaks a rule.",
    401: "No credentials, or bad ones.",
    403: "The account's roles lack the verb.",
    404: "It is not there, or the account may not know that it is.",
    406: "None of the forms that the client accepts can be made.",
    409: "It contradicts what is held.",
    412: "The client's precondition does not hold.",
    413: "Too large, or too much at once.",
    415: "A body of a type that is not taken.",
    416: "No byte lies in the range.",
    503: "Not at the moment; Retry-After says when.",
}
# By whether the dialect is Azure's.
UNKNOWN_PARTITION: Final[dict[bool, tuple[int, str]]] = {
    False: (404, "No such partition, or not for this account."),
    True: (400, "The request breaks a rule, or names a partition that is not there."),
}
_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer"}
SCHEMAS: Final[dict[str, Schema]] = {
    "Uid": {"type": "string", "maxLength": 64, "pattern": "^[0-9.]*[0-9]$"},
    "Refusal": {
        "type": "string",
        "description": "What is wrong and what to do, in a sentence or two.",
    },
    "DicomDataset": {
        "type": "object",
        "description": "DICOM JSON (DICOM PS3.18 F): elements by their tags.",
        "additionalProperties": {"$ref": "#/components/schemas/DicomElement"},
        "example": {"00100020": {"vr": "LO", "Value": ["P-17"]}},
    },
    "DicomElement": {
        "type": "object",
        "required": ["vr"],
        "properties": {
            "vr": {"type": "string", "pattern": "^[A-Z]{2}$"},
            "Value": {"type": "array", "items": {}},
            "BulkDataURI": {"type": "string", "format": "uri"},
            "InlineBinary": {"type": "string", "format": "byte"},
        },
        "additionalProperties": False,
    },
    "ChangeFeedEntry": {
        "type": "object",
        "required": ["sequence", "action", "timestamp", "state"],
        "properties": {
            "sequence": {"type": "integer", "format": "int64"},
            "partitionName": _TEXT,
            "studyInstanceUid": _UID,
            "seriesInstanceUid": _UID,
            "sopInstanceUid": _UID,
            "action": {"type": "string", "enum": ["create", "update", "delete"]},
            "timestamp": _MOMENT,
            "state": {"type": "string", "enum": ["current", "replaced", "deleted"]},
            "metadata": {"$ref": "#/components/schemas/DicomDataset"},
        },
    },
    "Partition": {
        "type": "object",
        "required": ["partitionKey", "partitionName", "createdDate"],
        "properties": {
            "partitionKey": {"type": "integer", "format": "int64"},
            "partitionName": _TEXT,
            "createdDate": _MOMENT,
            "disabled": {"type": "boolean"},
            "storedAs": _TEXT,
        },
    },
    "Started": {
        "type": "object",
        "required": ["id", "href"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "href": {"type": "string", "format": "uri"},
        },
    },
    "Operation": {
        "type": "object",
        "required": ["operationId", "type", "status"],
        "properties": {
            "operationId": {"type": "string", "format": "uuid"},
            "type": _TEXT,
            "createdTime": _MOMENT,
            "lastUpdatedTime": _MOMENT,
            "status": _TEXT,
            "percentComplete": {"type": "integer", "minimum": 0, "maximum": 100},
            "resources": {"type": "array", "items": _TEXT},
            "results": {"type": "object", "nullable": True},
            "error": {"type": "string", "nullable": True},
            "numberOfErrors": _COUNT,
        },
    },
    "ResultFile": {
        "type": "object",
        "required": ["name", "href"],
        "properties": {
            "name": _TEXT,
            "href": {"type": "string", "format": "uri"},
            "mediaType": _TEXT,
            "size": {"type": "integer", "format": "int64"},
            "createdTime": _MOMENT,
            "expiresTime": _MOMENT,
        },
    },
    "OperationReference": {
        "type": "object",
        "required": ["id", "href"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "href": {"type": "string", "format": "uri"},
        },
    },
    "QueryTag": {
        "type": "object",
        "required": ["path", "vr", "level", "status", "queryStatus"],
        "properties": {
            "path": _TEXT,
            "vr": {"type": "string", "pattern": "^[A-Z]{2}$"},
            "privateCreator": _TEXT,
            "level": {"type": "string", "enum": ["study", "series", "instance"]},
            "status": {"type": "string", "enum": ["adding", "ready", "deleting"]},
            "queryStatus": {"type": "string", "enum": ["enabled", "disabled"]},
            "errors": {
                "type": "object",
                "required": ["count", "href"],
                "properties": {
                    "count": _COUNT,
                    "href": {"type": "string", "format": "uri"},
                },
            },
            "operation": {"$ref": "#/components/schemas/OperationReference"},
        },
    },
    "QueryTagError": {
        "type": "object",
        "required": ["studyInstanceUid", "sopInstanceUid", "errorMessage"],
        "properties": {
            "partitionName": _TEXT,
            "studyInstanceUid": _UID,
            "seriesInstanceUid": _UID,
            "sopInstanceUid": _UID,
            "createdTime": _MOMENT,
            "errorMessage": _TEXT,
        },
    },
    "PatientConflict": {
        "type": "object",
        "required": ["studyInstanceUid", "numberOfVariants", "variants"],
        "properties": {
            "partitionName": _TEXT,
            "studyInstanceUid": _UID,
            "numberOfVariants": _COUNT,
            "variants": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/PatientVariant"},
            },
        },
    },
    "PatientVariant": {
        "type": "object",
        "properties": {
            "issuerOfPatientId": _TEXT,
            "patientId": _TEXT,
            "patientName": _TEXT,
            "patientBirthDate": _TEXT,
            "patientSex": _TEXT,
            "numberOfInstances": _COUNT,
        },
    },
}
