"""WADO-RS: rendered documents: as text, and PDFs as they are (DICOM PS3.18 8.7.4).

A browser runs nothing of them in our name, whatever they hold: texts are written anew,
without scripts, and come as all others with a policy that allows none.
"""

import base64
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from core import audit
from core.media_types import MediaType, choose
from imaging.dicomweb.rendering_rules import (
    PLAIN,
    REPORTS,
    accepted_for_pictures,
    rules_of,
)
from imaging.dicomweb.rendering_threads import in_rendering_thread
from imaging.dicomweb.representation import (
    Representation,
    in_memory,
    not_modified,
    respond,
)
from imaging.dicomweb.request import base_url
from imaging.dicomweb.streaming import HEADERS, entity_tag, reader
from imaging.dicomweb.wado_parts import one_part
from imaging.documents import (
    PDF,
    XML,
    Encapsulated,
    document_in,
    read_document,
    report_in,
)
from imaging.reports import STYLE, Report, html, plain
from imaging.retrieve import HeldImage
from imaging.retrieve.source import opened

REPORTS_VERSION: Final = 1
"""Raised where the same report becomes another text than before, for entity tags."""

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_SUFFIXES: Final = {PDF: "pdf", XML: "xml"}
_NOTHING: Final = "sandbox; default-src 'none'"
_REPORT_POLICY: Final = (
    f"{_NOTHING}; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


class RenderedReport(NamedTuple):
    """A report that is to be read, and written in a form."""

    image: HeldImage
    read: Callable[[], Report]
    form: MediaType


def document_of(
    request: Request, image: HeldImage, event: audit.Event
) -> RenderedReport | Response | None:
    """Return the document that is asked for, or how it is to be written.

    None where it is none, or the dialect has no documents.

    Raises
    ------
    NotAcceptable
        The client does not take it as it can come; the message says how.
    """
    if not rules_of(request).documents or "frames" in request.path_params:
        return None
    ranges = accepted_for_pictures(request)
    document = document_in(image, event)
    if document is not None and document.media_type == PDF:
        choose(ranges, [MediaType(PDF)])
        return _as_it_is(request, image, document)
    read = partial(read_document, document) if document else report_in(image)
    if read is None:
        return None
    form = choose(ranges, REPORTS)
    if document is not None and form.type == XML:
        return _as_it_is(request, image, document)
    return _unchanged(request, image, form) or RenderedReport(image, read, form)


async def answer_report(request: Request, report: RenderedReport) -> Response:
    """Answer a report as text; read and written in a thread, as it may be long."""
    image, read, form = report
    address = base_url(request)
    body = await in_rendering_thread(_written, read, form.type, address)
    representation = Representation(
        f"{form.type}; charset=utf-8",
        len(body),
        in_memory(body),
        _tag(image, form),
        _report_headers(),
    )
    return respond(request, representation)


def _as_it_is(request: Request, image: HeldImage, document: Encapsulated) -> Response:
    """Answer a document as it is: XML to be saved, a PDF to be shown as well.

    What shows PDFs in browsers is apart from pages, and viewers put them into frames.
    """
    suffix = _SUFFIXES[document.media_type]
    name = f"{image.sop_instance_uid}.{suffix}"
    shown = "inline" if document.media_type == PDF else "attachment"
    headers = {
        **HEADERS,
        "content-security-policy": _NOTHING,
        "content-disposition": f'{shown}; filename="{name}"',
    }
    opening = partial(opened, document.parts)
    read = reader(request, document.size, partial(one_part, opening))
    tag = entity_tag(image.version_id, "document")
    return respond(
        request,
        Representation(document.media_type, document.size, read, tag, headers),
    )


def _written(read: Callable[[], Report], media_type: str, address: str) -> bytes:
    write = plain if media_type == PLAIN else html
    return write(read(), address).encode()


def _unchanged(request: Request, image: HeldImage, form: MediaType) -> Response | None:
    return not_modified(request, _tag(image, form), _report_headers())


def _report_headers() -> dict[str, str]:
    return {**HEADERS, "content-security-policy": _REPORT_POLICY}


def _tag(image: HeldImage, form: MediaType) -> str:
    kind = form.type.partition("/")[2]
    return entity_tag(image.version_id, "report", kind, REPORTS_VERSION)
