"""What an answer tells of a request: done, open, or an answer that is wrong."""

from collections.abc import Iterator
from enum import Enum, auto

import httpx

from tests.crash.ledger import Request, Verb

FAILED, REFERENCED = "00081198", "00081199"
REASON, COMMENT, UID = "00081197", "00000902", "00081155"
EXISTS = 45070


class Verdict(Enum):
    """What the client knows after an answer."""

    DONE = auto()
    OPEN = auto()
    WRONG = auto()


def judge(request: Request, answer: httpx.Response, *, again: bool) -> Verdict:
    """Return what is known of a request after its answer.

    Parameters
    ----------
    again
        Whether it was sent before and may have happened then.
    """
    if answer.status_code == 503:
        return Verdict.OPEN
    if request.verb is Verb.DELETE:
        done = answer.status_code == 204 or (again and answer.status_code == 404)
    else:
        done = _is_stored(request, answer, again=again)
    return Verdict.DONE if done else Verdict.WRONG


def _is_stored(request: Request, answer: httpx.Response, *, again: bool) -> bool:
    """Return whether all is held now: stored by this request, or by one before it."""
    uids = {key.instance for key in request.after}
    if answer.status_code in {200, 202}:
        return uids == set(_uids(answer, REFERENCED))
    return (
        again
        and request.verb is Verb.STORE
        and answer.status_code == 409
        and all(_is_identical(item) for item in _items(answer, FAILED))
        and uids == set(_uids(answer, FAILED))
    )


def _is_identical(item: dict[str, dict[str, list[object]]]) -> bool:
    (reason,), (comment,) = item[REASON]["Value"], item[COMMENT]["Value"]
    return reason == EXISTS and "identical bytes" in str(comment)


def _uids(answer: httpx.Response, sequence: str) -> Iterator[str]:
    for item in _items(answer, sequence):
        yield str(item[UID]["Value"][0])


def _items(
    answer: httpx.Response, sequence: str
) -> list[dict[str, dict[str, list[object]]]]:
    return list(answer.json().get(sequence, {}).get("Value", []))
