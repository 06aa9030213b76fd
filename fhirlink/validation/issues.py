"""What is wrong with a resource, and where."""

from typing import Final, NamedTuple

MAXIMUM: Final = 100
"""Issues that are told of one resource: who made it knows enough by then."""

At = tuple["At | None", str | int]
"""A place: the one around it, and a name or a number in that."""


class Issue(NamedTuple):
    """What is wrong (FHIR R4 OperationOutcome.issue).

    Attributes
    ----------
    code
        Of FHIR's IssueType: ``structure``, ``required``, ``value``, ``code-invalid``,
        ``invariant``.
    diagnostics
        Says what is wrong, and what would be right; holds no data of the resource but
        codes and names.
    expression
        FHIRPath of the element: ``Observation.component[0].code``.
    """

    severity: str
    code: str
    diagnostics: str
    expression: str


class Full(Exception):
    """There are as many issues as are told."""


class Found:
    """The issues of one resource."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def add(self, code: str, at: At, words: str) -> None:
        """Add an error.

        Raises
        ------
        Full
            It was the last one that is told.
        """
        self.issues.append(Issue("error", code, words, expression_of(at)))
        if len(self.issues) >= MAXIMUM:
            raise Full


def expression_of(at: At) -> str:
    """Return the FHIRPath of a place."""
    steps: list[str] = []
    place: At | None = at
    while place is not None:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join(reversed(steps)).removeprefix(".")
