"""WADO-RS: retrieving metadata (DICOM PS3.18 10.4.1.1.2), in JSON or XML.

Rendered from the JSON that is kept, an instance at a time as the client takes them.
``includefields`` (or ``includefield``, as in searches) names the only attributes that
are answered; Azure's dialects have no such parameter.
"""

import hashlib
import zlib
from collections.abc import Iterator
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.database import run, run_read
from core.media_types import DICOM_XML, MULTIPART, MediaType
from imaging import metadata as json_model
from imaging import native_xml
from imaging.dicomweb.dialect import dialect_of
from imaging.dicomweb.multipart_body import PART_END, MultipartBody
from imaging.dicomweb.request import accepted_data_sets, actor_of, base_url
from imaging.dicomweb.responses import takes_gzip
from imaging.dicomweb.streaming import Chunks, entity_tag, streamed
from imaging.dicomweb.wado import address_of, url_of
from imaging.index import tag_of
from imaging.query import included_fields, with_creators
from imaging.retrieve import Address, HeldMetadata, Listing, retrieve_metadata

_GZIP_LEVEL: Final = 1
_GZIP_FRAME: Final = 16 + zlib.MAX_WBITS
_NAMES: Final = frozenset({"includefield", "includefields"})
# So that each model says which instance it is of.
_UIDS: Final = frozenset(
    map(tag_of, ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"))
)


async def metadata(request: Request) -> Response:
    """Answer the metadata of a study, a series or an instance."""
    address = address_of(request)
    form = accepted_data_sets(request)
    tags = _wanted_tags(request)
    return await run_read(_metadata, request, address, form, tags)


def _wanted_tags(request: Request) -> frozenset[str] | None:
    """Return which attributes are asked for; None for all.

    Raises
    ------
    Invalid
        A name is that of no attribute.
    """
    given = [
        value
        for name, value in request.query_params.multi_items()
        if name.lower() in _NAMES
    ]
    if not given or dialect_of(request).is_azure:
        return None
    tags, wants_all = included_fields(",".join(given).split(","))
    return None if wants_all or not tags else with_creators(tags) | _UIDS


def _metadata(
    request: Request, address: Address, form: MediaType, tags: frozenset[str] | None
) -> Response:
    listing = retrieve_metadata(actor=actor_of(request), address=address)
    found, base = listing.found, base_url(request)
    is_xml, is_packed = form.type == MULTIPART, takes_gzip(request)
    kind = ["xml" if is_xml else "json", *(["gzip"] if is_packed else [])]
    kind.append("whole" if found.is_identified else "limited")
    if tags is not None:
        text = ",".join(sorted(tags)).encode()
        kind.append(hashlib.blake2b(text, digest_size=8).hexdigest())
    tag = entity_tag(found.newest_version_id, found.number_of_instances, *kind)
    models = _models(listing, base, tags)
    media_type, chunks = str(form), _json(models)
    if is_xml:
        body = MultipartBody.of(DICOM_XML, tag)
        media_type, chunks = body.content_type, _xml(models, body)
    headers = {"vary": "Accept, Accept-Encoding"}
    if is_packed:
        headers["content-encoding"] = "gzip"
        chunks = _gzipped(chunks)
    return streamed(
        request,
        lambda _: chunks,
        media_type=media_type,
        etag=tag,
        headers=headers,
        hop=run,  # it reads no blobs
    )


def _models(
    listing: Listing[HeldMetadata], base: str, tags: frozenset[str] | None
) -> Iterator[tuple[str, bytes]]:
    """Yield the address of each instance, and its model in JSON."""
    for instance in listing.rows():
        url = url_of(base, listing, instance)
        yield url, json_model.render(instance.metadata, instance_url=url, tags=tags)


def _json(models: Iterator[tuple[str, bytes]]) -> Chunks:
    separator = b"["
    for _url, model in models:
        yield separator
        yield model
        separator = b","
    yield b"]"


def _xml(models: Iterator[tuple[str, bytes]], body: MultipartBody) -> Chunks:
    for url, model in models:
        yield body.head(DICOM_XML, f"{url}/metadata")
        yield native_xml.write(orjson.loads(model))
        yield PART_END
    yield body.end


def _gzipped(chunks: Chunks) -> Chunks:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FRAME)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()
