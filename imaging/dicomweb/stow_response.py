"""What STOW-RS answers (DICOM PS3.18 10.5.3, I.2)."""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.media_types import DICOM_JSON, DICOM_XML, MediaType
from imaging import native_xml
from imaging.dicomweb.request import base_url
from imaging.dicomweb.stow_rules import StowRules
from imaging.index import tag_of
from imaging.store_status import Refused, Stored, StoreOutcome

_RETRIEVE_URL: Final = tag_of("RetrieveURL")
_REFERENCED_SOP_SEQUENCE: Final = tag_of("ReferencedSOPSequence")
_FAILED_SOP_SEQUENCE: Final = tag_of("FailedSOPSequence")
_REFERENCED_SOP_CLASS_UID: Final = tag_of("ReferencedSOPClassUID")
_REFERENCED_SOP_INSTANCE_UID: Final = tag_of("ReferencedSOPInstanceUID")
_WARNING_REASON: Final = tag_of("WarningReason")
_FAILURE_REASON: Final = tag_of("FailureReason")
_FAILED_ATTRIBUTES_SEQUENCE: Final = tag_of("FailedAttributesSequence")
_ERROR_COMMENT: Final = "00000902"

Element = dict[str, Any]


def render(
    request: Request,
    study: str | None,
    outcomes: Sequence[StoreOutcome],
    rules: StowRules,
    form: MediaType,
) -> Response:
    """Return the answer to a store, in XML where that is its form.

    200 where all were stored without a warning (or, by the rules, with one), 202 where
    some were, 409 where none was (DICOM PS3.18 table 10.5.3-1), 204 for a request
    without instances.
    """
    if not outcomes:
        return Response(status_code=204)
    base = base_url(request)
    stored = [one for one in outcomes if isinstance(one, Stored)]
    refused = [one for one in outcomes if isinstance(one, Refused)]
    data_set: dict[str, Element] = {}
    if study and stored:
        data_set[_RETRIEVE_URL] = _element("UR", f"{base}/studies/{study}")
    if refused:
        data_set[_FAILED_SOP_SEQUENCE] = _element("SQ", *map(_failed_item, refused))
    if stored:
        items = [_referenced_item(one, base, rules) for one in stored]
        data_set[_REFERENCED_SOP_SEQUENCE] = _element("SQ", *items)
    is_xml = form.type == DICOM_XML
    return Response(
        native_xml.write(data_set) if is_xml else orjson.dumps(data_set),
        _status(stored, refused, rules),
        headers=_warning_header(request, stored),
        media_type=DICOM_XML if is_xml else DICOM_JSON,
    )


def _status(
    stored: Sequence[Stored], refused: Sequence[Refused], rules: StowRules
) -> int:
    if not stored:
        return 409
    warned = any(one.warning is not None for one in stored)
    return 202 if refused or (warned and rules.warned_is_accepted) else 200


def _warning_header(request: Request, stored: Sequence[Stored]) -> dict[str, str]:
    hints = sorted({hint for one in stored for hint in one.hints})
    if not hints:
        return {}
    text = " ".join(hints).replace("\\", "/").replace('"', "'")
    text = text.encode("ascii", "replace").decode("ascii")[:1024]
    return {"warning": f'299 {request.url.netloc}: "{text}"'}


def _referenced_item(one: Stored, base: str, rules: StowRules) -> dict[str, Element]:
    address = (
        f"{base}/studies/{one.study_instance_uid}/series/{one.series_instance_uid}"
        f"/instances/{one.sop_instance_uid}"
    )
    item = {
        _REFERENCED_SOP_CLASS_UID: _element("UI", one.sop_class_uid),
        _REFERENCED_SOP_INSTANCE_UID: _element("UI", one.sop_instance_uid),
        _RETRIEVE_URL: _element("UR", address),
    }
    if rules.lists_attributes:
        item[_FAILED_ATTRIBUTES_SEQUENCE] = _failed_attributes(one.comments)
    if one.warning is not None:
        item[_WARNING_REASON] = _element("US", int(one.warning))
    return item


def _failed_item(one: Refused) -> dict[str, Element]:
    item = {_FAILURE_REASON: _element("US", int(one.reason))}
    if one.sop_class_uid:
        item[_REFERENCED_SOP_CLASS_UID] = _element("UI", one.sop_class_uid)
    if one.sop_instance_uid:
        item[_REFERENCED_SOP_INSTANCE_UID] = _element("UI", one.sop_instance_uid)
    if one.comments:
        item[_ERROR_COMMENT] = _element("LO", one.comments[0])
        item[_FAILED_ATTRIBUTES_SEQUENCE] = _failed_attributes(one.comments)
    return item


def _failed_attributes(comments: Sequence[str]) -> Element:
    items = ({_ERROR_COMMENT: _element("LO", comment)} for comment in comments)
    return _element("SQ", *items)


def _element(vr: str, *values: object) -> Element:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}
