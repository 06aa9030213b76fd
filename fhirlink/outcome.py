"""OperationOutcome: what a client is told of what failed, or was done (R4 2.32)."""

from collections.abc import Iterable
from typing import Any, Literal

from core.boundary import fault_of
from fhirlink.validation import InvalidResource, Issue

Severity = Literal["fatal", "error", "warning", "information"]


def saying(
    severity: Severity, text: str, *, code: str = "informational", path: str = ""
) -> dict[str, Any]:
    """Return an outcome of one issue.

    Parameters
    ----------
    path
        FHIRPath of the element at fault, or the name of a parameter or header.
    """
    issue: dict[str, Any] = {"severity": severity, "code": code, "diagnostics": text}
    if path:
        issue["expression"] = [path]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def of_issues(issues: Iterable[Issue]) -> dict[str, Any]:
    """Return an outcome of what is wrong with a resource.

    Parameters
    ----------
    issues
        One at least, as FHIR asks for.
    """
    told = [
        {
            "severity": each.severity,
            "code": each.code,
            "diagnostics": f"{each.expression} {each.diagnostics}.",
            "expression": [each.expression],
        }
        for each in issues
    ]
    return {"resourceType": "OperationOutcome", "issue": told}


def outcome_of(error: Exception, text: str) -> dict[str, Any]:
    """Return the outcome of a request that failed; `text` says why."""
    if isinstance(error, InvalidResource):
        return of_issues(error.issues)
    path = getattr(error, "path", None) or ""
    return saying("error", text, code=fault_of(error).fhir, path=path)
