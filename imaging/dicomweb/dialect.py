"""The dialects of the service: an address's version says by which rules it answers.

Without a version the rules are the standard's (DICOM PS3.18 10), with what clients ask
for besides. ``/v1`` and ``/v2`` are Azure's DICOM service in its two versions, so that
its clients move by changing the base address. Each edge holds a table of what differs
in its part; `docs/conformance.md` shows all of it.
"""

from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.types import Scope


class Dialect(StrEnum):
    """By which rules a request is answered; the value is the address's version."""

    STANDARD = ""
    V1 = "v1"
    V2 = "v2"

    @property
    def is_azure(self) -> bool:
        """Return whether the rules are those of Azure's DICOM service."""
        return self is not Dialect.STANDARD


_BY_VERSION: Final = {str(dialect): dialect for dialect in Dialect if dialect}


def with_dialect(scope: Scope) -> Scope:
    """Return the scope of a request with its ``dialect``; below the version, if any.

    Whatever makes an address begins it with ``root_path``, and so with the version.
    """
    root: str = scope["root_path"]
    version = scope["path"][len(root) + 1 :].partition("/")[0]
    dialect = _BY_VERSION.get(version)
    if dialect is None:
        return {**scope, "dialect": Dialect.STANDARD}
    path: str = scope["path"]
    root = f"{root}/{version}"
    if path == root:
        path += "/"
    return {**scope, "dialect": dialect, "root_path": root, "path": path}


def dialect_of(request: Request) -> Dialect:
    """Return by which rules the request is answered."""
    dialect: Dialect = request.scope["dialect"]
    return dialect
