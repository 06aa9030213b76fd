"""The one map of errors to protocols, looked up along the class tree.

Every edge (DICOMweb, GraphQL, FHIR, UPS, DIMSE) renders a failure from a row of this
table, so that the same failure reads the same everywhere.
"""

import logging
from dataclasses import dataclass
from typing import Final, NamedTuple

from core import errors

logger = logging.getLogger(__name__)

REALM: Final = "portal"


@dataclass(frozen=True, slots=True)
class Fault:
    """How one family of errors looks in each protocol.

    Attributes
    ----------
    http
        Status code (RFC 9110).
    fhir
        ``OperationOutcome.issue.code`` (FHIR R4 IssueType).
    dimse
        Status (DICOM PS3.7 annex C).
    """

    http: int
    fhir: str
    dimse: int


FAULTS: Final[dict[type[Exception], Fault]] = {
    errors.NotFound: Fault(404, "not-found", 0x0112),
    errors.Gone: Fault(410, "deleted", 0x0112),
    errors.Forbidden: Fault(403, "forbidden", 0x0124),
    errors.Unauthenticated: Fault(401, "login", 0x0124),
    errors.Invalid: Fault(400, "invalid", 0xC000),
    errors.TooLarge: Fault(413, "too-long", 0xC000),
    errors.TooSlow: Fault(408, "timeout", 0xC000),
    errors.Unsupported: Fault(501, "not-supported", 0x0122),
    errors.NotAllowed: Fault(405, "not-supported", 0x0122),
    errors.NotAcceptable: Fault(406, "not-supported", 0x0122),
    errors.UnsupportedMedia: Fault(415, "not-supported", 0x0122),
    errors.Conflict: Fault(409, "conflict", 0x0111),
    errors.PreconditionFailed: Fault(412, "conflict", 0x0111),
    errors.Busy: Fault(503, "throttled", 0xA700),
    errors.TooMany: Fault(429, "throttled", 0xA700),
    errors.Upstream: Fault(502, "transient", 0x0110),
    errors.PortalError: Fault(500, "exception", 0x0110),
    Exception: Fault(500, "exception", 0x0110),
}


def fault_of(error: Exception) -> Fault:
    """Return the row of the nearest ancestor of `error`'s class."""
    for family in type(error).__mro__:
        if family in FAULTS:
            return FAULTS[family]
    return FAULTS[Exception]


class Refusal(NamedTuple):
    """What a client is told over HTTP of a failure: one or two sentences."""

    status: int
    text: str
    headers: dict[str, str]


def refusal_of(error: Exception, request_id: str) -> Refusal:
    """Return the answer to a request that failed."""
    headers: dict[str, str] = {}
    if isinstance(error, errors.PortalError):
        text = error.message
    else:
        text = f"Something went wrong on the server. Reference: {request_id}"
    if isinstance(error, errors.Unauthenticated):
        why = f', error="{error.error}"' if error.error else ""
        headers["www-authenticate"] = f'Bearer realm="{REALM}"{why}'
    if isinstance(error, errors.NotAllowed):
        headers["allow"] = ", ".join(error.allowed)
    if isinstance(error, errors.Busy):
        headers["retry-after"] = str(error.retry_after_s)
    return Refusal(fault_of(error).http, text, headers)


def log_failure(error: Exception, request_id: str, *, has_begun: bool = False) -> None:
    """Log what an operator has to know; refusals are the client's business.

    Parameters
    ----------
    has_begun
        Whether the answer had, so that nobody could be told why it ends.
    """
    if not isinstance(error, errors.PortalError):
        logger.error("request %s failed", request_id, exc_info=error)
    elif has_begun:
        logger.warning("request %s was broken off: %s", request_id, error.message)
    elif fault_of(error).http >= 500:
        logger.warning("request %s: %s", request_id, error.message)
