"""``OPTIONS``: what the service does at an address (DICOM PS3.18 8.9).

Answered as WADL, the standard's form, or as JSON; at the root for all addresses, and
in each dialect as that is. The same as OpenAPI: `imaging.dicomweb.openapi`.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.media_types import DICOM_JSON, JSON, MediaType, choose
from core.routing import PARTITION, Action, Endpoint, Paths
from imaging.dicomweb.capabilities_table import ANSWER_PARAMETERS, Description
from imaging.dicomweb.dialect import Dialect, dialect_of
from imaging.dicomweb.request import (
    ACCEPT_RULES,
    accepted_tolerantly,
    base_url,
    service_url,
)

Rows = Mapping[tuple[str, str], Description]

WADL: Final = "application/vnd.sun.wadl+xml"
WADL_NAMESPACE: Final = "http://wadl.dev.java.net/2009/02"
ROOT: Final = "/"
FORMS: Final = (MediaType(WADL), MediaType("application/xml"), MediaType(JSON))


def with_options(paths: Paths, rows: Rows) -> Paths:
    """Return the paths, each of which describes itself to who asks ``OPTIONS``."""
    return {
        path: {**actions, **options({key: rows[key] for key in rows if key[0] == path})}
        for path, actions in paths.items()
    }


def options(rows: Rows) -> dict[str, Action]:
    """Return the method that describes `rows`; no verb: it tells nothing of data."""
    return {"OPTIONS": Action(None, _capabilities(rows))}


def rows_in(dialect: Dialect, rows: Rows) -> Rows:
    """Return the rows as they are in a dialect."""
    if not dialect.is_azure:
        return rows
    return {
        key: _in_azure(dialect, row) for key, row in rows.items() if not row.is_ours
    }


def _in_azure(dialect: Dialect, row: Description) -> Description:
    gives = row.azure_gives or row.gives
    if DICOM_JSON in gives:
        gives = tuple(form.type for form in ACCEPT_RULES[dialect].one)
    lacking = row.lacking.get(dialect, frozenset()).union(ANSWER_PARAMETERS)
    parameters = tuple(name for name in row.parameters if name not in lacking)
    text = row.azure_text or row.text
    takes = row.azure_takes or row.takes
    return row._replace(text=text, parameters=parameters, takes=takes, gives=gives)


def _capabilities(rows: Rows) -> Endpoint:
    async def capabilities(request: Request) -> Response:
        form = choose(accepted_tolerantly(request), FORMS)
        render = _json if form.type == JSON else _wadl
        here = rows_in(dialect_of(request), rows)
        body = render(f"{_base(request, rows)}/", here)
        methods = {method for _, method in here} | {"OPTIONS"}
        headers = {"allow": ", ".join(sorted(methods)), "vary": "Accept"}
        return Response(body, headers=headers, media_type=form.type)

    return capabilities


def _base(request: Request, rows: Rows) -> str:
    """Return what the paths of `rows` are below of: a partition, or the service."""
    is_partition = any(path == PARTITION for path, _ in rows)
    return service_url(request) if is_partition else base_url(request)


def _by_path(rows: Rows) -> Iterable[tuple[str, list[tuple[str, Description]]]]:
    """Yield each path as clients write it, with its methods."""
    for path, group in groupby(rows, key=itemgetter(0)):
        shown = path.removeprefix("/").replace(":path}", "}")
        yield shown, [(method, rows[path, method]) for _, method in group]


def _json(base: str, rows: Rows) -> bytes:
    resources = [
        {
            "path": path,
            "methods": [_json_method(method, row) for method, row in methods],
        }
        for path, methods in _by_path(rows)
    ]
    return orjson.dumps({"base": base, "resources": resources})


def _json_method(method: str, row: Description) -> dict[str, Any]:
    return {
        "method": method,
        "name": row.name,
        "description": row.text,
        "queryParameters": row.parameters,
        "requestMediaTypes": row.takes,
        "responseMediaTypes": row.gives,
    }


def _wadl(base: str, rows: Rows) -> bytes:
    application = Element("application", {"xmlns": WADL_NAMESPACE})
    resources = SubElement(application, "resources", {"base": base})
    for path, methods in _by_path(rows):
        resource = SubElement(resources, "resource", {"path": path})
        for name, row in methods:
            method = SubElement(resource, "method", {"name": name})
            SubElement(method, "doc", {"title": row.name}).text = row.text
            asked = SubElement(method, "request")
            for parameter in row.parameters:
                SubElement(asked, "param", {"name": parameter, "style": "query"})
            _represent(asked, row.takes)
            _represent(SubElement(method, "response"), row.gives)
    text: bytes = tostring(application, encoding="utf-8", xml_declaration=True)
    return text


def _represent(parent: Element, media_types: Iterable[str]) -> None:
    for media_type in media_types:
        SubElement(parent, "representation", {"mediaType": media_type})
