"""The OpenAPI documents of the service, one for each dialect.

Made from the table of capabilities, so that they say what is routed and no more. The
names of operations and path parameters are those of Azure's documents where it has
the operation. ``OPTIONS`` is answered at every address and described once, at the
root.
"""

import asyncio
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import orjson
import yaml
from starlette.requests import Request
from starlette.responses import Response

from core.media_types import JSON, YAML
from core.routing import PARTITION, Action, Endpoint
from imaging.dicomweb.capabilities import FORMS, Rows, rows_in
from imaging.dicomweb.capabilities_table import GLOBALLY, Description
from imaging.dicomweb.dialect import Dialect, dialect_of
from imaging.dicomweb.openapi_table import (
    LIMITS,
    PATH_PARAMETERS,
    QUERY_PARAMETERS,
    REQUEST_HEADERS,
    RESPONSE_HEADERS,
    SCHEMAS,
    STATUSES,
    TAGS,
    UNKNOWN_PARTITION,
    Schema,
)
from imaging.dicomweb.responses import text_response

OPENAPI: Final = "3.0.3"
_VERSIONS: Final = {Dialect.STANDARD: "standard", Dialect.V1: "1", Dialect.V2: "2"}
_ABOUT: Final = {
    True: "By the rules of Azure's DICOM service. OPTIONS tells of any address.",
    False: "By DICOM PS3.18, chapters 10 and 11. OPTIONS tells of any address.",
}
_ROOT: Final = Description(
    "Describe Service",
    "All addresses, as WADL or JSON (DICOM PS3.18 8.9).",
    gives=tuple(form.type for form in FORMS),
)
_VARIABLE: Final = re.compile(r"\{(\w+)(?::path)?\}")
_ALWAYS_REFUSED: Final = frozenset({400, 401, 403, 503})
_EMPTY: Final = frozenset({204, 304})
_BYTES: Final[Schema] = {"type": "string", "format": "binary"}
_TEXT: Final[Schema] = {"type": "string"}
# A list in a path has commas, in a query the name again for each value.
_LISTS: Final[dict[str, Schema]] = {
    "path": {"style": "simple", "explode": False},
    "query": {"style": "form", "explode": True},
}


def documents(everywhere: Rows) -> dict[str, dict[str, Action]]:
    """Return the addresses of the document; no verb: it tells nothing of data.

    Parameters
    ----------
    everywhere
        What there is in each data partition.
    """

    @lru_cache(16)
    def written(dialect: Dialect, root: str, form: str) -> bytes:
        return _written(document(dialect, root, everywhere), form)

    return {
        "/api.yaml": {"GET": Action(None, _endpoint(YAML, written))},
        "/api.json": {"GET": Action(None, _endpoint(JSON, written))},
    }


def document(dialect: Dialect, root: str, everywhere: Rows) -> Schema:
    """Return the document of a dialect.

    Parameters
    ----------
    root
        Path of the service, without a final slash.
    everywhere
        What there is in each data partition.
    """
    rows = rows_in(dialect, everywhere)
    inside = {(PARTITION + path, method): rows[path, method] for path, method in rows}
    paths: Schema = {"/": {"options": _operation(dialect, "/", _ROOT)}}
    for part in (rows, rows_in(dialect, GLOBALLY), inside):
        for (path, method), row in part.items():
            operation = _operation(dialect, path, row)
            paths.setdefault(_shown(path), {})[method.lower()] = operation
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "Imaging Research Portal: DICOMweb",
            "version": _VERSIONS[dialect],
            "description": _ABOUT[dialect.is_azure],
        },
        "servers": [{"url": root}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS,
            "responses": {
                f"Refused{status}": _refusal(text)
                for status, text in STATUSES.items()
                if status >= 400
            },
        },
    }


class _Dumper(yaml.SafeDumper):
    """Writes what is used twice twice: an anchor is no help to a reader."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _written(made: Schema, form: str) -> bytes:
    if form == JSON:
        return orjson.dumps(made)
    text = yaml.dump(made, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text.encode()


def _endpoint(form: str, written: Callable[[Dialect, str, str], bytes]) -> Endpoint:
    async def described(request: Request) -> Response:
        dialect, root = dialect_of(request), request.scope["root_path"]
        body = await asyncio.to_thread(written, dialect, root, form)
        return text_response(request, body, media_type=form)

    return described


def _operation(dialect: Dialect, path: str, row: Description) -> Schema:
    tag = _tag(path, row)
    name = "".join(word[0].upper() + word[1:] for word in row.name.split())
    made: Schema = {
        "tags": [tag],
        "operationId": f"Partition{name}" if _is_inside(path) else name,
        "summary": row.name,
        "description": row.text,
        "parameters": _parameters(dialect, path, tag, row),
    }
    if row.takes:
        made["requestBody"] = {"required": True, "content": _content(row.takes, "")}
    answers = {**_done(dialect, tag, row), **_refused(dialect, path, tag, row)}
    return {**made, "responses": answers}


def _parameters(
    dialect: Dialect, path: str, tag: str, row: Description
) -> list[Schema]:
    in_path = [_path_parameter(name) for name in _VARIABLE.findall(path)]
    in_query = [_query_parameter(dialect, tag, name) for name in row.parameters]
    in_header = [
        _parameter("header", name, schema, text)
        for name, (schema, text) in REQUEST_HEADERS.get(tag, {}).items()
    ]
    return in_path + in_query + in_header


def _path_parameter(name: str) -> Schema:
    shown, schema, text = PATH_PARAMETERS[name]
    return {**_parameter("path", shown, schema, text), "required": True}


def _query_parameter(dialect: Dialect, tag: str, name: str) -> Schema:
    if name == "limit":
        limits = LIMITS[tag]
        limit = limits.get(dialect, limits[Dialect.STANDARD])
        return _parameter("query", name, limit.schema(), "At most so many answers.")
    schema, text = QUERY_PARAMETERS.get(name, (_TEXT, ""))
    return _parameter("query", name.strip("{}"), schema, text)


def _parameter(place: str, name: str, schema: Schema, text: str) -> Schema:
    style = _LISTS[place] if schema.get("type") == "array" else {}
    return {"name": name, "in": place, "description": text, **style, "schema": schema}


def _done(dialect: Dialect, tag: str, row: Description) -> Schema:
    told = dict(RESPONSE_HEADERS.get(tag, {}))
    if dialect.is_azure:
        told["api-supported-versions"] = "The versions that are served."
    headers = {
        name: {"description": text, "schema": _TEXT} for name, text in told.items()
    }
    answers: Schema = {}
    for status in row.done:
        answer: Schema = {"description": STATUSES[status], "headers": headers}
        if row.gives and status not in _EMPTY:
            answer["content"] = _content(row.gives, row.body)
        answers[str(status)] = answer
    return answers


def _refused(dialect: Dialect, path: str, tag: str, row: Description) -> Schema:
    answers: Schema = {
        str(status): {"$ref": f"#/components/responses/Refused{status}"}
        for status in sorted(_ALWAYS_REFUSED | {*row.refused})
    }
    if _is_inside(path):
        status, text = UNKNOWN_PARTITION[dialect.is_azure]
        if status not in row.refused:
            answers[str(status)] = _refusal(text)
    if tag == "Store":  # tells of each instance what is wrong with it
        conflict = _content(row.gives, row.body)
        answers["409"] = {"description": STATUSES[409], "content": conflict}
    return answers


def _refusal(text: str) -> Schema:
    schema = {"$ref": "#/components/schemas/Refusal"}
    return {"description": text, "content": {"text/plain": {"schema": schema}}}


def _content(media_types: tuple[str, ...], body: str) -> Schema:
    return {each: {"schema": _schema(each, body)} for each in media_types}


def _schema(media_type: str, body: str) -> Schema:
    if not media_type.endswith("json"):
        return _TEXT if media_type.startswith("text/") else _BYTES
    if not body:
        return {}
    one: dict[str, Any] = {"$ref": f"#/components/schemas/{body.removesuffix('[]')}"}
    return {"type": "array", "items": one} if body.endswith("[]") else one


def _is_inside(path: str) -> bool:
    """Return whether an address is that of a partition and something in it."""
    return path.startswith(f"{PARTITION}/")


def _tag(path: str, row: Description) -> str:
    first = path.removeprefix(PARTITION if _is_inside(path) else "").split("/")[1]
    return TAGS.get(first) or TAGS[row.name.split()[0]]


def _shown(path: str) -> str:
    return _VARIABLE.sub(lambda found: f"{{{PATH_PARAMETERS[found[1]][0]}}}", path)
