"""What the worklist refuses, with the status codes of DICOM PS3.4 annex CC.

::

    NotFound
     ├── NoSuchWorkitem        C307
     └── NoSuchSubscription
    Invalid
     ├── WorkitemInvalid       a data set breaks the rules of table CC.2.5-3
     └── WrongTransactionUid   C301
    Conflict
     ├── ClaimedByAnother      who acts without a Transaction UID has not claimed it
     └── WorkitemRefused       its state does not allow it, or there is one already
"""

from collections.abc import Sequence
from typing import Final

from core.errors import Conflict, Invalid, NotFound
from worklist.rules import Finding, Outcome, Status

_SHOWN: Final = 10  # findings in one message


class NoSuchWorkitem(NotFound):
    """There is none of this UID, or the actor may not see it."""

    code = "NO_SUCH_WORKITEM"
    status = Status.UNKNOWN_WORKITEM

    def __init__(self) -> None:
        super().__init__(_words(self.status), path="workitem")


class NoSuchSubscription(NotFound):
    """The subscriber is not told of this, so that nothing can end."""

    code = "NO_SUCH_SUBSCRIPTION"

    def __init__(self) -> None:
        super().__init__("There is no such subscription.", path="aetitle")


class WorkitemInvalid(Invalid):
    """A data set breaks the rules of a workitem (DICOM PS3.4 table CC.2.5-3).

    Parameters
    ----------
    findings
        All that is wrong with it.
    """

    code = "WORKITEM_INVALID"

    def __init__(self, findings: Sequence[Finding]) -> None:
        shown = " ".join(finding.message for finding in findings[:_SHOWN])
        more = len(findings) - _SHOWN
        told = f"{shown} And {more} more." if more > 0 else shown
        super().__init__(told, path=findings[0].path or None)
        self.findings = tuple(findings)
        self.status = findings[0].status


class WrongTransactionUid(Invalid):
    """It has been claimed by another Transaction UID, or the request has none.

    Parameters
    ----------
    outcome
        What has been decided, with the words of the standard.
    """

    code = "WRONG_TRANSACTION_UID"

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(_words(outcome.status), path="TransactionUID")
        self.status = outcome.status
        self.outcome = outcome


class ClaimedByAnother(Conflict):
    """Somebody else works at it: who acts as an account has not claimed it."""

    code = "CLAIMED_BY_ANOTHER"
    status = Status.WRONG_TRANSACTION_UID

    def __init__(self) -> None:
        super().__init__("Somebody else has claimed this workitem.", path="workitem")


class WorkitemRefused(Conflict):
    """The state of the workitem does not allow what is asked for.

    Parameters
    ----------
    outcome
        What has been decided, with the words of the standard.
    findings
        What the workitem lacks for the state that is asked for.
    """

    code = "WORKITEM_REFUSED"

    def __init__(self, outcome: Outcome, findings: Sequence[Finding] = ()) -> None:
        words = [_words(outcome.status), *(each.message for each in findings[:_SHOWN])]
        path = findings[0].path if findings else "workitem"
        super().__init__(" ".join(words), path=path)
        self.status = outcome.status
        self.outcome = outcome
        self.findings = tuple(findings)


def refusal(
    outcome: Outcome, findings: Sequence[Finding] = ()
) -> NoSuchWorkitem | WrongTransactionUid | WorkitemRefused:
    """Return the error that a decision against a request is."""
    if outcome.status is Status.UNKNOWN_WORKITEM:
        return NoSuchWorkitem()
    if outcome.status is Status.WRONG_TRANSACTION_UID:
        return WrongTransactionUid(outcome)
    return WorkitemRefused(outcome, findings)


def _words(status: Status) -> str:
    return f"{status.code}: {status.words}"
