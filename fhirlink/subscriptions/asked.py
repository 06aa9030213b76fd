"""What a Subscription asks for: read, and refused with words where it cannot be done.

References
----------
FHIR R4 Subscription.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from core.errors import Invalid
from fhirlink.served import is_served
from imaging.outside.hosts import checked_url

FHIR_JSON: Final = "application/fhir+json"
_PAYLOADS: Final = frozenset({"", FHIR_JSON, "application/json"})
_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*)")
_OURS: Final = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection"}
)


class Asked(NamedTuple):
    """What is to be done for a subscriber.

    Attributes
    ----------
    type, query
        Of the criteria: a search.
    has_payload
        Whether resources are sent, or only that something has changed.
    end
        When it ends by itself.
    """

    type: str
    query: str
    endpoint: str
    headers: Mapping[str, str]
    has_payload: bool
    end: datetime | None


def read(subscription: Mapping[str, Any]) -> Asked:
    """Return what a Subscription asks for.

    Raises
    ------
    Invalid
        It cannot be done.
    """
    type_, _, query = str(subscription.get("criteria", "")).partition("?")
    if not is_served(type_) or type_ == "Subscription":
        message = "The criteria are a search: Observation?code=http://loinc.org|1975-2"
        raise Invalid(message, path="Subscription.criteria")
    channel = subscription.get("channel", {})
    if channel.get("type") != "rest-hook":
        message = "Of the channels there is rest-hook here."
        raise Invalid(message, path="Subscription.channel.type")
    payload = channel.get("payload", "").partition(";")[0].strip()
    if payload not in _PAYLOADS:
        message = f"The payload is {FHIR_JSON}, or there is none."
        raise Invalid(message, path="Subscription.channel.payload")
    endpoint = channel.get("endpoint", "").rstrip("/")
    if checked_url(endpoint).query:
        message = "An endpoint has no query."
        raise Invalid(message, path="Subscription.channel.endpoint")
    end = subscription.get("end")
    return Asked(
        type_,
        query,
        endpoint,
        dict(_header(each) for each in channel.get("header", [])),
        bool(payload),
        datetime.fromisoformat(end) if end else None,
    )


def _header(text: str) -> tuple[str, str]:
    found = _HEADER.fullmatch(text)
    if found is None or found[1].lower() in _OURS:
        message = "A header is written as 'Authorization: Bearer …'; some are ours."
        raise Invalid(message, path="Subscription.channel.header")
    return found[1], found[2]
