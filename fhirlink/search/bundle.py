"""The Bundle that a search answers, put together of stored bytes: pure.

References
----------
FHIR R4 2.36.4 Search results.
"""

from collections.abc import Iterable, Iterator, Sequence

import orjson

from fhirlink.outcome import saying
from fhirlink.search.asked import Asked
from fhirlink.search.find import Page
from fhirlink.search.rows import Found
from fhirlink.search.shown import shown


def bundle(
    page: Page, asked: Asked, *, base_url: str, links: Iterable[tuple[str, str]]
) -> bytes:
    """Return the JSON of a page.

    Parameters
    ----------
    links
        Relations and addresses.
    """
    told = [{"relation": name, "url": url} for name, url in links]
    members = [b'"resourceType":"Bundle","type":"searchset"']
    if page.total is not None:
        members.append(b'"total":%d' % page.total)
    members.append(b'"link":' + orjson.dumps(told))
    entries = [
        *_entries(page.matches, asked, b"match", base_url),
        *_entries(page.included, asked, b"include", base_url),
        *(_warning(each) for each in page.warnings),
    ]
    if entries:  # FHIR has no empty lists
        members.append(b'"entry":[%b]' % b",".join(entries))
    return b"{%b}" % b",".join(members)


def _entries(
    found: Sequence[Found], asked: Asked, mode: bytes, base_url: str
) -> Iterator[bytes]:
    elements = asked.elements if mode == b"match" else ()
    for each in found:
        url = orjson.dumps(f"{base_url}/{each.type}/{each.fhir_id}")
        body = shown(each.json(), asked.summary, elements)
        yield b'{"fullUrl":%b,"resource":%b,"search":{"mode":"%b"}}' % (url, body, mode)


def _warning(text: str) -> bytes:
    outcome = orjson.dumps(saying("warning", text, code="not-supported"))
    return b'{"resource":%b,"search":{"mode":"outcome"}}' % outcome
