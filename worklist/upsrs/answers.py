"""What answers of UPS-RS have in common: addresses, warnings, statuses of refusals."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from core.errors import Invalid
from imaging.dicomweb.dialect import dialect_of
from imaging.dicomweb.request import base_url, checked_uid
from worklist.errors import WorkitemRefused, WrongTransactionUid
from worklist.rules import Outcome, Status

_UID: Final = re.compile(r"[0-9.]{1,64} *")


def address_of(request: Request, uid: str) -> str:
    """Return the absolute address of a workitem."""
    return f"{base_url(request)}/workitems/{uid}"


def named_uid(request: Request, *names: str) -> str:
    """Return the UID that the query names: by one of `names`, or bare as a key.

    Empty where it names none. ``?1.2.3`` is what older editions of PS3.18 and Azure's
    service have, in place of ``?workitem=1.2.3``.

    Raises
    ------
    Invalid
        It is none, or there are several.
    """
    known = {name.lower() for name in names}
    text = request.scope["query_string"].decode("latin-1")
    found = {
        value if name.lower() in known else name
        for name, value in parse_qsl(text, keep_blank_values=True)
        if name.lower() in known or (not value and _UID.fullmatch(name))
    }
    if len(found) > 1:
        message = "The query names more than one UID."
        raise Invalid(message, path=names[0])
    return checked_uid(found.pop(), names[0]) if found else ""


def warnings_of(request: Request, outcome: Outcome) -> list[str]:
    """Return what the ``Warning`` header says of a decision (PS3.18 11.7.3.2).

    The words of the standard alone in Azure's dialects; else the code of PS3.4 as well.
    """
    said = [outcome.warning] if outcome.warning else []
    if outcome.status is not Status.SUCCESS and not dialect_of(request).is_azure:
        said.append(f"{outcome.status.code}: {outcome.status.words}")
    return said


def warning_header(request: Request, warnings: list[str]) -> str:
    """Return the value of ``Warning``, with the colon that PS3.18 11 has."""
    host = request.url.netloc
    return ", ".join(f'299 {host}: "{each}"' for each in warnings)


def headers_of(request: Request, uid: str, outcome: Outcome) -> dict[str, str]:
    """Return the headers of an answer about a workitem."""
    headers = {"content-location": address_of(request, uid)}
    if warnings := warnings_of(request, outcome):
        headers["warning"] = warning_header(request, warnings)
    return headers


@contextmanager
def telling_refusals(request: Request) -> Iterator[None]:
    """Have refusals tell their code and reason in the ``Warning`` header, too."""
    try:
        yield
    except (WorkitemRefused, WrongTransactionUid) as error:
        if warnings := warnings_of(request, error.outcome):
            value = warning_header(request, warnings).encode("latin-1", "replace")
            request.scope["answer_headers"].append((b"warning", value))
        raise
