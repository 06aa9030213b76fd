"""WADO-RS: retrieving metadata (DICOM PS3.18 10.4.1.1.2), in JSON or XML.

Rendered from the JSON that is kept, an instance at a time as the client takes them.
"""

import zlib
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run_read
from imaging import metadata as json_model
from imaging import native_xml
from imaging.dicomweb.media_types import DICOM_XML, MULTIPART, MediaType
from imaging.dicomweb.multipart_body import PART_END, MultipartBody
from imaging.dicomweb.request import accepted_data_sets, actor_of, base_url
from imaging.dicomweb.responses import takes_gzip
from imaging.dicomweb.streaming import Chunks, entity_tag, streamed
from imaging.dicomweb.wado import address_of, url_of
from imaging.retrieve import Address, HeldMetadata, Listing, retrieve_metadata

_GZIP_LEVEL: Final = 1
_GZIP_FRAME: Final = 16 + zlib.MAX_WBITS


async def metadata(request: Request) -> Response:
    """Answer the metadata of a study, a series or an instance."""
    address = address_of(request)
    form = accepted_data_sets(request)
    return await run_read(_metadata, request, address, form)


def _metadata(request: Request, address: Address, form: MediaType) -> Response:
    listing = retrieve_metadata(actor=actor_of(request), address=address)
    found, base = listing.found, base_url(request)
    is_xml, is_packed = form.type == MULTIPART, takes_gzip(request)
    kind = ["xml" if is_xml else "json", *(["gzip"] if is_packed else [])]
    kind.append("whole" if found.is_identified else "limited")
    tag = entity_tag(found.newest_version_id, found.number_of_instances, *kind)
    media_type, chunks = str(form), _json(listing, base)
    if is_xml:
        body = MultipartBody.of(DICOM_XML, tag)
        media_type, chunks = body.content_type, _xml(listing, base, body)
    headers = {"vary": "Accept, Accept-Encoding"}
    if is_packed:
        headers["content-encoding"] = "gzip"
        chunks = _gzipped(chunks)
    return streamed(
        request, lambda _: chunks, media_type=media_type, etag=tag, headers=headers
    )


def _json(listing: Listing[HeldMetadata], base: str) -> Chunks:
    separator = b"["
    for instance in listing.rows():
        yield separator
        url = url_of(base, listing, instance)
        yield json_model.render(instance.metadata, instance_url=url)
        separator = b","
    yield b"]"


def _xml(listing: Listing[HeldMetadata], base: str, body: MultipartBody) -> Chunks:
    for instance in listing.rows():
        url = url_of(base, listing, instance)
        model = json_model.render(instance.metadata, instance_url=url)
        yield body.head(DICOM_XML, f"{url}/metadata")
        yield native_xml.write(orjson.loads(model))
        yield PART_END
    yield body.end


def _gzipped(chunks: Chunks) -> Chunks:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FRAME)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()
